from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from recommendations import embeddings
from recommendations.data_errors import EncoderError
from recommendations.embedding_texts import startup_text
from recommendations.embedding_vectors import text_hash, vector_from_bytes
from recommendations.embeddings import STARTUPS, USERS, embedding_refresh_for, embeddings_generate
from recommendations.hashing_encoder import HashingEncoder
from recommendations.models import StartupEmbedding, UserEmbedding
from startups.models import Startup

pytestmark = pytest.mark.django_db


class RecordingEncoder(HashingEncoder):
    """Remembers what it was asked, and fails after a number of calls."""

    def __init__(self, *, model_id: str = "hashing", calls: int = 10**9) -> None:
        super().__init__()
        self.model_id = model_id
        self.batches: list[list[str]] = []
        self.calls_left = calls

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not self.calls_left:
            raise KeyboardInterrupt
        self.calls_left -= 1
        self.batches.append(list(texts))
        return super().encode(texts)

    @property
    def texts(self) -> list[str]:
        return [text for batch in self.batches for text in batch]


def counts(summary: Any) -> tuple[int, int, int, int]:
    return summary.embedded, summary.texts, summary.unchanged, summary.without_text


def test_the_stored_vector_is_the_encoders(make_startup: Any) -> None:
    startup = make_startup()
    embeddings_generate(STARTUPS, HashingEncoder())
    stored = StartupEmbedding.objects.get(startup=startup)
    text = startup_text(startup)
    np.testing.assert_array_equal(vector_from_bytes(stored.vector), HashingEncoder().encode([text])[0])
    assert (stored.model_id, stored.text_hash) == ("hashing", text_hash(text))


def test_a_second_run_has_nothing_to_do(make_startup: Any) -> None:
    for _ in range(3):
        make_startup()
    assert counts(embeddings_generate(STARTUPS, RecordingEncoder())) == (3, 3, 0, 0)
    again = RecordingEncoder()
    assert counts(embeddings_generate(STARTUPS, again)) == (0, 0, 3, 0)
    assert again.texts == []


def test_only_what_changed_is_embedded_again(make_startup: Any) -> None:
    startups = [make_startup(title=f"Startup {number}") for number in range(3)]
    embeddings_generate(STARTUPS, HashingEncoder())
    Startup.objects.filter(pk=startups[1].pk).update(title="Renamed", country="USA")
    Startup.objects.filter(pk=startups[2].pk).update(country="USA")
    encoder = RecordingEncoder()
    assert counts(embeddings_generate(STARTUPS, encoder)) == (1, 1, 2, 0)
    assert encoder.texts[0].startswith("Renamed")
    assert StartupEmbedding.objects.get(startup=startups[1]).text_hash == text_hash(encoder.texts[0])


def test_another_encoder_or_force_embeds_all_again(make_startup: Any) -> None:
    make_startup()
    embeddings_generate(STARTUPS, HashingEncoder())
    assert counts(embeddings_generate(STARTUPS, RecordingEncoder(model_id="newer"))) == (1, 1, 0, 0)
    assert StartupEmbedding.objects.get().model_id == "newer"
    assert counts(embeddings_generate(STARTUPS, RecordingEncoder(model_id="newer"), force=True)) == (1, 1, 0, 0)


def test_equal_texts_are_encoded_once(make_user: Any) -> None:
    for _ in range(4):
        make_user(role="student", profile={"skills": ["python"]})
    encoder = RecordingEncoder()
    assert counts(embeddings_generate(USERS, encoder)) == (4, 1, 0, 0)
    assert encoder.texts == ["Skills: python"]
    assert UserEmbedding.objects.count() == 4


def test_who_says_nothing_has_no_embedding_and_loses_an_older_one(make_user: Any) -> None:
    user = make_user(role="student", profile={"bio": "I build."})
    embeddings_generate(USERS, HashingEncoder())
    user.profile.bio = ""
    user.profile.save()
    assert counts(embeddings_generate(USERS, HashingEncoder())) == (0, 0, 0, 1)
    assert not UserEmbedding.objects.exists()


