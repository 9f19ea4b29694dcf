"""Where the next page of a list begins, as a short word that a caller hands back."""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import ClassVar, Self
from uuid import UUID

_FORMAT = struct.Struct(">16s16sHH")
_PADDING = b"=" * (-_FORMAT.size % 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCursor:
    """A place in a kept list.

    Attributes:
        list_id: The request id of the list.
        kept_as: The id under which it is kept, that of the same list as it was first shown.
        offset: How many places of the kept list were passed.
        shown: How many of them were shown; the next item's rank is one more.
    """

    LENGTH: ClassVar[int] = 4 * -(-_FORMAT.size // 3) - len(_PADDING)

    list_id: UUID
    kept_as: UUID
    offset: int
    shown: int

    def encode(self) -> str:
        """48 characters that are safe in a URL."""
        packed = _FORMAT.pack(self.list_id.bytes, self.kept_as.bytes, self.offset, self.shown)
        return urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Self:
        """The cursor that `encode` wrote.

        Raises:
            ValueError: If the text is no cursor.
        """
        if len(text) != cls.LENGTH or not text.isascii():
            raise ValueError(f"a cursor has {cls.LENGTH} ASCII characters, got {len(text)}")
        try:
            packed = urlsafe_b64decode(text.encode("ascii") + _PADDING)
        except binascii.Error as error:
            raise ValueError("a cursor is base64url") from error
        if len(packed) != _FORMAT.size:
            raise ValueError("a cursor is base64url")
        list_id, kept_as, offset, shown = _FORMAT.unpack(packed)
        if not 0 < shown <= offset:
            raise ValueError("a cursor has passed at least one place, and shown no more than it passed")
        return cls(list_id=UUID(bytes=list_id), kept_as=UUID(bytes=kept_as), offset=offset, shown=shown)
