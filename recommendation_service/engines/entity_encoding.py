"""One entity's tower input: text embedding, missing-text flag, numbers, vocabularies, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from recommendation_service.engines.types import BoolArray, FloatArray, StartupRecord, UserRecord
from recommendation_service.engines.vocabulary import Vocabulary

RecordT = TypeVar("RecordT", UserRecord, StartupRecord)
Values = Callable[[RecordT], Iterable[str]]
Amount = Callable[[RecordT], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """Tower inputs of some entities.

    Attributes:
        features: float32 [R, F].
        missing_embeddings: Rows without a text embedding.
        invalid_embeddings: Rows whose embedding was of the wrong size or not finite; treated as missing.
    """

    features: FloatArray
    missing_embeddings: int
    invalid_embeddings: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SparseRow:
    """The tower input of one entity, without the zeros of its profile.

    Attributes:
        text: Text embedding float32 [T], or None where it is missing or invalid.
        columns: Of what is not zero behind the text, the flag of a missing text included; counted from there.
        values: As many.
    """

    text: FloatArray | None
    columns: list[int]
    values: list[float]


class EntityEncoder(Generic[RecordT]):
    """Text, numbers and vocabularies of one kind of entity, side by side."""

    def __init__(
        self,
        *,
        text_width: int,
        amounts: Sequence[Amount[RecordT]],
        groups: Mapping[str, Values[RecordT]],
        vocabularies: Mapping[str, Vocabulary],
    ) -> None:
        self._text_width = text_width
        self._amounts: Sequence[Amount[RecordT]] = amounts
        self._groups: Mapping[str, Values[RecordT]] = groups
        self.vocabularies = vocabularies
        slots = sum(vocabularies[name].width for name in groups)
        self._width = text_width + 1 + len(amounts) + slots

    def encode(self, records: Sequence[RecordT]) -> Encoded:
        """One row per record, in order."""
        features = np.zeros((len(records), self._width), dtype=np.float32)
        missing, invalid = write_texts(features[:, : self._text_width], [record.embedding for record in records])
        features[:, self._text_width] = missing | invalid
        column = self._text_width + 1
        for amount in self._amounts:
            features[:, column] = [amount(record) for record in records]
            column += 1
        for name, values in self._groups.items():
            vocabulary = self.vocabularies[name]
            vocabulary.mark(features[:, column : column + vocabulary.width], map(values, records))
            column += vocabulary.width
        return Encoded(
            features=features,
            missing_embeddings=int(missing.sum()),
            invalid_embeddings=int(invalid.sum()),
        )

    def encode_one(self, record: RecordT) -> SparseRow:
        """The row that `encode` makes of one record, in less time."""
        text = _valid_text(record.embedding, self._text_width)
        columns, values = ([0], [1.0]) if text is None else ([], [])
        for column, amount in enumerate(self._amounts, start=1):
            columns.append(column)
            values.append(amount(record))
        column = 1 + len(self._amounts)
        for name, group in self._groups.items():
            vocabulary = self.vocabularies[name]
            if given := group(record):
                slots, value = vocabulary.marks(given)
                for slot in slots:
                    columns.append(column + slot)
                    values.append(value)
            column += vocabulary.width
        return SparseRow(text=text, columns=columns, values=values)


def text_block(embeddings: Sequence[FloatArray | None], width: int) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Embeddings [R, width] with zeros where there is none, and which rows [R] are missing or invalid."""
    block = np.zeros((len(embeddings), width), dtype=np.float32)
    missing, invalid = write_texts(block, embeddings)
    return block, missing, invalid


def write_texts(block: FloatArray, embeddings: Sequence[FloatArray | None]) -> tuple[BoolArray, BoolArray]:
    """As `text_block`, into zeros float32 [R, width]."""
    missing, invalid = np.zeros((2, len(block)), dtype=np.bool_)
    for row, embedding in enumerate(embeddings):
        if embedding is None:
            missing[row] = True
        elif embedding.shape == block.shape[1:]:
            block[row] = embedding
        else:
            invalid[row] = True
    finite = np.isfinite(block).all(axis=1)
    if not finite.all():
        block[~finite] = 0.0
        invalid |= ~finite
    return missing, invalid


def _valid_text(embedding: FloatArray | None, width: int) -> FloatArray | None:
    """A text embedding float32 [width]; None for what `write_texts` calls missing or invalid."""
    if embedding is None or embedding.shape != (width,):
        return None
    text = np.asarray(embedding, dtype=np.float32)
    wide = text.astype(np.float64)
    # No square of a float32 is too large for a float64: the sum is finite if all are.
    return text if math.isfinite(wide.dot(wide)) else None
