from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from recommendation_service.adapters.array_store import ArrayStore
from recommendation_service.services.errors import SavedCatalogueError

ROWS = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)


def test_a_table_comes_back_and_grows_without_touching_the_file(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path)
    name = store.put(ROWS)
    mine, theirs = store.rows(name), store.rows(name)
    grown = mine.grown(len(ROWS), ROWS[:2])
    np.testing.assert_array_equal(grown.first(302), np.concatenate([ROWS, ROWS[:2]]))
    np.testing.assert_array_equal(theirs.first(300), ROWS)
    np.testing.assert_array_equal(store.rows(name).first(300), ROWS)


def test_the_same_content_is_written_once(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path)
    name = store.put(ROWS)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    assert store.put(ROWS.copy()) == name
    assert file.stat().st_mtime_ns == written
    assert store.put(ROWS[:-1]) != name


def test_an_empty_table_is_one_too(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path)
    rows = store.rows(store.put(ROWS[:0]))
    np.testing.assert_array_equal(rows.grown(0, ROWS[:1]).first(1), ROWS[:1])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)


DAMAGES = {
    "flipped": flip,
    "short": lambda file: os.truncate(file, 900),
    "empty": lambda file: file.write_bytes(b""),
    "gone": lambda file: file.unlink(),
    "foreign": lambda file: file.write_bytes(b"\x80\x04cos\nsystem\n" * 99),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_table_is_refused_by_name_and_written_anew(tmp_path: Path, damage: object) -> None:
    store = ArrayStore(tmp_path)
    name = store.put(ROWS)
    (file,) = tmp_path.iterdir()
    damage(file)  # type: ignore[operator]
    with pytest.raises(SavedCatalogueError, match=name):
        store.rows(name)
    assert store.put(ROWS) == name
    np.testing.assert_array_equal(store.rows(name).first(300), ROWS)


@pytest.mark.parametrize("name", ["../../etc/passwd", "1-" + "/" * 64, "-1-" + "a" * 64, ""])
def test_a_foreign_name_opens_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(SavedCatalogueError, match="is not the name of an array"):
        ArrayStore(tmp_path).rows(name)


def test_what_nobody_names_goes_when_it_is_old_and_those_who_map_it_keep_it(tmp_path: Path) -> None:
    store = ArrayStore(tmp_path)
    old, kept, young = store.put(ROWS), store.put(ROWS[:9]), store.put(ROWS[:5])
    mapped = store.rows(old).first(300)
    long_ago = time.time() - 7200
    for name in (old, kept):
        os.utime(tmp_path / f"{name}.npy", (long_ago, long_ago))
    store.remove_all_but(frozenset({kept}))
    assert {file.stem for file in tmp_path.iterdir()} == {kept, young}
    np.testing.assert_array_equal(mapped, ROWS)


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from recommendation_service.adapters.array_store import ArrayStore
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    ArrayStore(Path(sys.argv[1])).put(np.ones((1000, 8), dtype=np.float32))
except OSError as error:
    print("refused", error.errno)
"""


def test_a_disk_that_takes_no_more_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("refused")
    assert list(tmp_path.iterdir()) == []
