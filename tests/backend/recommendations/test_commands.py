"""The doors: what they take, what they say, and how they fail."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from api.management.commands.generate_embeddings import Command as GenerateEmbeddings
from contracts.dataset import DatasetManifest, DatasetPaths
from recommendations.data_errors import EncoderError
from recommendations.datasets import command as dataset_command
from recommendations.datasets.command import utc_moment
from recommendations.models import StartupEmbedding, UserEmbedding
from recommendations.text_encoders import text_encoder

pytestmark = pytest.mark.django_db

DATASET = "generate_two_tower_dataset"
JANUARY = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _hashing(settings: Any) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"text_encoder": "hashing"})


@pytest.fixture
def platform(make_user: Any, make_startup: Any, make_event: Any) -> None:
    user = make_user(role="investor")
    startups = [make_startup(opened_at=JANUARY) for _ in range(6)]
    make_event(user, startups[0], "like", occurred_at=datetime(2025, 2, 1, 12, tzinfo=UTC))


def run(*arguments: Any, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*(str(argument) for argument in arguments), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def manifest_of(path: Path) -> DatasetManifest:
    return DatasetManifest.model_validate_json(DatasetPaths(path).manifest.read_text())


def test_embeddings_then_dataset(platform: None, tmp_path: Path) -> None:
    out, _ = run("generate_embeddings")
    assert "users: 1 embedded (1 distinct texts" in out
    assert "startups: 6 embedded (6 distinct texts" in out
    out, err = run(DATASET, "--output", tmp_path / "train.csv", "--negative-samples", 3, "--seed", 5)
    assert "4 rows in" in out
    assert "sampled_negative" in out
    assert "from 2025-02-01 12:00:00+00:00 to 2025-02-01 12:00:00+00:00" in out
    assert err == ""
    manifest = manifest_of(tmp_path / "train.csv")
    assert manifest.negatives.model_dump() == {"per_positive": 3, "strategy": "uniform", "seed": 5}
    assert manifest.generator == DATASET


def test_only_one_kind_is_embedded_when_asked(platform: None) -> None:
    run("generate_embeddings", "--only", "users")
    assert (UserEmbedding.objects.count(), StartupEmbedding.objects.count()) == (1, 0)


def test_force_embeds_all_again(platform: None) -> None:
    run("generate_embeddings")
    assert "6 embedded" in run("generate_embeddings", "--force")[0]
    assert "0 embedded" in run("generate_embeddings")[0]


def test_verbosity_0_is_silent(platform: None, tmp_path: Path) -> None:
    assert run("generate_embeddings", verbosity=0) == ("", "")
    assert run(DATASET, "--output", tmp_path / "train.csv", verbosity=0) == ("", "")


def test_popularity_is_told_in_the_manifest(platform: None, tmp_path: Path) -> None:
    run("generate_embeddings")
    run(DATASET, "--output", tmp_path / "train.parquet", "--negatives", "popularity")
    assert manifest_of(tmp_path / "train.parquet").negatives.strategy == "popularity"


def test_the_recommendation_dataset_has_no_sampled_negatives(platform: None, tmp_path: Path) -> None:
    run("generate_embeddings")
    run("generate_recommendation_dataset", "--output", tmp_path / "all.csv")
    manifest = manifest_of(tmp_path / "all.csv")
    assert (manifest.pairs.rows, manifest.positives, manifest.sampled_negatives) == (1, 1, 0)


def test_without_output_the_file_lies_in_the_data_folder_named_by_the_time(
    platform: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_command, "DATA_FOLDER", tmp_path / "data")
    run("generate_embeddings")
    run(DATASET)
    run("generate_recommendation_dataset")
    prefixes = {path.name[: path.name.index("_20")] for path in (tmp_path / "data").glob("*.csv")}
    assert prefixes == {"two_tower", "recommendation"}


def test_too_few_startups_and_missing_embeddings_are_notes(platform: None, tmp_path: Path) -> None:
    run("generate_embeddings", "--only", "startups")
    _, err = run(DATASET, "--output", tmp_path / "train.csv", "--negative-samples", 9)
    assert "1 users and startups have no embedding" in err
    assert "python manage.py generate_embeddings" in err
    assert "4 negatives could not be drawn" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "train.json"], r"--output must end in \.csv or \.parquet, got 'train\.json'"),
        (["--negative-samples", "-1"], "--negative-samples must be at least 0, got -1"),
        (["--seed", "-3"], "--seed must be between 0 and 4294967295, got -3"),
        (
            ["--since", "2025-03-01", "--until", "2025-02-01"],
            r"--since 2025-03-01.* must lie before --until 2025-02-01",
        ),
        (["--since", "2025-02-01", "--until", "2025-02-01"], "must lie before"),
        (["--since", "2026-01-01"], r"within --since 2026-01-01.*; the platform's interactions go from 2025-02-01"),
        (["--since", "yesterday"], "--since: expected an ISO date such as 2025-03-31, got 'yesterday'"),
        (["--until", "2025-13-01"], "--until: expected an ISO date"),
        (["--negatives", "hard"], "--negatives: invalid choice: 'hard' .choose from .*uniform.*popularity"),
        (["--output", "nowhere/train.csv"], "the folder .* does not exist; create it, or choose another --output"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_written(
    options: list[str], message: str, platform: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("generate_embeddings")
    monkeypatch.chdir(tmp_path)
    defaults = [] if "--output" in options else ["--output", "train.csv"]
    with pytest.raises(CommandError, match=message):
        run(DATASET, *defaults, *options)
    assert not list(tmp_path.iterdir())


def test_no_data_and_no_embeddings_name_their_commands(make_user: Any, request: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no data loaded.*manage\.py import_crunchbase.*manage\.py seed_platform"):
        run(DATASET, "--output", tmp_path / "train.csv")
    request.getfixturevalue("platform")
    with pytest.raises(CommandError, match=r"missing embeddings.*python manage\.py generate_embeddings"):
        run(DATASET, "--output", tmp_path / "train.csv")


@pytest.mark.parametrize("size", [0, -5])
def test_a_batch_holds_at_least_one_text(size: int) -> None:
    with pytest.raises(CommandError, match=f"--batch-size must be at least 1, got {size}"):
        run("generate_embeddings", "--batch-size", size)


def test_an_encoder_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise EncoderError("run: pip install")

    monkeypatch.setattr(f"{GenerateEmbeddings.__module__}.text_encoder", fail)
    with pytest.raises(CommandError, match="run: pip install"):
        run("generate_embeddings")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-02-01", datetime(2025, 2, 1, tzinfo=UTC)),
        ("2025-02-01T03:04:05", datetime(2025, 2, 1, 3, 4, 5, tzinfo=UTC)),
        ("2025-02-01T03:00+02:00", datetime(2025, 2, 1, 1, tzinfo=UTC)),
    ],
    ids=["date", "no zone", "zone"],
)
def test_dates_are_utc(text: str, moment: datetime) -> None:
    assert utc_moment(text) == moment
    assert utc_moment(text).tzinfo is UTC


def test_the_batch_size_reaches_the_encoder(platform: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def remember(name: str, *, batch_size: int) -> Any:
        asked.append(batch_size)
        return text_encoder(name)

    monkeypatch.setattr(f"{GenerateEmbeddings.__module__}.text_encoder", remember)
    run("generate_embeddings", "--batch-size", 7)
    assert asked == [7]
