"""The engineer's door to the registry, run as a command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.access import SUBJECT_OF_PLATFORM, Scope
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.engines.bundle import ModelDetails, model_file
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.training_config import TowerConfig, fast
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData
from recommendation_service.http_api.tokens import InvalidTokenError, TokenVerifier
from recommendation_service.manage_models import main
from recommendation_service.services.ports import TextCounts
from recommendation_service.settings import read_settings


@pytest.fixture(scope="module")
def recommender(platform: TrainingData) -> TwoTowerRecommender:
    tower = TowerConfig(hidden=(8,), dropout=(0.0,))
    config = replace(fast(), user_tower=tower, startup_tower=tower, embedding=4, epochs=1)
    return TwoTowerRecommender(config).fit(platform)


@pytest.fixture
def registry(tmp_path: Path, recommender: TwoTowerRecommender) -> ModelRegistry:
    """A registry with two versions, none active."""
    registry = ModelRegistry(tmp_path / "models")
    for ndcg in (0.1234, 0.2345):
        registry.save(recommender, ModelDetails(metrics={"ndcg@10": ndcg}))
    return registry


def run(registry: ModelRegistry, *words: str) -> int:
    return main(["--models", str(registry.folder), *words])


def test_an_empty_registry_says_how_to_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--models", str(tmp_path), "list"]) == 0
    assert "train_two_tower.py --data" in " ".join(capsys.readouterr().out.split())


def test_list_shows_versions_with_their_figures(registry: ModelRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(registry, "activate", "two_tower_v2") == 0
    assert run(registry, "list") == 0
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("two_tower_v1", "available", "0.1234", "two_tower_v2", "active", "0.2345"))


def test_activate_roll_back_deactivate(registry: ModelRegistry) -> None:
    assert [run(registry, "activate", version) for version in ("two_tower_v1", "two_tower_v2")] == [0, 0]
    assert registry.active() == "two_tower_v2"
    assert run(registry, "rollback") == 0
    assert registry.active() == "two_tower_v1"
    assert run(registry, "deactivate") == 0
    assert registry.active() is None


def test_a_corrupt_version_is_refused_with_the_reason_and_never_activated(
    registry: ModelRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    file = model_file(registry.folder, "two_tower_v2")
    file.write_bytes(file.read_bytes()[:-10])
    assert run(registry, "activate", "two_tower_v1") == 0
    assert run(registry, "validate", "two_tower_v2") == 2
    assert run(registry, "activate", "two_tower_v2") == 2
    assert registry.active() == "two_tower_v1"
    errors = capsys.readouterr().err
    assert "two_tower_v2" in errors
    assert "Traceback" not in errors


def test_a_refused_version_is_listed_with_the_reason_and_needs_force(
    registry: ModelRegistry, recommender: TwoTowerRecommender, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.save(recommender, ModelDetails(refused="worse than popularity"))
    assert run(registry, "list") == 0
    shown = capsys.readouterr().out
    assert "refused" in shown
    assert "two_tower_v3: worse than popularity" in shown
    assert run(registry, "activate", "two_tower_v3") == 2
    assert registry.active() is None
    error = capsys.readouterr().err
    assert "two_tower_v3 is refused: worse than popularity" in error
    assert "activate two_tower_v3 --force" in error
    assert run(registry, "activate", "two_tower_v3", "--force") == 0
    assert registry.active() == "two_tower_v3"
    assert run(registry, "list") == 0
    assert "active" in capsys.readouterr().out


def test_force_does_not_let_a_damaged_version_serve(registry: ModelRegistry) -> None:
    file = model_file(registry.folder, "two_tower_v2")
    file.write_bytes(file.read_bytes()[:-10])
    assert run(registry, "activate", "two_tower_v2", "--force") == 2


@pytest.mark.parametrize("words", [("rollback",), ("activate", "two_tower_v9"), ("validate", "../../etc/passwd")])
def test_what_is_not_there_is_one_sentence_and_status_2(
    registry: ModelRegistry, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(registry, *words) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_pointer_that_cannot_be_read_is_one_sentence(
    registry: ModelRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    (registry.folder / "ACTIVE.json").mkdir()
    assert run(registry, "list") == 2
    error = capsys.readouterr().err
    assert "ACTIVE.json" in error
    assert error.count("\n") == 1


def test_validate_loads_every_engine_of_a_version(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(registry: ModelRegistry, version: str) -> dict[str, Recommender]:
        raise ModelFileError(f"the ensemble of {version} does not load")

    monkeypatch.setattr(ModelRegistry, "load_engines", refuse)
    assert run(registry, "validate", "two_tower_v1") == 2
    assert "the ensemble of two_tower_v1 does not load" in capsys.readouterr().err


@pytest.fixture
def trained_on_texts(registry: ModelRegistry, recommender: TwoTowerRecommender) -> ModelRegistry:
    """Its third version knows the encoder of its texts."""
    registry.save(recommender, ModelDetails(data={"embedding_model": "mine"}))
    return registry


def told_texts(monkeypatch: pytest.MonkeyPatch, by_encoder: dict[str, int]) -> None:
    counts = TextCounts(startups=9, by_encoder=by_encoder)
    monkeypatch.setattr(SqlPlatformDatabase, "text_counts", lambda *_: counts)


def test_a_version_whose_texts_the_platform_has_is_valid_and_says_how_many(
    trained_on_texts: ModelRegistry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told_texts(monkeypatch, {"mine": 4, "theirs": 5})
    assert run(trained_on_texts, "validate", "two_tower_v3") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "can serve; 4 of 9 open startups have a text by its encoder mine." in shown
    assert run(trained_on_texts, "activate", "two_tower_v3") == 0


@pytest.mark.parametrize("command", ["validate", "activate"])
def test_a_version_of_another_encoder_is_refused_with_both_cures(
    trained_on_texts: ModelRegistry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    told_texts(monkeypatch, {"theirs": 9})
    assert run(trained_on_texts, command, "two_tower_v3") == 2
    error = capsys.readouterr().err
    assert "two_tower_v3 was trained on texts by mine, those of the catalogue are by theirs" in error
    assert "train on a new dataset, or run `python manage.py generate_embeddings` with TEXT_ENCODER=mine" in error
    assert trained_on_texts.active() is None
    assert run(trained_on_texts, "activate", "two_tower_v3", "--force") == 0


def test_without_the_platforms_database_validation_says_what_it_does_not_know(
    trained_on_texts: ModelRegistry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert run(trained_on_texts, "validate", "two_tower_v3") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "if the platform's texts are by mine, which could not be found out" in shown
    assert run(trained_on_texts, "activate", "two_tower_v3") == 0


def token_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["token", *words]) == 0
    return capsys.readouterr().out.strip()


def test_a_token_opens_what_it_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    verifier, user_id = TokenVerifier(read_settings().service_keys), str(uuid4())
    member = verifier.verify(token_of(capsys, "--scope", "member", "--user", user_id))
    assert (member.scope, member.subject) == (Scope.MEMBER, user_id)
    assert verifier.verify(token_of(capsys, "--scope", "platform")).subject == SUBJECT_OF_PLATFORM
    assert verifier.verify(token_of(capsys)).scope is Scope.OPERATOR


def test_a_token_ends(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = TokenVerifier(read_settings().service_keys)
    for minutes in ("0", "1441", "soon"):
        with pytest.raises(SystemExit):
            main(["token", "--minutes", minutes])
        assert f"must be above 0 and at most 1440, got {minutes}" in capsys.readouterr().err
    monkeypatch.setattr("recommendation_service.manage_models._minutes", float)
    with pytest.raises(InvalidTokenError, match="expired"):
        verifier.verify(token_of(capsys, "--minutes=-1"))


def test_a_members_token_needs_a_member(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--scope", "member"]) == 2
    assert "needs --user" in capsys.readouterr().err


def test_settings_that_cannot_be_used_are_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_KEYS", "{}")
    assert main(["token"]) == 2
    assert capsys.readouterr().err.startswith("manage_models.py: SERVICE_KEYS: at least one key is needed")
