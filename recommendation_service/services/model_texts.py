"""Whether the platform holds texts that a model can read: those of the encoder that it was trained on."""

from __future__ import annotations

from recommendation_service.engines.errors import ModelFileError
from recommendation_service.services.ports import TextCounts
from recommendation_service.services.text_encoders import are_comparable


def require_readable_texts(version: str, trained_on: str | None, texts: TextCounts) -> None:
    """See to it that a version finds a text that it can read, if there is any text at all.

    Args:
        version: Its name.
        trained_on: The encoder of the texts it was trained on; None where nobody tells.
        texts: Of the open startups.

    Raises:
        ModelFileError: If every text is by another encoder.
    """
    if trained_on is not None and texts.by_encoder and trained_on not in texts.by_encoder:
        raise other_encoder(version, trained_on, " and ".join(sorted(texts.by_encoder)))


def require_encoder(version: str, trained_on: str | None, encoder: str | None) -> None:
    """See to it that a version is asked about texts of its encoder.

    Raises:
        ModelFileError: If those of the catalogue are by another one.
    """
    if not are_comparable(trained_on, encoder):
        raise other_encoder(version, trained_on, encoder)


def other_encoder(version: str, trained_on: str | None, found: str | None) -> ModelFileError:
    """What keeps a version from serving, and both cures."""
    return ModelFileError(
        f"{version} was trained on texts by {trained_on}, those of the catalogue are by {found}; "
        f"train on a new dataset, or run `python manage.py generate_embeddings` with TEXT_ENCODER={trained_on}"
    )


def unreadable_texts(version: str, trained_on: str | None, *, unreadable: int, startups: int) -> str | None:
    """What a version that can serve would not see; None where it reads every text.

    Args:
        version: Its name.
        trained_on: The encoder of the texts it was trained on.
        unreadable: Texts of open startups by another encoder, of another width or not finite.
        startups: All open startups.
    """
    if not unreadable:
        return None
    by = f"by {trained_on}" if trained_on else "that the model can read"
    return (
        f"{unreadable} of {startups} open startups have a text, but none {by}: {version} ranks them without; "
        "run `python manage.py generate_embeddings`"
        + (f" with TEXT_ENCODER={trained_on}, or train on a new dataset" if trained_on else "")
    )
