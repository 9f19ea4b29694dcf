"""Keys of imported records: the same source record has the same key on every machine."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID, uuid5

_NAMESPACE = UUID("3b0d9f6e-4b8e-5c1a-9a53-6f2f0f7d0c11")


def identifier_of(source: str, kind: str, external_id: str) -> UUID:
    """The primary key of a record that came from `source` under `external_id`."""
    return uuid5(_NAMESPACE, f"{source}/{kind}/{external_id}")


def placeholder_email(external_id: str, domain: str) -> str:
    """An address for a person whose address the source does not tell; no mail can reach it.

    Two external ids that read alike still differ in the hash at the end of the local part.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", external_id.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(external_id.encode()).hexdigest()[:10]
    return f"{slug or 'member'}-{digest}@{domain}"
