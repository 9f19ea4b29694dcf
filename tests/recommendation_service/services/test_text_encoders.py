"""Texts of two encoders are never compared: those of the other one are missing, counted and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from contracts.api import Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.types import StartupRecord, TrainingData, UserState
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.people_book import PeopleBlock, PeopleBook
from recommendation_service.services.people_engine import people_engine
from recommendation_service.services.people_ports import Member
from recommendation_service.services.ports import (
    CatalogueChanges,
    CatalogueMark,
    LearnedModel,
    NoCatalogueStore,
    OpenStartups,
)
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.startup_activity import StartupActivity
from recommendation_service.services.text_encoders import changes_of_encoder, of_one_encoder, person_of_encoder

MARK = CatalogueMark(read_at=datetime(2025, 5, 1, tzinfo=UTC))
Startups = Sequence[StartupRecord]


def by(encoder: str, startups: Startups) -> list[StartupRecord]:
    """The startups with their texts by another encoder."""
    return [startup if startup.embedding is None else replace(startup, encoder=encoder) for startup in startups]


def with_texts(platform: TrainingData, count: int) -> list[StartupRecord]:
    found = [startup for startup in platform.startups if startup.embedding is not None and startup.closed_at is None]
    return found[:count]


def texts_left(startups: Startups) -> set[str]:
    return {startup.id for startup in startups if startup.embedding is not None}


@pytest.mark.parametrize(
    ("old", "new", "wanted", "chosen"),
    [
        (3, 2, None, "old"),
        (2, 3, None, "new"),
        (2, 2, None, "new"),  # neither is most used: the first by name
        (3, 2, "new", "new"),
        (3, 2, "gone", "old"),
        (0, 0, "new", "new"),
        (0, 0, None, None),
    ],
)
def test_which_encoder_counts(
    platform: TrainingData, old: int, new: int, wanted: str | None, chosen: str | None
) -> None:
    startups = with_texts(platform, old + new)
    opened = OpenStartups(startups=[*by("old", startups[:old]), *by("new", startups[old:])], mark=MARK)
    found = of_one_encoder(opened, wanted)
    assert found.encoder == chosen
    left = {"old": startups[:old], "new": startups[old:], None: []}[chosen]
    assert texts_left(found.startups) == {startup.id for startup in left}
    assert found.foreign == {startup.id for startup in startups} - texts_left(found.startups)
    assert [startup.id for startup in found.startups] == [startup.id for startup in startups]


def test_what_nobody_tells_the_encoder_of_counts(platform: TrainingData) -> None:
    untold = replace(with_texts(platform, 1)[0], encoder=None)
    found = of_one_encoder(OpenStartups(startups=[untold], mark=MARK), "any")
    assert found.startups[0] is untold


def test_a_change_follows_the_catalogue(platform: TrainingData) -> None:
    startups = with_texts(platform, 2)
    changes = CatalogueChanges(startups=by("new", startups), gone=frozenset(), unusable=frozenset(), mark=MARK)
    masked, encoder = changes_of_encoder(changes, "old")
    assert (texts_left(masked.startups), masked.foreign, encoder) == (set(), {s.id for s in startups}, "old")
    taken, encoder = changes_of_encoder(changes, None)
    assert (texts_left(taken.startups), taken.foreign, encoder) == ({s.id for s in startups}, frozenset(), "new")


def test_a_person_keeps_everything_but_the_text(platform: TrainingData) -> None:
    person = UserState(record=replace(platform.users[0], encoder="new"))
    assert person_of_encoder(person, "new") is person
    found = person_of_encoder(person, "old").record
    assert found.embedding is None
    assert (found.id, found.skills, found.categories) == (person.record.id, person.record.skills, ("fintech",))


def test_a_half_re_encoded_catalogue_answers_and_says_so(fake_database: Any, platform: TrainingData) -> None:
    """The other half is ranked as if it had no text at all, which is compared with a catalogue that has none there."""
    half = with_texts(platform, 5)
    rest = [startup for startup in fake_database.startups if startup not in half]
    fake_database.change([*by("new", half), *rest])
    mixed = RecommendationService(fake_database, enable_two_tower=False)
    user_id = platform.users[0].id
    answer = mixed.recommend(user_id)
    assert (answer.rung, answer.degraded) == (Rung.CONTENT_BASED, False)
    assert "embeddings: 5 of startups are not by tests" in "; ".join(mixed.state.readiness().problems)
    assert mixed.state.status().problems == mixed.state.readiness().problems

    fake_database.change([*(replace(startup, embedding=None, encoder=None) for startup in half), *rest])
    without = RecommendationService(fake_database, enable_two_tower=False)
    assert scores_of(answer) == scores_of(without.recommend(user_id))
    assert without.state.readiness().problems == []


def test_a_person_of_another_encoder_is_answered_as_one_without_text(
    fake_database: Any, platform: TrainingData
) -> None:
    user_id = next(user.id for user in platform.users if user.embedding is not None)
    service = RecommendationService(fake_database, enable_two_tower=False)
    compared = service.recommend(user_id)
    fake_database.users[user_id] = replace(fake_database.users[user_id], encoder="new")
    answer = service.recommend(user_id)
    assert service.fallbacks.counts == {("user_text", "other_encoder"): 1}
    fake_database.users[user_id] = replace(fake_database.users[user_id], embedding=None, encoder=None)
    assert scores_of(answer) == scores_of(service.recommend(user_id))
    assert scores_of(answer) != scores_of(compared)


def test_members_of_another_encoder_are_encoded_without_their_texts_and_counted(
    fake_database: Any, platform: TrainingData
) -> None:
    service = RecommendationService(fake_database, enable_two_tower=False)
    engine = people_engine(service.keeper.current())
    assert engine is not None
    users = [user for user in platform.users if user.embedding is not None][:3]
    foreign = [replace(user, encoder="new") for user in users[:2]]
    bare = [replace(user, embedding=None, encoder=None) for user in users[:2]]
    block = PeopleBlock.of(members_of([*foreign, users[2]]), engine.parts, engine.encoder)
    book = PeopleBook.empty(engine.people_key).changed(block, [])
    assert book.foreign.tolist() == [True, True, False]
    expected = PeopleBlock.of(members_of([*bare, users[2]]), engine.parts, engine.encoder)
    np.testing.assert_array_equal(block.parts.dense, expected.parts.dense)
    assert book.changed(None, [users[0].id]).together().foreign.tolist() == [True, False]


def members_of(records: Sequence[Any]) -> list[Member]:
    return [Member(state=UserState(record=record), joined_at=datetime(2025, 1, 1, tzinfo=UTC)) for record in records]


def scores_of(answer: Any) -> list[tuple[UUID, float]]:
    return [(item.startup_id, item.score) for item in answer.items]


class TestModelsOfAnotherEncoder:
    """A model is asked about texts of its own encoder, or it does not serve."""

    @pytest.fixture
    def models(self, told_models: Callable[..., Any], told_recommender: Callable[..., Recommender]) -> Any:
        def learned(encoder: str) -> LearnedModel:
            return LearnedModel(engines={Rung.TWO_TOWER: told_recommender()}, encoder=encoder)

        return told_models(v1=learned("tests"), v2=learned("new"))

    @pytest.fixture
    def half_re_encoded(self, fake_database: Any, platform: TrainingData) -> Any:
        half = with_texts(platform, 5)
        fake_database.change([*by("new", half), *(s for s in fake_database.startups if s not in half)])
        return fake_database

    def test_model_catalogue_and_encoder_switch_as_one(self, half_re_encoded: Any, models: Any) -> None:
        service = RecommendationService(half_re_encoded, models=models)
        before = service.keeper.current()
        assert (before.model.version, before.encoder, len(before.foreign)) == ("v1", "tests", 5)
        models.active = "v2"
        service.keeper.refresh()
        after = service.keeper.current()
        assert (after.model.version, after.encoder) == ("v2", "new")
        assert len(texts_left(after.catalogue.startups)) == 5
        assert after.rungs[Rung.TWO_TOWER].scorer.catalogue is after.catalogue
        service.keeper.refresh()
        assert service.keeper.current() is after

    def test_the_first_catalogue_is_read_for_the_model_that_is_active(self, half_re_encoded: Any, models: Any) -> None:
        models.active = "v2"
        snapshot = RecommendationService(half_re_encoded, models=models).keeper.current()
        assert (snapshot.model.version, snapshot.encoder, half_re_encoded.reads) == ("v2", "new", 1)

    def test_one_whose_encoder_nobody_uses_leaves_the_old_one_serving(self, fake_database: Any, models: Any) -> None:
        service = RecommendationService(fake_database, models=models)
        before = service.keeper.current()
        models.active = "v2"
        service.keeper.refresh()
        assert service.keeper.current() is before
        problem = service.model_control.models().problem
        assert "v2 was trained on texts by new, those of the catalogue are by tests" in problem

    def test_nor_does_it_serve_from_the_start(self, fake_database: Any, models: Any) -> None:
        models.active = "v2"
        service = RecommendationService(fake_database, models=models)
        snapshot = service.keeper.current()
        assert (snapshot.model, snapshot.encoder) == (None, "tests")
        assert "v2 was trained on texts by new" in service.model_control.models().problem

    def test_a_catalogue_that_cannot_be_read_for_it_leaves_the_old_one_serving(
        self, half_re_encoded: Any, models: Any
    ) -> None:
        service = RecommendationService(half_re_encoded, models=models)
        before = service.keeper.current()
        models.active = "v2"
        half_re_encoded.broken = OSError("no answer")
        service.keeper.refresh()
        assert service.keeper.current() is before
        half_re_encoded.broken = None
        half_re_encoded.change(list(half_re_encoded.startups))
        service.keeper.refresh()
        service.keeper.refresh()
        assert service.keeper.current().model.version == "v2"

    @pytest.mark.parametrize("version", ["v1", "v2"])
    def test_validation_finds_out_what_activation_would_do(
        self, half_re_encoded: Any, models: Any, version: str
    ) -> None:
        service = RecommendationService(half_re_encoded, models=models)
        before = service.keeper.current()
        texts = sum(startup.embedding is not None for startup in half_re_encoded.startups)
        foreign = 5 if version == "v1" else texts - 5
        found = service.model_control.validate(version)
        assert (found.valid, found.problem) == (True, None)
        told = f"{foreign} of {len(half_re_encoded.startups)} open startups have a text, but none by"
        assert told in (found.warning or "")
        assert service.keeper.current() is before
        service.model_control.activate(version, reason="try")
        service.keeper.refresh()
        after = service.keeper.current()
        assert (after.model.version, len(after.foreign)) == (version, foreign)

    def test_what_reads_every_text_is_not_warned_of(self, fake_database: Any, models: Any) -> None:
        assert RecommendationService(fake_database, models=models).model_control.validate("v1").warning is None

    def test_one_whose_encoder_nobody_uses_is_neither_valid_nor_activated(
        self, fake_database: Any, models: Any
    ) -> None:
        service = RecommendationService(fake_database, models=models)
        service.keeper.refresh()
        problem = "v2 was trained on texts by new, those of the catalogue are by tests"
        found = service.model_control.validate("v2")
        assert (found.valid, found.warning) == (False, None)
        assert problem in (found.problem or "")
        with pytest.raises(ModelFileError, match=problem):
            service.model_control.activate("v2", reason="try")
        assert models.active == "v1"
        assert service.model_control.activate("v2", reason="texts follow", force=True).active == "v2"

    def test_a_database_that_does_not_answer_hinders_no_activation(self, fake_database: Any, models: Any) -> None:
        service = RecommendationService(fake_database, models=models)
        service.keeper.refresh()
        fake_database.broken = DatabaseUnavailableError("no answer")
        assert service.model_control.activate("v2", reason="try").active == "v2"

    def test_a_catalogue_that_is_only_looked_at_is_not_kept(self, half_re_encoded: Any, models: Any) -> None:
        store = Kept()
        service = RecommendationService(half_re_encoded, models=models, store=store)
        service.keeper.refresh()
        assert store.encoders == ["tests"]
        assert service.model_control.validate("v2").valid
        assert store.encoders == ["tests"]


class Kept(NoCatalogueStore):
    """Remembers whose texts it was given to keep."""

    def __init__(self) -> None:
        self.encoders: list[str | None] = []

    def keep(self, opened: OpenStartups, activity: Sequence[StartupActivity]) -> OpenStartups:
        self.encoders.append(opened.encoder)
        return super().keep(opened, activity)
