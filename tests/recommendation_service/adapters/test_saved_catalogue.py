from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommendation_service.adapters.saved_catalogue import SavedCatalogue
from recommendation_service.engines.types import StartupRecord
from recommendation_service.services.errors import SavedCatalogueError
from recommendation_service.services.ports import CatalogueMark, OpenStartups
from recommendation_service.services.text_encoders import of_one_encoder

NOW = datetime(2025, 6, 1, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def opened(fake_database: Any) -> OpenStartups:
    read: OpenStartups = fake_database.open_startups(NOW)
    mark = CatalogueMark(read_at=NOW, changed_at=NOW - timedelta(hours=1), version="7")
    chosen = of_one_encoder(read, None)
    return replace(
        chosen, mark=mark, unusable=frozenset({read.startups[3].id}), foreign=frozenset({read.startups[4].id})
    )


@pytest.fixture
def acts(fake_database: Any) -> list[Any]:
    return fake_database.recent_activity(timedelta(days=90), timedelta(days=14))


def same(one: StartupRecord, other: StartupRecord) -> bool:
    names = [field.name for field in fields(StartupRecord) if field.name not in {"embedding", "encoder"}]
    assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]
    assert (one.embedding is None) == (other.embedding is None)
    return one.embedding is None or np.array_equal(one.embedding, other.embedding)  # type: ignore[arg-type]


def test_what_was_kept_comes_back_in_another_process_life(
    tmp_path: Path, opened: OpenStartups, acts: list[Any]
) -> None:
    kept = SavedCatalogue(tmp_path).keep(opened, acts)
    found = SavedCatalogue(tmp_path).load()
    assert found is not None
    loaded, activity = found
    for startups in (kept.startups, loaded.startups):
        assert all(same(*pair) for pair in zip(opened.startups, startups, strict=True))
    assert activity == acts
    assert (loaded.mark, loaded.unusable) == (opened.mark, opened.unusable)
    assert (loaded.encoder, loaded.foreign) == ("tests", opened.foreign)


def test_texts_of_unit_length_stand_once(tmp_path: Path, opened: OpenStartups) -> None:
    kept = SavedCatalogue(tmp_path).keep(opened, ())
    assert kept.text_rows is not None
    texts = kept.text_rows.first(len(kept.startups))
    assert len(list((tmp_path / "arrays").iterdir())) == 1
    embeddings = [startup.embedding for startup in kept.startups if startup.embedding is not None]
    assert all(np.shares_memory(embedding, texts) for embedding in embeddings)


def test_texts_of_other_lengths_stay_as_they_were_beside_those_scaled(tmp_path: Path, opened: OpenStartups) -> None:
    long = [
        startup if startup.embedding is None else replace(startup, embedding=3 * startup.embedding)
        for startup in opened.startups
    ]
    SavedCatalogue(tmp_path).keep(replace(opened, startups=long), ())
    found = SavedCatalogue(tmp_path).load()
    assert found is not None
    assert all(same(*pair) for pair in zip(long, found[0].startups, strict=True))
    lengths = np.linalg.norm(found[0].text_rows.first(len(long)), axis=1)  # type: ignore[union-attr]
    np.testing.assert_allclose(lengths[lengths > 0], 1.0, rtol=1e-5)


def test_nothing_kept_is_nothing(tmp_path: Path) -> None:
    assert SavedCatalogue(tmp_path / "none").load() is None


def test_only_the_latest_is_left(tmp_path: Path, opened: OpenStartups, acts: list[Any]) -> None:
    store = SavedCatalogue(tmp_path)
    store.keep(opened, acts)
    store.keep(replace(opened, startups=opened.startups[1:]), acts[1:])
    assert len(list(tmp_path.glob("*.jsonl"))) == 2
    found = store.load()
    assert found is not None
    assert len(found[0].startups) == len(opened.startups) - 1


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[200] ^= 1
    file.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    "short": lambda file: file.write_bytes(file.read_bytes()[:40]),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("part", ["startups-*.jsonl", "activity-*.jsonl", "arrays/*.npy"])
def test_a_damaged_part_is_refused(
    tmp_path: Path, opened: OpenStartups, acts: list[Any], part: str, damage: Callable[[Path], object]
) -> None:
    SavedCatalogue(tmp_path).keep(opened, acts)
    (file,) = tmp_path.glob(part)
    damage(file)
    with pytest.raises(SavedCatalogueError):
        SavedCatalogue(tmp_path).load()


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": 99}', b"\xff\xfe", b"[" * 5000])
def test_a_damaged_manifest_is_refused(tmp_path: Path, opened: OpenStartups, content: bytes) -> None:
    SavedCatalogue(tmp_path).keep(opened, ())
    (tmp_path / "catalogue.json").write_bytes(content)
    with pytest.raises(SavedCatalogueError, match=r"catalogue\.json"):
        SavedCatalogue(tmp_path).load()


def test_a_manifest_reaches_no_file_outside(tmp_path: Path, opened: OpenStartups) -> None:
    store = SavedCatalogue(tmp_path / "state")
    store.keep(opened, ())
    manifest = tmp_path / "state" / "catalogue.json"
    (name,) = (file.name for file in (tmp_path / "state").glob("startups-*"))
    (tmp_path / name).write_bytes((tmp_path / "state" / name).read_bytes())
    (tmp_path / "state" / name).unlink()
    manifest.write_text(manifest.read_text().replace(name, f"../{name}"))
    with pytest.raises(SavedCatalogueError, match="cannot be read"):
        store.load()


def test_where_nothing_can_be_written_the_startups_stay_private_and_it_is_told(
    tmp_path: Path, opened: OpenStartups
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    store = SavedCatalogue(blocked / "state")
    assert store.keep(opened, ()) is opened
    assert "each worker has its own copy" in (store.problem or "")
    blocked.unlink()
    assert store.keep(opened, ()).text_rows is not None
    assert store.problem is None
