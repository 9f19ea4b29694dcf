"""Jobs: one at a time, run to their end whichever it is, cancelled as a whole, noticed when their process is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from console.errors import JobRefusedError
from console.jobs import runner
from console.jobs.folders import DATASETS_KEPT, TAIL_BYTES, JobFolder, remove_old_datasets
from console.jobs.parameters import ImportParameters, TrainingParameters
from console.jobs.processes import MARK, end_processes
from console.jobs.runner import run_job
from console.jobs.steps import Step, steps_of
from console.models import AuditEntry, Job, JobKind, JobStatus
from console.selectors.jobs import job_progress
from console.services import jobs as job_services
from console.services.jobs import SILENCE, import_start, job_cancel, jobs_notice_lost, training_start

PATIENCE = 30.0


@pytest.fixture
def started(monkeypatch):
    """Jobs whose process was asked for; none is really started."""
    asked = []
    monkeypatch.setattr(job_services, "start_runner", asked.append)
    return asked


@pytest.fixture
def queued(engineer):
    return Job.objects.create(kind=JobKind.TRAINING, parameters=TrainingParameters().to_json(), started_by=engineer)


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """`steps("print(1)", ...)`: what the next job runs, each a Python program."""
    monkeypatch.setattr(runner, "HEARTBEAT_SECONDS", 0.05)

    def use(*programs: str) -> None:
        made = [
            Step(name=f"Step {number}", command=(sys.executable, "-c", program), folder=tmp_path)
            for number, program in enumerate(programs, start=1)
        ]
        monkeypatch.setattr(runner, "steps_of", lambda job: made)

    return use


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def is_alive(process_id):
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_training_is_queued_its_process_started_and_both_written_down(engineer, started):
    job = training_start(actor=engineer, parameters=TrainingParameters(preset="fast", epochs=3))
    assert started == [job.pk]
    assert (job.status, job.started_by) == (JobStatus.QUEUED, engineer)
    assert job.parameters == {"preset": "fast", "ensemble": False, "epochs": 3}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target, entry.outcome) == ("job_start", f"training {job.pk}", "done")


def test_one_at_a_time(engineer, started):
    first = training_start(actor=engineer, parameters=TrainingParameters())
    with pytest.raises(JobRefusedError, match=r"a job \(training\) is still running"):
        training_start(actor=engineer, parameters=TrainingParameters())
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind=JobKind.IMPORT)
    Job.objects.filter(pk=first.pk).update(status=JobStatus.DONE, ended_at=timezone.now())
    training_start(actor=engineer, parameters=TrainingParameters())
    assert [entry.outcome for entry in AuditEntry.objects.order_by("id")] == ["done", "refused", "done"]


def test_the_database_refuses_an_end_without_a_time(queued):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=queued.pk).update(status=JobStatus.DONE)


def test_a_job_that_cannot_be_started_says_so_and_blocks_nobody(engineer, monkeypatch):
    def fails(job_id):
        raise OSError("No space left on device")

    monkeypatch.setattr(job_services, "start_runner", fails)
    with pytest.raises(JobRefusedError, match="No space left"):
        training_start(actor=engineer, parameters=TrainingParameters())
    assert Job.objects.get().status == JobStatus.FAILED
    assert AuditEntry.objects.get().outcome == "failed"


@pytest.mark.parametrize(
    ("values", "problem"),
    [({"preset": "giant"}, "no preset 'giant'"), ({"epochs": 0}, "1 to 500"), ({"epochs": 501}, "got 501")],
)
def test_parameters_that_cannot_be_meant(values, problem):
    with pytest.raises(JobRefusedError, match=problem):
        TrainingParameters(**values)


def test_the_commands_of_a_training_are_those_of_the_guide(queued, settings):
    queued.parameters = TrainingParameters(preset="history", ensemble=True, epochs=7).to_json()
    embeddings, dataset, training = (step.command[1:] for step in steps_of(queued))
    pairs = str(JobFolder(queued.pk).dataset.pairs)
    assert embeddings == ("manage.py", "generate_embeddings")
    assert dataset == ("manage.py", "generate_two_tower_dataset", "--output", pairs, "--negative-samples", "2")
    given = ("--data", pairs, "--models", str(settings.MODELS_DIR), "--preset", "history")
    assert training == ("train_two_tower.py", *given, "--write-routing", "--ensemble", "--epochs", "7")


def test_a_job_runs_its_steps_in_order_and_names_the_version_it_made(queued, steps, add_version):
    steps("print('one')", "print('search epoch   2/5  loss 0.4  NDCG@10 0.2 *  0.5 s')")
    made = add_version(4, data={"path": str(JobFolder(queued.pk).dataset.pairs)})
    job = run_job(queued.pk)
    assert (job.status, job.version, job.problem) == (JobStatus.DONE, made, "")
    log = JobFolder(job.pk).log.read_text().splitlines()
    assert log[:3] == ["== Step 1", "one", "== Step 2"]
    progress = job_progress(job=job)
    assert (progress.epoch, progress.epochs) == (2, 5)
    assert {state for _, state in progress.steps} == {"done"}


def test_a_step_that_fails_ends_the_job_with_its_last_words(queued, steps):
    steps("import sys; print('error: no acts to learn from'); sys.exit(2)", "print('never')")
    job = run_job(queued.pk)
    assert (job.status, job.ended_at is not None) == (JobStatus.FAILED, True)
    assert job.problem == "Step 1 ended with status 2: error: no acts to learn from"
    assert "never" not in JobFolder(job.pk).log.read_text()


def test_a_command_that_cannot_be_run_ends_the_job(queued, monkeypatch, tmp_path):
    missing = Step(name="Step", command=("/no/such/program",), folder=tmp_path)
    monkeypatch.setattr(runner, "steps_of", lambda job: [missing])
    job = run_job(queued.pk)
    assert (job.status, job.problem) == (JobStatus.FAILED, "No such file or directory: /no/such/program")


def test_a_job_is_run_once(queued, steps):
    steps("print('one')")
    run_job(queued.pk)
    with pytest.raises(JobRefusedError, match="that waits to be run"):
        run_job(queued.pk)


def test_cancelling_ends_the_whole_group_of_processes(engineer, queued, steps, tmp_path, monkeypatch):
    note = tmp_path / "grandchild"
    child = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    steps(f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)")
    alive = runner._alive

    def cancel_when_busy(job, *, step):
        if note.exists() and note.read_text():
            Job.objects.filter(pk=job.pk, cancel_requested_at=None).update(cancel_requested_at=timezone.now())
        alive(job, step=step)

    monkeypatch.setattr(runner, "_alive", cancel_when_busy)
    job = run_job(queued.pk)
    assert (job.status, job.problem) == (JobStatus.CANCELLED, "cancelled by an engineer")
    until(lambda: not is_alive(int(note.read_text())))


def test_a_database_that_is_away_does_not_end_a_training(queued, steps, monkeypatch):
    steps("import time; time.sleep(0.4); print('still here')")
    fetched = Job.objects.filter
    calls = []

    def sometimes_away(*args, **kwargs):
        calls.append(kwargs)
        if len(calls) in (4, 5):
            raise DatabaseError("server closed the connection")
        return fetched(*args, **kwargs)

    monkeypatch.setattr(runner.connection, "close", lambda: None)  # a test's transaction lives in this connection
    monkeypatch.setattr(Job.objects, "filter", sometimes_away)
    assert run_job(queued.pk).status == JobStatus.DONE
    assert len(calls) > 5


def test_a_job_can_be_cancelled_while_it_has_not_ended(engineer, queued):
    assert job_cancel(actor=engineer, job=queued).cancel_requested_at is not None
    Job.objects.filter(pk=queued.pk).update(status=JobStatus.DONE, ended_at=timezone.now())
    with pytest.raises(JobRefusedError, match="has ended"):
        job_cancel(actor=engineer, job=queued)
    assert [entry.outcome for entry in AuditEntry.objects.order_by("id")] == ["done", "refused"]


def test_a_silent_job_is_lost_and_what_it_left_behind_ends(queued):
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={MARK: str(queued.pk)})
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={MARK: "another"})
    try:
        until(lambda: f"{MARK}={queued.pk}".encode() in Path(f"/proc/{left.pid}/environ").read_bytes())
        assert jobs_notice_lost() == 0
        Job.objects.filter(pk=queued.pk).update(heartbeat_at=timezone.now() - SILENCE - timedelta(seconds=1))
        assert jobs_notice_lost() == 1
        assert left.wait(PATIENCE) == -9
        assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.wait()
    queued.refresh_from_db()
    assert queued.status == JobStatus.LOST
    assert "1 processes that it left behind were ended" in queued.problem
    assert end_processes(queued.pk) == 0


def test_a_job_that_locks_itself_out_of_the_database_is_not_lost(queued, steps, monkeypatch):
    """An import on SQLite writes for minutes in one transaction, and nobody else writes meanwhile."""
    steps("import time; time.sleep(0.4)")
    alive, noticed = runner._alive, []

    def locked_out(job, *, step):
        with monkeypatch.context() as locked:
            locked.setattr(runner.connection, "close", lambda: None)
            locked.setattr(Job.objects, "filter", lambda **_: (_ for _ in ()).throw(DatabaseError("locked")))
            alive(job, step=step)
        Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - 2 * SILENCE)
        noticed.append(jobs_notice_lost())

    monkeypatch.setattr(runner, "_alive", locked_out)
    assert run_job(queued.pk).status == JobStatus.DONE
    assert noticed == [0] * len(noticed) != []


def test_a_job_whose_folder_fell_silent_too_is_lost(queued):
    long_ago = timezone.now() - 2 * SILENCE
    folder = JobFolder(queued.pk)
    folder.path.mkdir(parents=True)
    folder.beat()
    Job.objects.filter(pk=queued.pk).update(heartbeat_at=long_ago)
    assert jobs_notice_lost() == 0
    os.utime(folder.heartbeat, (long_ago.timestamp(), long_ago.timestamp()))
    assert jobs_notice_lost() == 1


def test_a_runner_that_was_given_up_stops(queued, steps, monkeypatch):
    steps("import time; time.sleep(600)")
    alive = runner._alive

    def give_up(job, *, step):
        Job.objects.filter(pk=job.pk).update(status=JobStatus.LOST, ended_at=timezone.now())
        alive(job, step=step)

    monkeypatch.setattr(runner, "_alive", give_up)
    assert run_job(queued.pk).status == JobStatus.LOST


def test_old_datasets_go_and_logs_stay(engineer):
    folders = [JobFolder(job.pk) for job in (Job(kind=JobKind.TRAINING) for _ in range(DATASETS_KEPT + 2))]
    for folder in folders:
        folder.dataset.pairs.parent.mkdir(parents=True)
        folder.dataset.pairs.write_text("pairs")
        folder.log.write_text("log")
    remove_old_datasets(newest_first=[folder.job_id for folder in folders])
    assert [folder.dataset.pairs.exists() for folder in folders] == [True] * DATASETS_KEPT + [False] * 2
    assert all(folder.log.exists() for folder in folders)


def test_the_end_of_a_long_log_begins_with_a_whole_line(queued):
    folder = JobFolder(queued.pk)
    assert folder.log_tail() == ""
    folder.path.mkdir(parents=True)
    folder.log.write_text("".join(f"line {number} é\n" for number in range(5000)))
    tail = folder.log_tail()
    assert tail.startswith("line ")
    assert tail.endswith("line 4999 é\n")
    assert len(tail.encode()) <= TAIL_BYTES


def database_url():
    made = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{made['NAME']}"
    options = urlencode({name: made["OPTIONS"][name] for name in ("host", "port") if name in made["OPTIONS"]})
    where = f"{made['HOST']}:{made['PORT']}" if made["HOST"] else ""
    return f"postgresql://{made['USER']}:{made['PASSWORD']}@{where}/{made['NAME']}?{options}"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_job_runs_in_a_process_of_its_own_that_nobody_waits_for(engineer, monkeypatch, settings):
    for name, value in (
        ("DATABASE_URL", database_url()),
        ("JOBS_DIR", str(settings.JOBS_DIR)),
        ("TEXT_ENCODER", "hashing"),
    ):
        monkeypatch.setenv(name, value)

    def store(folder):
        folder.upload.mkdir(parents=True)
        (folder.upload / "users.csv").write_text("external_id,role\nu-1,student\n")

    before = threading.active_count()
    job = import_start(
        actor=engineer, parameters=ImportParameters(source="platform", files=("users.csv",)), store=store
    )
    assert threading.active_count() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    until(lambda: not Job.objects.get(pk=job.pk).is_unended)
    job.refresh_from_db()
    log = JobFolder(job.pk).log.read_text()
    assert (job.status, job.problem) == (JobStatus.DONE, ""), log
    assert "== Import" in log
    assert "== Embeddings" in log
    assert engineer.__class__.objects.filter(external_id="u-1").exists()
