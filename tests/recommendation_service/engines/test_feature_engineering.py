from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.feature_config import FeatureConfig
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.types import FloatArray, Location, Position, StartupRecord, TrainingData, UserRecord

OPENED = datetime(2025, 1, 1, tzinfo=UTC)
USER_FLAG, USER_ROLE = 384, 385
STARTUP_FLAG, STARTUP_COUNT, STARTUP_ACTIVE, STARTUP_TYPE = 384, 385, 386, 387


@pytest.fixture(scope="module")
def encoder(platform: TrainingData) -> FeatureEncoder:
    return FeatureEncoder.fit(FeatureConfig(), platform.users, platform.startups)


def user_row(encoder: FeatureEncoder, record: UserRecord) -> FloatArray:
    row: FloatArray = encoder.users.encode([record]).features[0]
    return row


def startup_row(encoder: FeatureEncoder, record: StartupRecord) -> FloatArray:
    row: FloatArray = encoder.startups.encode([record]).features[0]
    return row


def test_widths_are_the_specified_ones(encoder: FeatureEncoder, platform: TrainingData) -> None:
    users = encoder.users.encode(platform.users).features
    startups = encoder.startups.encode(platform.startups).features
    assert users.shape == (len(platform.users), 512)
    assert startups.shape == (len(platform.startups), 468)
    assert users.dtype == startups.dtype == np.float32


def test_text_comes_first_unchanged(encoder: FeatureEncoder, platform: TrainingData) -> None:
    np.testing.assert_array_equal(user_row(encoder, platform.users[0])[:384], platform.users[0].embedding)


def test_what_nobody_knows_is_zeros_and_the_flag(encoder: FeatureEncoder) -> None:
    row = user_row(encoder, UserRecord(id="u", role=""))
    assert set(np.flatnonzero(row)) == {USER_FLAG}
    row = startup_row(encoder, StartupRecord(id="s", opened_at=OPENED))
    assert set(np.flatnonzero(row)) == {STARTUP_FLAG}


def test_a_present_embedding_clears_the_flag(encoder: FeatureEncoder) -> None:
    text = np.full(384, 0.1, dtype=np.float32)
    assert user_row(encoder, UserRecord(id="u", role="", embedding=text))[USER_FLAG] == 0.0


@pytest.mark.parametrize(
    "embedding",
    [np.ones(383, np.float32), np.ones((1, 384), np.float32), np.r_[np.ones(383), np.nan].astype(np.float32)],
    ids=["too short", "two-dimensional", "NaN"],
)
def test_a_broken_embedding_counts_as_missing(encoder: FeatureEncoder, embedding: FloatArray) -> None:
    good = np.ones(384, np.float32)
    records = [UserRecord(id=str(n), role="", embedding=text) for n, text in enumerate([embedding, None, good])]
    encoded = encoder.users.encode(records)
    assert (encoded.missing_embeddings, encoded.invalid_embeddings) == (1, 1)
    np.testing.assert_array_equal(encoded.features[:, USER_FLAG], [1, 1, 0])
    np.testing.assert_array_equal(encoded.features[0, :384], np.zeros(384))
    assert np.isfinite(encoded.features).all()


def test_each_group_has_its_own_slot_for_the_unknown(encoder: FeatureEncoder) -> None:
    """An unseen value lights the last slot of its group and no other."""
    place = Location(country="?", state="?", region="?", city="?")
    strange = UserRecord(
        id="u", role="?", location=place, skills=("?",), categories=("?",), fields=("?",), tags=("?",), stages=("?",)
    )
    slots = encoder.config.user
    widths = [slots.role, slots.categories, slots.fields, slots.tags, slots.stages, slots.skills]
    widths += [slots.country, slots.state, slots.region, slots.city]
    last = USER_FLAG + np.cumsum(widths)
    assert set(np.flatnonzero(user_row(encoder, strange))) == {USER_FLAG, *last.tolist()}


