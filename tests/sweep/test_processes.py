"""Studies in processes of their own: workers, kills, a scheduler by the documented commands.

What they leave is compared with a study of the same points in this process, without Dask.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
import yaml

from cellnn.sweep import run
from cellnn.sweep.store import Store

from .conftest import STUDY, tree, without_processes

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
PATIENCE = 300.0
"""Seconds until a test gives up; what it waits for takes a few."""
MANY = STUDY | {"vary": {"cell.C": {"list": ["1nF", "2nF"]}, "chips": {"count": 40}}}
SMALL_TASKS = ("--task-seconds", "0.01")
"""Tasks of a point or two: there is time to kill something in the middle."""


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def kill_family(process):
    """kill -9 of a process, then of those that it started, so that it cannot start others."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()


def parts(folder):
    return len(list((folder / "parts").glob("*.npz"))) if folder.exists() else 0


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "study.yaml"
    path.write_text(yaml.safe_dump(MANY))
    return path


@pytest.fixture(scope="module")
def undisturbed(written):
    """The folder of a study that nothing disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        run.run_study(written, written.parent / "undisturbed")
    return written.parent / "undisturbed"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with two workers, and the process of one of these."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host, port = free.getsockname()
    address, dask = f"tcp://{host}:{port}", [sys.executable, "-m", "dask"]
    words = [[*dask, "scheduler", "--host", host, "--port", str(port), "--no-dashboard"]]
    words += 2 * [[*dask, "worker", address, "--nthreads", "1", "--nworkers", "1", "--no-dashboard"]]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT}
    processes = [subprocess.Popen(one, **quiet, cwd=tmp_path_factory.mktemp("dask")) for one in words]
    try:
        until(lambda: socket.socket().connect_ex((host, port)) == 0)
        yield address, processes[1]
    finally:
        for process in processes:
            kill_family(process)
            process.wait(30)


def test_a_scheduler_and_two_workers_by_the_documented_commands(
    undisturbed, cluster, written, tmp_path, cellnn_command, monkeypatch
):
    """One of them is killed in the middle, with its nanny: it does not come back."""
    address, worker = cluster
    out, add = tmp_path / "out", Store.add

    def add_and_kill(store, *rows):
        add(store, *rows)
        if parts(out) == 2:
            kill_family(worker)

    monkeypatch.setattr(Store, "add", add_and_kill)
    done = cellnn_command("sweep", written, "-o", out, "--scheduler", address, *SMALL_TASKS, "--json", "-")
    assert done.status == 0 and worker.poll() is not None, done.err
    told = json.loads(done.out)
    assert told["points"] == 80 and not told["failed"] and len(told["cases"]) == 2
    assert told["took"]["points_computed"] == 80 and told["took"]["memory_bytes"][-1]["largest_worker"] > 50e6
    assert tree(out / "results.zarr") == tree(undisturbed / "results.zarr")


def test_killed_workers_and_a_killed_study_leave_the_store_of_an_undisturbed_one(
    undisturbed, cluster, written, tmp_path
):
    """All workers at once: what was sent to them once goes with them. Others, of a scheduler, then do the rest."""
    out = tmp_path / "out"
    words = [sys.executable, "-m", "cellnn", "sweep", str(written), "-o", str(out), "--workers", "1", *SMALL_TASKS]
    first = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: parts(out) >= 2)
    family = psutil.Process(first.pid).children(recursive=True)
    (worker,) = [one for one in family if "spawn_main" in " ".join(one.cmdline())]
    worker.send_signal(signal.SIGKILL)
    seen = parts(out)
    until(lambda: parts(out) >= seen + 3 or first.poll() is not None)
    kill_family(first)
    told = first.communicate()[1]
    assert "dashboard: http://127.0.0.1:" in told
    kept = parts(out)
    assert 0 < kept and not (out / "results.zarr").exists(), "the study ended before it was killed"
    tally = run.run_study(written, out, scheduler=cluster[0]).tally
    assert tally.known >= kept and tally.known + tally.done == 80
    assert tree(out / "results.zarr") == tree(undisturbed / "results.zarr")


def test_a_study_that_is_done_starts_no_worker(undisturbed, written, cellnn_command):
    before = tree(undisturbed / "results.zarr")
    done = cellnn_command("sweep", written, "-o", undisturbed)
    assert done.status == 0 and "every point was there already" in done.out, done.err
    assert tree(undisturbed / "results.zarr") == before
    for name in ("report.json", "report.html", "distributions.png"):
        assert (undisturbed / name).exists()
