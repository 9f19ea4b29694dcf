"""People for a startup, with real engines, over members that a made-up database holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from contracts.api import Rung
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.people_parts import ScoresPeople
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.training_config import fast, history
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import HistoryItem, StartupRecord, TrainingData, UserState
from recommendation_service.services.errors import DatabaseUnavailableError, NotReadyError, UnknownStartupError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.people import PeopleService
from recommendation_service.services.people_book import decided_on
from recommendation_service.services.people_ports import ConfirmedMember, Member, MemberChanges, MemberMark
from recommendation_service.services.ports import CatalogueMark, LearnedModel, OpenStartups
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import ServedModel, Snapshot, build_snapshot, with_model
from tests.live_service import eventually

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MembersInMemory:
    """A database of members that a test may change; `down` makes it unreachable for answers."""

    people: dict[str, Member]
    hidden: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    down: bool = False
    reads: int = 0

    def mark(self, now: datetime) -> MemberMark:
        return MemberMark(read_at=now, seen=frozenset(), last_act=0)

    def findable(self) -> Sequence[str]:
        return [user_id for user_id in self.people if user_id not in self.hidden]

    def members(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        self.reads += len(ids)
        return [self.people[user_id] for user_id in ids if user_id in self.people and user_id not in self.hidden]

    def confirmed(self, ids: Collection[str], startup_id: str) -> Mapping[str, ConfirmedMember]:
        if self.down:
            raise DatabaseUnavailableError("it is down")
        return {
            member.state.record.id: ConfirmedMember(
                role=member.state.record.role, decided=startup_id in decided_on(member.state.history)
            )
            for member in self.members(ids, NOW)
        }

    def described(self, ids: Collection[str], now: datetime) -> Sequence[Member]:
        return self.members(ids, now)

    def changes(self, since: MemberMark, now: datetime) -> MemberChanges:
        ids, self.changed = frozenset(self.changed), set()
        return MemberChanges(ids=ids, count=len(self.findable()), mark=since)

    def act(self, user_id: str, startup_id: str, kind: str) -> None:
        member = self.people[user_id]
        label = 0.0 if kind == "dislike" else 1.0
        item = HistoryItem(startup_id=startup_id, kind=kind, label=label, time=NOW)
        state = replace(member.state, history=(*member.state.history, item))
        self.people[user_id] = replace(member, state=state)
        self.changed.add(user_id)


@pytest.fixture
def members(platform: TrainingData) -> MembersInMemory:
    """Everybody with what they did, one joining a day."""
    histories, moment = Histories(platform), from_microseconds(int(platform.interactions.time.max()) + 1)
    return MembersInMemory(
        {
            user.id: Member(state=histories.state(row, moment), joined_at=NOW - timedelta(days=row))
            for row, user in enumerate(platform.users)
        }
    )


def opened(startups: Sequence[StartupRecord]) -> OpenStartups:
    return OpenStartups(startups=startups, mark=CatalogueMark(read_at=NOW))


@pytest.fixture(scope="module")
def learned(platform: TrainingData) -> TwoTowerRecommender:
    return TwoTowerRecommender(replace(fast(), epochs=4, batch_size=256)).fit(platform)


@pytest.fixture(scope="module")
def remembering(platform: TrainingData) -> TwoTowerRecommender:
    """Towers that look at what people did."""
    return TwoTowerRecommender(replace(history(), epochs=1, batch_size=256)).fit(platform)


@pytest.fixture
def snapshot(platform: TrainingData) -> Snapshot:
    return build_snapshot(opened(platform.startups), [], ServingOptions(), NOW)


@pytest.fixture
def taught(snapshot: Snapshot, learned: TwoTowerRecommender) -> Snapshot:
    return with_towers(snapshot, learned)


def with_towers(snapshot: Snapshot, towers: TwoTowerRecommender) -> Snapshot:
    model = LearnedModel(engines={Rung.TWO_TOWER: towers})
    return with_model(snapshot, ServedModel(version="two_tower_v7", learned=model))


def serve(members: MembersInMemory, snapshot: Snapshot, fallbacks: FallbackCounter | None = None) -> PeopleService:
    return PeopleService(members, lambda: snapshot, clock=lambda: NOW, fallbacks=fallbacks)


def untouched_startup(platform: TrainingData, kinds: str = "apply interest dislike") -> str:
    """One that few decided on, so that the rules leave nearly everybody."""
    return platform.startups[0].id


def ids_of(service: PeopleService, startup_id: str, limit: int = 100, **asked: object) -> list[str]:
    return [str(item.user_id) for item in service.people(startup_id, limit, **asked).items]  # type: ignore[arg-type]


def decided(members: MembersInMemory, startup_id: str) -> set[str]:
    return {
        user_id
        for user_id, member in members.people.items()
        if any(i.startup_id == startup_id and i.kind in {"apply", "interest", "dislike"} for i in member.state.history)
    }


@pytest.mark.parametrize("rung", [Rung.TWO_TOWER, Rung.CONTENT_BASED])
def test_the_order_is_that_of_both_directions(
    rung: Rung, members: MembersInMemory, snapshot: Snapshot, taught: Snapshot, platform: TrainingData
) -> None:
    """Against the definition, with everybody asked: places among startups and among people, harmonic mean."""
    serving = taught if rung is Rung.TWO_TOWER else snapshot
    startup = platform.startups[3]
    answer = serve(members, serving).people(startup.id, 100)

    scorer = serving.rungs[rung].scorer
    out = decided(members, startup.id)
    states = [member.state for user_id, member in members.people.items() if user_id not in out]
    scores = scorer.score(states)
    known = ~np.isnan(scores[:, 3])
    states, scores = [state for state, knows in zip(states, known, strict=True) if knows], scores[known]
    expected = {}
    for row, state in enumerate(states):
        own, others = scores[row, 3], np.delete(scores[row], 3)
        people = np.delete(scores[:, 3], row)
        one, other = 1 - (others > own).mean(), 1 - (people > own).mean()
        expected[state.record.id] = 2 * one * other / (one + other) if one + other else 0.0
    assert (answer.rung, answer.degraded, answer.exhausted) == (rung, False, True)
    assert {str(item.user_id) for item in answer.items} == set(expected)
    for item in answer.items:
        assert item.mutual_score == pytest.approx(expected[str(item.user_id)], abs=0.02)
    order = [item.mutual_score for item in answer.items]
    assert order == sorted(order, reverse=True)
    assert [item.rank for item in answer.items] == list(range(1, len(order) + 1))


def test_a_model_that_serves_ranks_people_by_its_towers(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    answer = serve(members, taught).people(platform.startups[0].id, 5)
    assert (answer.rung, answer.engine, answer.model_version) == (Rung.TWO_TOWER, "two_tower", "two_tower_v7")
    assert len(answer.items) == 5
    assert not answer.exhausted


def test_people_of_its_category_come_first(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    startup = platform.startups[0]
    answer = serve(members, taught).people(startup.id, 5)
    fitting = [startup.category in members.people[str(item.user_id)].state.record.categories for item in answer.items]
    assert sum(fitting) >= 4


@pytest.mark.parametrize("kind", ["apply", "interest", "dislike"])
def test_who_decided_on_the_startup_is_left_out_from_the_next_answer_on(
    kind: str, members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    first = ids_of(service, startup)[0]
    members.act(first, startup, kind)
    assert first not in ids_of(service, startup)  # before any refresh: the final list is checked
    service.keeper.refresh()
    assert first not in ids_of(service, startup)
    assert first in ids_of(service, platform.startups[1].id) or first in decided(members, platform.startups[1].id)


def test_a_like_or_a_view_leaves_nobody_out(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    first = ids_of(service, startup)[0]
    members.act(first, startup, "like")
    service.keeper.refresh()
    assert first in ids_of(service, startup)


def test_the_owner_is_left_out(members: MembersInMemory, platform: TrainingData, learned: TwoTowerRecommender) -> None:
    owner = platform.users[0].id
    startups = [replace(platform.startups[0], owner_id=owner), *platform.startups[1:]]
    serving = build_snapshot(opened(startups), [], ServingOptions(), NOW)
    assert owner not in ids_of(serve(members, serving), startups[0].id)


def test_only_the_role_asked_for(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    everybody = ids_of(service, startup)
    investors = ids_of(service, startup, role="investor")
    assert set(investors) == {i for i in everybody if members.people[i].state.record.role == "investor"}
    assert ids_of(service, startup, role="astronaut") == []


def test_excluded_people_make_room_for_others(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    excluded = ids_of(service, startup, 10)
    others = ids_of(service, startup, 10, exclude=[UUID(user) for user in excluded])
    assert len(others) == 10
    assert not set(others) & set(excluded)


def test_who_hides_is_gone_at_once_and_is_replaced(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    before = ids_of(service, startup, 10)
    members.hidden.update(before)
    after = ids_of(service, startup, 10)
    assert len(after) == 10
    assert not set(after) & set(before)
    service.keeper.refresh()
    assert len(service.keeper.current().book) == len(members.findable())
    members.hidden.clear()
    service.keeper.refresh()
    assert set(before) <= set(ids_of(service, startup))


def test_who_joins_appears(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    ids_of(service, startup)
    model = members.people[ids_of(service, startup)[0]]
    newcomer = str(uuid4())
    record = replace(model.state.record, id=newcomer)
    members.people[newcomer] = replace(model, state=replace(model.state, record=record))
    members.changed.add(newcomer)
    service.keeper.refresh()
    assert newcomer in ids_of(service, startup, 10)


def test_following_reads_only_who_changed(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    service = serve(members, taught)
    service.keeper.refresh()
    members.reads = 0
    members.act(platform.users[0].id, platform.startups[5].id, "like")
    service.keeper.refresh()
    assert members.reads == 1


def test_another_model_encodes_everybody_anew(
    members: MembersInMemory, snapshot: Snapshot, taught: Snapshot, platform: TrainingData
) -> None:
    serving = [snapshot]
    service = PeopleService(members, lambda: serving[0], clock=lambda: NOW)
    startup = platform.startups[0].id
    assert service.people(startup).rung is Rung.CONTENT_BASED
    serving[0] = taught
    assert service.people(startup).rung is Rung.CONTENT_BASED  # whole, by the engine that encoded the book
    service.keeper.refresh()
    assert service.people(startup).rung is Rung.TWO_TOWER


def test_without_an_engine_the_newest_members_come_first(
    members: MembersInMemory, snapshot: Snapshot, platform: TrainingData
) -> None:
    service = serve(members, snapshot)
    service.keeper.refresh()
    scorer = snapshot.rungs[Rung.CONTENT_BASED].scorer
    assert isinstance(scorer, ScoresPeople)

    def fail(column: int) -> None:
        raise RuntimeError("broken")

    scorer.startup_parts = fail  # type: ignore[method-assign, assignment]
    answer = service.people(platform.startups[0].id, 5)
    out = decided(members, platform.startups[0].id)
    newest = [user.id for user in platform.users if user.id not in out][:5]
    assert [str(item.user_id) for item in answer.items] == newest
    assert (answer.rung, answer.degraded) == (Rung.NEWEST, True)
    assert answer.degraded_reason == "content_based: the engine content_based failed"


def test_members_of_whom_nothing_is_known_are_shown_newest_first(
    members: MembersInMemory, snapshot: Snapshot, platform: TrainingData
) -> None:
    for user_id, member in members.people.items():
        record = replace(platform.users[0], id=user_id, location=type(member.state.record.location)(), embedding=None)
        record = replace(record, skills=(), categories=(), fields=(), tags=(), stages=())
        members.people[user_id] = replace(member, state=UserState(record=record))
    answer = serve(members, snapshot).people(platform.startups[0].id, 3)
    assert answer.rung is Rung.NEWEST
    assert not answer.degraded
    assert [str(item.user_id) for item in answer.items] == [user.id for user in platform.users[:3]]
    assert [item.mutual_score for item in answer.items] == sorted(
        (item.mutual_score for item in answer.items), reverse=True
    )


def test_without_the_database_the_list_is_made_from_memory_and_marked(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    service = serve(members, taught)
    service.keeper.refresh()
    members.down = True
    answer = service.people(platform.startups[0].id, 5, explain=True)
    assert len(answer.items) == 5
    assert answer.degraded
    assert "did not answer" in str(answer.degraded_reason)
    assert all(item.reasons == [] for item in answer.items)
    assert all(0 <= item.mutual_score <= 1 for item in answer.items)


def test_reasons_that_cannot_be_read_are_left_out_counted_and_told(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> Sequence[Member]:
        raise DatabaseUnavailableError("it is down")

    monkeypatch.setattr(members, "described", unreachable)
    fallbacks = FallbackCounter()
    answer = serve(members, taught, fallbacks).people(platform.startups[0].id, 5, explain=True)
    assert answer.degraded_reason == "reasons: the platform's database did not answer"
    assert [item.reasons for item in answer.items] == [[]] * 5
    assert fallbacks.counts == {("members", "DatabaseUnavailableError"): 1}


def test_people_for_a_catalogue_as_it_was_kept_are_marked(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    kept = replace(taught, problems=("catalogue: as it was kept",))
    answer = serve(members, kept).people(platform.startups[0].id, 5)
    assert (answer.degraded, answer.degraded_reason) == (True, "catalogue: as it was kept")


def test_case_does_not_count_in_a_role(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    service, startup = serve(members, taught), platform.startups[0].id
    assert ids_of(service, startup, role=" Investor") == ids_of(service, startup, role="investor") != []


def test_reasons_are_true_of_the_records(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    startup = platform.startups[1]
    answer = serve(members, taught).people(startup.id, 20, explain=True)
    assert any(item.reasons for item in answer.items)
    for item in answer.items:
        record = members.people[str(item.user_id)].state.record
        for why in item.reasons:
            if why.kind == "shared_category":
                assert why.values == [startup.category]
                assert startup.category in record.categories
            if why.kind == "shared_skills":
                assert set(why.values) <= set(record.skills)
                assert why.text.startswith("Knows ")
    assert all(not item.reasons for item in serve(members, taught).people(startup.id, 5).items)


def test_what_cannot_be_asked(members: MembersInMemory, taught: Snapshot, platform: TrainingData) -> None:
    service = serve(members, taught)
    with pytest.raises(UnknownStartupError):
        service.people(uuid4())
    for limit in (0, -1, 101):
        with pytest.raises(ValueError, match="limit must be 1 to 100"):
            service.people(platform.startups[0].id, limit)
    with pytest.raises(ValueError, match="badly formed"):
        service.people("not an id")


def test_before_anybody_could_be_read_it_is_not_ready(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> Sequence[str]:
        raise DatabaseUnavailableError("it is down")

    monkeypatch.setattr(members, "findable", unreachable)
    service = serve(members, taught)
    with pytest.raises(NotReadyError, match="it is down"):
        service.people(platform.startups[0].id)
    assert service.problems == {"people": "it is down"}


def test_nobody_can_be_found(taught: Snapshot, platform: TrainingData) -> None:
    answer = serve(MembersInMemory({}), taught).people(platform.startups[0].id)
    assert (answer.items, answer.exhausted, answer.degraded) == ([], True, False)


def forget_acts(members: MembersInMemory, user_id: str, *, is_personalised: bool, acts: bool = True) -> None:
    member = members.people[user_id]
    state = replace(member.state, is_personalised=is_personalised, history=member.state.history if acts else ())
    members.people[user_id] = replace(member, state=state)
    members.changed.add(user_id)


@pytest.mark.parametrize("rung", [Rung.TWO_TOWER, Rung.CONTENT_BASED])
def test_who_wants_no_lists_of_their_own_is_ranked_as_if_they_never_did_anything(
    rung: Rung,
    members: MembersInMemory,
    snapshot: Snapshot,
    remembering: TwoTowerRecommender,
    platform: TrainingData,
) -> None:
    service = serve(members, with_towers(snapshot, remembering) if rung is Rung.TWO_TOWER else snapshot)
    startup = platform.startups[3].id
    user_id = next(one for one, m in members.people.items() if len(m.state.history) >= 8 and m.state.record.categories)
    assert user_id not in decided(members, startup)

    def place() -> tuple[float, float, list[str]]:
        service.keeper.refresh()
        found = next(item for item in service.people(startup, 100, explain=True).items if str(item.user_id) == user_id)
        return found.score, found.mutual_score, [reason.kind for reason in found.reasons]

    by_acts = place()
    forget_acts(members, user_id, is_personalised=False)
    without = place()
    forget_acts(members, user_id, is_personalised=True, acts=False)
    assert without == place()
    assert without[0] != by_acts[0] or rung is Rung.CONTENT_BASED
    assert "close_text" not in without[2]


def test_who_wants_no_lists_of_their_own_is_still_not_named_where_they_applied(
    members: MembersInMemory, taught: Snapshot, platform: TrainingData
) -> None:
    startup = platform.startups[3].id
    applied = next(iter(decided(members, startup)))
    forget_acts(members, applied, is_personalised=False)
    members.down = True  # so that only the book tells
    assert applied not in ids_of(serve(members, taught), startup)


def test_the_thread_that_follows_people_survives_even_mistakes_and_tells_of_them(
    members: MembersInMemory, snapshot: Snapshot, platform: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken() -> Sequence[str]:
        raise TypeError("nobody thought of this")

    service = serve(members, snapshot)
    with monkeypatch.context() as patched:
        patched.setattr(members, "findable", mistaken)
        service.start()
        assert eventually(lambda: "nobody thought of this" in service.problems.get("people", ""))
    service.keeper.hint()
    assert eventually(lambda: not service.problems)
    assert service.people(platform.startups[3].id).items
    service.stop()


def test_a_book_whose_members_have_texts_of_another_encoder_says_so(
    members: MembersInMemory, snapshot: Snapshot, platform: TrainingData
) -> None:
    user_id = next(user.id for user in platform.users if user.embedding is not None)
    member = members.people[user_id]
    record = replace(member.state.record, encoder="another")
    members.people[user_id] = replace(member, state=replace(member.state, record=record))
    service = serve(members, replace(snapshot, encoder="tests"))
    service.keeper.refresh()
    assert service.problems["user_embeddings"].startswith("1 of members are by another encoder")