def test_most_frequent_role_is_the_first_slot() -> None:
    users = [UserRecord(id=str(n), role=role) for n, role in enumerate(["b", "a", "b", "c"])]
    encoder = FeatureEncoder.fit(FeatureConfig(), users, [])
    rows = encoder.users.encode(users).features
    assert [int(row[USER_ROLE : USER_ROLE + 4].argmax()) for row in rows] == [0, 1, 0, 2]


def test_positions_are_counted_and_their_title_words_known() -> None:
    hiring = StartupRecord(
        id="s",
        opened_at=OPENED,
        positions=(Position(title="Data engineer"), Position(title="Engineer", is_active=False)),
    )
    encoder = FeatureEncoder.fit(FeatureConfig(), [], [hiring])
    row = startup_row(encoder, hiring)
    assert row[STARTUP_COUNT] == pytest.approx(np.log(3))
    assert row[STARTUP_ACTIVE] == pytest.approx(np.log(2))
    assert encoder.startups.vocabularies["position_titles"].values == ("data", "engineer")


def test_nothing_of_the_future_is_a_feature(encoder: FeatureEncoder, platform: TrainingData) -> None:
    """Status, rounds and dates may be from after the event, so no value of theirs changes the input."""
    startup = platform.startups[0]
    later = replace(startup, status="closed", closed_at=OPENED, rounds=(), founded_on=None, owner_id="x", id="y")
    np.testing.assert_array_equal(startup_row(encoder, startup), startup_row(encoder, later))


def test_state_round_trips_through_json(encoder: FeatureEncoder, platform: TrainingData) -> None:
    again = FeatureEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert again.schema_hash == encoder.schema_hash
    for before, after in ((encoder.users, again.users),):
        np.testing.assert_array_equal(before.encode(platform.users).features, after.encode(platform.users).features)
    np.testing.assert_array_equal(
        encoder.startups.encode(platform.startups).features, again.startups.encode(platform.startups).features
    )


def test_another_vocabulary_is_another_schema(encoder: FeatureEncoder, platform: TrainingData) -> None:
    fewer = FeatureEncoder.fit(FeatureConfig(), platform.users[:1], platform.startups)
    assert fewer.schema_hash != encoder.schema_hash


@pytest.mark.parametrize("damage", [{"version": 0}, {"users": {}}, {"config": {"text": "x"}}, {"startups": None}])
def test_a_damaged_state_is_refused(encoder: FeatureEncoder, damage: dict[str, object]) -> None:
    with pytest.raises(ModelFileError, match="feature"):
        FeatureEncoder.from_dict({**encoder.to_dict(), **damage})


def test_order_and_company_do_not_matter(encoder: FeatureEncoder, platform: TrainingData) -> None:
    together = encoder.startups.encode(platform.startups).features
    alone = np.stack([startup_row(encoder, startup) for startup in platform.startups])
    np.testing.assert_array_equal(together, alone)


def test_nobody_at_all(encoder: FeatureEncoder) -> None:
    assert encoder.users.encode([]).features.shape == (0, 512)


TEXTS = [None, np.ones(384, np.float32), np.full(384, 1e30, np.float32), np.ones(384, np.float64) / 3]
BROKEN = [np.ones(383, np.float32), np.ones((1, 384), np.float32), np.full(384, np.inf, np.float32)]


@pytest.mark.parametrize("embedding", [*TEXTS, *BROKEN])
def test_one_row_is_that_of_many(encoder: FeatureEncoder, embedding: FloatArray | None) -> None:
    user = UserRecord(
        id="u", role="Student", skills=("sql", "unheard of", "SQL "), tags=("a", "b", "c"), embedding=embedding
    )
    startup = StartupRecord(
        id="s", opened_at=OPENED, positions=(Position(title="Data engineer", is_active=True),), embedding=embedding
    )
    for one, many in (
        (encoder.users.encode_one(user), encoder.users.encode([user])),
        (encoder.startups.encode_one(startup), encoder.startups.encode([startup])),
    ):
        row = np.zeros_like(many.features[0])
        row[:384] = 0 if one.text is None else one.text
        row[384:][one.columns] = one.values
        np.testing.assert_array_equal(row, many.features[0])
        assert len(set(one.columns)) == len(one.columns)
