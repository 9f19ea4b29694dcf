from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from recommendation_service.adapters.training_lock import FOLDER, LOCK_NAME, training_lock
from recommendation_service.engines.errors import TrainingError

HOLD = """
import sys, time
from pathlib import Path
from recommendation_service.adapters.training_lock import training_lock
with training_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(models: Path) -> subprocess.Popen[str]:
    """Another process that trains."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(models)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_second_trainer_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with hold(tmp_path / "models") as holder:
        with pytest.raises(TrainingError) as refused, training_lock(tmp_path / "models"):
            pass
        holder.kill()
    told = str(refused.value)
    assert f"process {holder.pid} on {socket.gethostname()} since 20" in told
    assert "--models" in told


def test_a_trainer_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
    with training_lock(tmp_path):
        assert f'"pid": {os.getpid()}' in (tmp_path / FOLDER / LOCK_NAME).read_text()


def test_one_after_the_other_is_fine_and_folders_do_not_care_for_each_other(tmp_path: Path) -> None:
    with training_lock(tmp_path / "a") as own, training_lock(tmp_path / "b") as another:
        assert (own, another) == (tmp_path / "a" / FOLDER, tmp_path / "b" / FOLDER)
    with training_lock(tmp_path / "a"):
        pass


def test_a_holder_who_has_not_signed_yet_is_no_riddle(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        (tmp_path / FOLDER / LOCK_NAME).write_text("")
        with pytest.raises(TrainingError, match="a process that has just begun"), training_lock(tmp_path):
            pass
        holder.kill()
