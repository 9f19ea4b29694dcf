from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommendation_service.engines.errors import ModelFileError
from recommendation_service.services.errors import ActiveModelMovedError, UnknownModelError
from recommendation_service.services.model_control import ModelControl
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot_keeper import SnapshotKeeper


class ManagedTold:
    """Told models with a pointer that moves."""

    def __init__(self, told: Any) -> None:
        self.told = told
        self.before: list[str | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.told, name)

    def activate(self, version: str, *, force: bool) -> None:
        self.load(version)
        if version == "refused" and not force:
            raise ModelFileError("refused is refused: worse than popularity")
        self.before.append(self.told.active)
        self.told.active = version

    def rollback(self, *, seen: str | None = None) -> str:
        if seen not in {None, self.told.active}:
            raise ActiveModelMovedError(seen=str(seen), active=self.told.active)
        if not self.before:
            raise ModelFileError("no version was active before v1")
        self.told.active = self.before.pop()
        return str(self.told.active)


@pytest.fixture
def control(fake_database: Any, told_models: Any, told_recommender: Any) -> tuple[ModelControl, SnapshotKeeper]:
    blind = told_recommender(lambda n: np.full(n, np.nan, dtype=np.float32))
    models = ManagedTold(
        told_models(
            v1=told_recommender(),
            v2=told_recommender(),
            refused=told_recommender(),
            blind=blind,
            torn=ModelFileError("flipped"),
        )
    )
    keeper = SnapshotKeeper(fake_database, models, ServingOptions())
    keeper.refresh()
    return ModelControl(models, keeper, fake_database), keeper


Control = tuple[ModelControl, SnapshotKeeper]


def test_a_version_that_could_serve_is_valid_and_does_not_serve(control: Control) -> None:
    found = control[0].validate("v2")
    assert (found.version, found.valid, found.problem) == ("v2", True, None)
    assert found.seconds >= 0
    assert control[1].current().model.version == "v1"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("version", "problem"),
    [("torn", "flipped"), ("blind", "scores no startup with a finite")],
)
def test_a_version_that_could_not_serve_is_told_with_the_reason(control: Control, version: str, problem: str) -> None:
    found = control[0].validate(version)
    assert not found.valid
    assert problem in (found.problem or "")


def test_a_version_that_is_not_there_is_neither_tried_nor_activated(control: Control) -> None:
    for ask in (control[0].validate, lambda version: control[0].activate(version, reason="why not")):
        with pytest.raises(UnknownModelError, match="no model version missing"):
            ask("missing")
    assert control[0].active().version == "v1"


def test_a_version_is_also_tried_on_who_asked_lately(
    control: Control, fake_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    picky = next(iter(fake_database.users))
    control[1].asked(fake_database.user_state(picky, None))
    scorer = type(control[1].current().rungs["two_tower"].scorer)  # type: ignore[index]
    honest = scorer.score

    def picky_score(self: Any, users: Any) -> Any:
        if any(user.record.id == picky for user in users):
            raise ModelFileError("cannot read this person")
        return honest(self, users)

    monkeypatch.setattr(scorer, "score", picky_score)
    assert control[0].validate("v2").problem == "cannot read this person"


def test_what_is_activated_serves_at_the_next_look_and_rollback_returns(control: Control) -> None:
    acting, keeper = control
    change = acting.activate("v2", reason="better")
    assert (change.active, change.previous, change.serving) == ("v2", "v1", "v1")
    keeper.refresh()
    change = acting.rollback(reason="worse after all")
    assert (change.active, change.previous, change.serving) == ("v1", "v2", "v2")
    keeper.refresh()
    assert keeper.current().model.version == "v1"  # type: ignore[union-attr]


def test_who_saw_another_version_active_goes_back_once(control: Control) -> None:
    acting, _ = control
    for version in ("v2", "refused"):
        acting.activate(version, reason="better", force=True)
    assert acting.rollback(reason="worse", seen="refused").active == "v2"
    with pytest.raises(ActiveModelMovedError, match="v2 is active by now, not refused"):
        acting.rollback(reason="worse", seen="refused")
    assert acting.active().version == "v2"


def test_a_refused_version_needs_force(control: Control) -> None:
    with pytest.raises(ModelFileError, match="worse than popularity"):
        control[0].activate("refused", reason="try")
    assert control[0].activate("refused", reason="we know", force=True).active == "refused"


def test_there_must_be_something_to_return_to(control: Control) -> None:
    with pytest.raises(ModelFileError, match="no version was active before"):
        control[0].rollback(reason="oops")


def test_the_reason_is_logged(control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    control[0].activate("v2", reason="quarterly retraining")
    assert "quarterly retraining" in capsys.readouterr().out
