"""One entity's tower input: text embedding, missing-text flag, numbers, vocabularies, side by side."""

from __future__ import annotations

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
