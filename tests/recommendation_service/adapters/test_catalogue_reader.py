from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from accounts.models import User
from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.engines.types import FundingRound as FundingRoundRecord
from recommendation_service.engines.types import Location
from recommendation_service.engines.types import Position as PositionRecord
from recommendation_service.services.ports import CatalogueChanges, CatalogueMark
from recommendation_service.services.recommendation_service import RecommendationService
from recommendations.models import StartupEmbedding
from startups.models import FundingRound, Position, Startup

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
VECTOR = np.linspace(-1, 1, EMBEDDING_DIM, dtype=np.float32)


def embed(startup: Startup, vector: bytes, encoder: str = "m") -> StartupEmbedding:
    return StartupEmbedding.objects.create(startup=startup, model_id=encoder, text_hash="h", vector=vector)


def test_a_startup_is_read_whole(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup], add_user: Callable[..., User]
) -> None:
    opened = datetime(2025, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
    fields: dict[str, Any] = {"type": "marketplace", "category": "fintech", "field": "payments", "phase": "idea"}
    place = {"country": "DEU", "state": "", "region": "Berlin", "city": "Berlin"}
    startup = add_startup(
        "Ünïcode & Co",
        **fields,
        **place,
        owner=add_user("owner"),
        external_id="/company/1",
        stages=["seed", "series-a"],
        tags=["ai", "日本"],
        founded_on=date(2024, 2, 29),
        opened_at=opened,
        closed_at=NOW + timedelta(days=1),
    )
    Position.objects.create(startup=startup, title="Engineer", requirements="python\nsql", is_active=False)
    Position.objects.create(startup=startup, title="Sales")
    FundingRound.objects.create(startup=startup, announced_on=date(2025, 6, 1), kind="series-a", amount_usd=1.5e6)
    FundingRound.objects.create(startup=startup, announced_on=date(2025, 1, 1), kind="seed")
    embed(startup, VECTOR.tobytes())

    read = database.open_startups(NOW)

    assert not read.unusable
    (record,) = read.startups
    assert record.id == str(startup.id)
    assert record.owner_id == str(startup.owner_id)
    assert (record.title, record.external_id, record.status) == ("Ünïcode & Co", "/company/1", "active")
    assert {name: getattr(record, name) for name in fields} == fields
    assert record.location == Location(**place)
    assert (record.stages, record.tags) == (("seed", "series-a"), ("ai", "日本"))
    assert (record.founded_on, record.opened_at, record.closed_at) == (
        date(2024, 2, 29),
        opened,
        NOW + timedelta(days=1),
    )
    assert record.positions == (
        PositionRecord(title="Engineer", requirements="python\nsql", is_active=False),
        PositionRecord(title="Sales"),
    )
    assert record.rounds == (
        FundingRoundRecord(announced_on=date(2025, 1, 1), kind="seed"),
        FundingRoundRecord(announced_on=date(2025, 6, 1), kind="series-a", amount_usd=1.5e6),
    )
    assert record.embedding is not None
    np.testing.assert_array_equal(record.embedding, VECTOR)


def test_only_what_members_can_find_now_is_read_newest_first(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup]
) -> None:
    add_startup("older", opened_at=NOW - timedelta(days=9))
    add_startup("newer", opened_at=NOW)
    add_startup("closing later", opened_at=NOW - timedelta(days=5), closed_at=NOW + timedelta(microseconds=1))
    add_startup("closed", closed_at=NOW)
    add_startup("opening later", opened_at=NOW + timedelta(microseconds=1))
    for status in ("hidden", "sold", "closed"):
        add_startup(status, status=status)
    titles = [record.title for record in database.open_startups(NOW).startups]
    assert titles == ["newer", "closing later", "older"]


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        VECTOR[:-1].tobytes(),
        np.full(EMBEDDING_DIM, np.nan, np.float32).tobytes(),
        np.zeros(EMBEDDING_DIM, np.float32).tobytes(),
        VECTOR.tobytes() + b"\x00",
    ],
    ids=["empty", "too short", "nan", "zero", "too long"],
)
def test_an_unusable_embedding_is_none_and_counted(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup], stored: bytes
) -> None:
    bad = add_startup("bad")
    embed(bad, stored)
    embed(add_startup("good"), VECTOR.tobytes())
    add_startup("without")
    read = database.open_startups(NOW)
    assert read.unusable == {str(bad.id)}
    assert [record.title for record in read.startups if record.embedding is not None] == ["good"]