def test_inactive_people_are_not_embedded(make_user: Any) -> None:
    make_user(role="investor", is_active=False)
    assert counts(embeddings_generate(USERS, HashingEncoder())) == (0, 0, 0, 0)


def test_an_interrupted_run_goes_on_where_it_stopped(make_startup: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "COMMIT", 2)
    monkeypatch.setattr(embeddings, "PAGE", 5)
    for _ in range(9):
        make_startup()
    interrupted = RecordingEncoder(calls=3)
    with pytest.raises(KeyboardInterrupt):
        embeddings_generate(STARTUPS, interrupted)
    assert StartupEmbedding.objects.count() == len(interrupted.texts) == 5
    resumed = RecordingEncoder()
    assert counts(embeddings_generate(STARTUPS, resumed)) == (4, 4, 5, 0)
    assert not set(resumed.texts) & set(interrupted.texts)


def test_batches_hold_texts_of_about_one_length(make_startup: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "COMMIT", 3)
    for words in (9, 1, 5, 2, 8, 1, 6, 9, 5):
        make_startup(description="word " * words)
    encoder = RecordingEncoder()
    embeddings_generate(STARTUPS, encoder)
    spans = sorted((min(map(len, batch)), max(map(len, batch))) for batch in encoder.batches)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_progress_ends_at_the_total(make_startup: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "COMMIT", 2)
    for _ in range(5):
        make_startup()
    seen: list[tuple[int, int]] = []
    embeddings_generate(STARTUPS, HashingEncoder(), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5, 5)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_an_entity_deleted_while_its_text_was_encoded_is_skipped(make_startup: Any) -> None:
    startups = [make_startup() for _ in range(2)]

    class Deleting(HashingEncoder):
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            Startup.objects.filter(pk=startups[0].pk).delete()
            return super().encode(texts)

    assert embeddings_generate(STARTUPS, Deleting()).embedded == 1
    assert StartupEmbedding.objects.get().startup_id == startups[1].pk


def test_a_failing_encoder_stores_nothing_of_its_batch(make_startup: Any) -> None:
    make_startup()

    class Failing(HashingEncoder):
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            raise EncoderError("broken")

    with pytest.raises(EncoderError):
        embeddings_generate(STARTUPS, Failing())
    assert not StartupEmbedding.objects.exists()


class TestRefresh:
    @pytest.fixture(autouse=True)
    def _hashing(self, settings: Any) -> None:
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"text_encoder": "hashing"})

    def test_a_new_startup_is_embedded_once(self, make_startup: Any) -> None:
        startup = make_startup()
        assert embedding_refresh_for(startup)
        assert StartupEmbedding.objects.get().startup_id == startup.pk
        assert not embedding_refresh_for(Startup.objects.get(pk=startup.pk))

    def test_a_changed_text_is_embedded_anew(self, make_startup: Any) -> None:
        startup = make_startup()
        embedding_refresh_for(startup)
        startup.title = "Renamed"
        startup.save()
        assert embedding_refresh_for(startup)
        assert StartupEmbedding.objects.get().text_hash == text_hash(startup_text(startup))


def test_a_startup_whose_embedding_changed_has_changed(make_startup, settings):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"text_encoder": "hashing"})
    startup = make_startup()
    before = startup.updated_at
    embedding_refresh_for(startup)
    startup.refresh_from_db()
    made = startup.updated_at
    assert made > before
    embedding_refresh_for(Startup.objects.get(pk=startup.pk))
    startup.refresh_from_db()
    assert startup.updated_at == made
    Startup.objects.update(title=" ", category="", field="")
    embedding_refresh_for(Startup.objects.get(pk=startup.pk))
    startup.refresh_from_db()
    assert startup.updated_at > made
