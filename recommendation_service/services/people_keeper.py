"""Keeps the book of people fresh: follows the database, and encodes everybody anew for another model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Event, Lock, Thread

import structlog

from recommendation_service.services.errors import NotReadyError, ServiceError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.people_book import PeopleBlock, PeopleBook
from recommendation_service.services.people_engine import PeopleEngine, people_engine
from recommendation_service.services.people_ports import MemberMark, MemberSource
from recommendation_service.services.snapshot import Snapshot

REFRESH_FAILURES = (ServiceError, OSError, *RUNG_FAILURES)
REFRESH_SECONDS = 2.0
PEOPLE_AT_ONCE = 1000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleSnapshot:
    """The book with the engine that encoded it."""

    book: PeopleBook
    engine: PeopleEngine


class PeopleKeeper:
    """Owns the book.

    Attributes:
        problems: What is wrong now, under `people`; empty when all is well.
    """

    def __init__(self, source: MemberSource, snapshots: Callable[[], Snapshot], clock: Callable[[], datetime]) -> None:
        self._source = source
        self._snapshots = snapshots
        self._clock = clock
        self._refreshing = Lock()
        self._woken, self._stopped = Event(), Event()
        self._thread: Thread | None = None
        self._people: PeopleSnapshot | None = None
        self._mark: MemberMark | None = None
        self.problems: Mapping[str, str] = {}

    def start(self) -> None:
        """Read and follow in a thread of its own until `stop`."""
        self._thread = Thread(target=self._keep_refreshing, name="people-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    def hint(self) -> None:
        """Look now rather than at the next turn."""
        self._woken.set()

    def current(self) -> PeopleSnapshot:
        """The people to answer from; without a thread the first call reads them.

        Raises:
            NotReadyError: If none could be read yet.
        """
        if self._people is None and self._thread is None:
            self.refresh()
        if self._people is None:
            raise NotReadyError(f"the members could not be read yet: {self.problems.get('people', 'being read')}")
        return self._people

    @property
    def foreign_texts(self) -> int:
        """How many people's text is of another encoder than the one whose texts are compared."""
        return 0 if self._people is None else int(self._people.book.foreign.sum())

    def refresh(self) -> None:
        """Take over what changed; a failure ends up in `problems`, and the old book stays."""
        with self._refreshing:
            try:
                self._refresh()
            except REFRESH_FAILURES as error:
                self._report(str(error) or repr(error))
            else:
                self._report(None)

    def _keep_refreshing(self) -> None:
        while not self._stopped.is_set():
            self._refresh_whatever_happens()
            self._woken.wait(REFRESH_SECONDS)
            self._woken.clear()

    def _refresh_whatever_happens(self) -> None:
        """A thread that ended by a mistake of ours would leave the people as they are for ever, without a word."""
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - told, and tried again
            _log.exception("people_refresh_broke_off")
            self._report(f"following them broke off by {error!r}, which the log tells more about")

    def _refresh(self) -> None:
        engine, now = people_engine(self._snapshots()), self._clock()
        if engine is None:
            raise NotReadyError("no engine of the catalogue can rank people")
        people = self._people
        if people is None or self._mark is None or people.book.key != engine.people_key:
            self._read_everybody(engine, now)
        else:
            self._follow(people.book, self._mark, engine, now)

    def _read_everybody(self, engine: PeopleEngine, now: datetime) -> None:
        mark = self._source.mark(now)
        book = self._with_members(PeopleBook.empty(engine.people_key), self._source.findable(), engine, now)
        self._take_over(book, engine, mark)
        _log.info("people_read", people=len(book), engine=engine.engine.engine, version=engine.engine.model_version)

    def _follow(self, book: PeopleBook, mark: MemberMark, engine: PeopleEngine, now: datetime) -> None:
        """Whoever changed is read again; where the numbers do not add up afterwards, all ids are compared."""
        changes = self._source.changes(mark, now)
        book = self._with_members(book, changes.ids, engine, now)
        if len(book) != changes.count:
            findable = set(self._source.findable())
            book = book.changed(None, book.row_of.keys() - findable)
            book = self._with_members(book, findable - book.row_of.keys(), engine, now)
        self._take_over(book, engine, changes.mark)

    def _with_members(self, book: PeopleBook, ids: Collection[str], engine: PeopleEngine, now: datetime) -> PeopleBook:
        """The book with these people as they are now; who cannot be found is taken out."""
        for chosen in _runs(ids):
            members = self._source.members(chosen, now)
            found = {member.state.record.id for member in members}
            block = PeopleBlock.of(members, engine.parts, engine.encoder) if members else None
            book = book.changed(block, [user_id for user_id in chosen if user_id not in found])
        return book

    def _take_over(self, book: PeopleBook, engine: PeopleEngine, mark: MemberMark) -> None:
        self._people = PeopleSnapshot(book=book.together() if book.worn else book, engine=engine)
        self._mark = mark

    def _report(self, problem: str | None) -> None:
        if problem == self.problems.get("people"):
            return
        self.problems = {} if problem is None else {"people": problem}
        if problem is None:
            _log.info("people_recovered")
        else:
            _log.error("people_refresh_failed", problem=problem)


def _runs(ids: Collection[str]) -> Iterator[Sequence[str]]:
    remaining = iter(ids)
    while chosen := list(islice(remaining, PEOPLE_AT_ONCE)):
        yield chosen