def test_each_usable_embedding_says_which_encoder_made_it(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup]
) -> None:
    embed(add_startup("old"), VECTOR.tobytes(), "old-encoder")
    embed(add_startup("new"), VECTOR.tobytes(), "new-encoder")
    embed(add_startup("bad"), b"", "new-encoder")
    add_startup("without")
    encoders = {record.title: record.encoder for record in database.open_startups(NOW).startups}
    assert encoders == {"old": "old-encoder", "new": "new-encoder", "bad": None, "without": None}


def test_a_catalogue_half_re_encoded_answers_follows_and_says_so(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup], add_user: Callable[..., User]
) -> None:
    """What is re-encoded while the service runs is left out at once; what counts is decided when all is read anew."""
    embeddings = [embed(add_startup(f"startup {number}"), VECTOR.tobytes(), "old-encoder") for number in range(5)]
    service = RecommendationService(database, enable_two_tower=False)
    assert (service.keeper.current().encoder, service.state.readiness().problems) == ("old-encoder", [])
    for embedding in embeddings[:2]:
        embedding.model_id = "new-encoder"
        embedding.save()
    service.keeper.refresh()
    (told,) = service.state.readiness().problems
    assert told.startswith("embeddings: 2 of startups are not by old-encoder")
    assert len(service.recommend(add_user("a").id).items) == 5
    later = RecommendationService(database, enable_two_tower=False)
    embeddings[2].model_id = "new-encoder"
    embeddings[2].save()
    assert later.keeper.current().encoder == "new-encoder"
    assert len(later.keeper.current().foreign) == 2


def test_an_empty_catalogue_is_empty(database: SqlPlatformDatabase) -> None:
    read = database.open_startups(NOW)
    assert list(read.startups) == []
    assert database.catalogue_changes(read.mark, {}, NOW) == changes(read.mark)


def changes(mark: CatalogueMark) -> CatalogueChanges:
    """None since a mark."""
    return CatalogueChanges(startups=(), gone=frozenset(), unusable=frozenset(), mark=mark)


def test_a_startup_that_did_not_change_stays_the_record_it_was(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup]
) -> None:
    stays, renamed, embedded = add_startup("stays"), add_startup("renamed"), add_startup("embedded")
    for startup in (stays, renamed, embedded):
        StartupEmbedding.objects.create(startup=startup, model_id="m", text_hash="h", vector=VECTOR)
    before = {record.id: record for record in database.open_startups(NOW).startups}
    Startup.objects.filter(pk=renamed.pk).update(title="another name")
    StartupEmbedding.objects.filter(startup=embedded).update(vector=np.full(EMBEDDING_DIM, 2, dtype="<f4").tobytes())
    new = add_startup("new")
    after = {record.id: record for record in database.open_startups(NOW, before.get).startups}
    assert {identity for identity, record in after.items() if before.get(identity) is record} == {str(stays.id)}
    assert after[str(renamed.id)].title == "another name"
    assert after[str(renamed.id)].embedding is before[str(renamed.id)].embedding
    np.testing.assert_array_equal(after[str(embedded.id)].embedding, np.full(EMBEDDING_DIM, 2))  # type: ignore[arg-type]
    assert str(new.id) in after


def test_what_changed_long_before_the_read_is_not_remembered(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup]
) -> None:
    add_startup("a")
    lately, later = datetime.now(tz=UTC), datetime.now(tz=UTC) + timedelta(minutes=2)
    assert len(database.open_startups(lately).mark.seen) == 1
    assert database.open_startups(later).mark.seen == {}
