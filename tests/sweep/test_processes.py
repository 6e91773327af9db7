"""Studies in processes of their own: workers, kills, a scheduler by the documented commands, full disks."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import yaml

from cellnn.sweep.table import read_table

from .conftest import STUDY, tree

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
PATIENCE = 300.0
"""Seconds until a test gives up; what it waits for takes a few."""
MANY = STUDY | {"vary": {"cell.C": {"list": ["1nF", "2nF"]}, "chips": {"count": 150}}}


def command(study, out, *more, **options):
    words = [sys.executable, "-m", "cellnn", "sweep", str(study), "-o", str(out), *more]
    return subprocess.Popen(
        words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def ended(process, status=0):
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, (process.returncode, out, err)
    return out, err


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def read(folder):
    """The rows of all parts, by key."""
    found = {}
    for path in folder.glob("*.npz"):
        with np.load(path) as file:
            found |= {key.tobytes(): row for key, row in zip(file["keys"], file["values"], strict=True)}
    return found


def parts(folder):
    return len(list((folder / "parts").glob("*.npz"))) if folder.exists() else 0


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "study.yaml"
    path.write_text(yaml.safe_dump(MANY))
    return path


@pytest.fixture(scope="module")
def undisturbed(written):
    """The store of a study that nothing disturbed, on one worker, and what its JSON said."""
    out = written.parent / "undisturbed"
    told, _ = ended(command(written, out, "--workers", "1", "--json"))
    return tree(out / "results.zarr"), json.loads(told)


def test_the_json_tells_what_was_found_and_what_it_took(undisturbed):
    _, told = undisturbed
    assert told["points"] == 300 and not told["failed"] and len(told["cases"]) == 2
    assert told["took"]["workers"] == 1 and told["took"]["points_computed"] == 300
    assert told["took"]["memory_bytes"][-1]["largest_worker"] > 50e6


def test_killed_workers_and_a_killed_study_leave_the_store_of_an_undisturbed_one(undisturbed, written, tmp_path):
    """All workers at once: what was sent to them once goes with them."""
    out = tmp_path / "out"
    first = command(written, out, "--workers", "2", "--task-seconds", "0.05")
    until(lambda: parts(out) >= 2)
    family = psutil.Process(first.pid).children(recursive=True)
    workers = [one for one in family if "spawn_main" in " ".join(one.cmdline())]
    assert len(workers) == 2
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
    seen = parts(out)
    until(lambda: parts(out) >= seen + 3 or first.poll() is not None)
    if first.poll() is None:
        family = psutil.Process(first.pid).children(recursive=True)
        first.kill()
        for one in family:
            one.kill() if one.is_running() else None
    first.communicate()
    kept = parts(out)
    assert 0 < kept and not (out / "results.zarr").exists(), "the study ended before it was killed"
    told, _ = ended(command(written, out, "--workers", "1", "--json"))
    took = json.loads(told)["took"]
    assert took["points_known"] >= kept and took["points_known"] + took["points_computed"] == 300
    assert tree(out / "results.zarr") == undisturbed[0]


def test_a_scheduler_and_two_workers_by_the_documented_commands(undisturbed, written, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    host, port = address.removeprefix("tcp://").split(":")
    words = [[*dask, "scheduler", "--host", host, "--port", port, "--no-dashboard"]]
    words += 2 * [[*dask, "worker", address, "--nthreads", "1", "--no-dashboard"]]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT, "cwd": tmp_path}
    processes = [subprocess.Popen(one, **quiet) for one in words]
    try:
        until(lambda: socket.socket().connect_ex((host, int(port))) == 0)
        out = tmp_path / "out"
        study = command(written, out, "--scheduler", address, "--task-seconds", "0.05", "--json")
        until(lambda: parts(out) >= 2 or study.poll() is not None)
        processes[1].kill()  # with its nanny: this one does not come back
        told, _ = ended(study)
        assert json.loads(told)["took"]["points_computed"] == 300
        assert tree(out / "results.zarr") == undisturbed[0]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def test_a_scheduler_that_is_not_there_is_told(written, tmp_path, cellnn_command):
    done = cellnn_command("sweep", written, "-o", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    expected = "--scheduler: got 'tcp://127.0.0.1:9'; expected the address of a Dask scheduler that runs"
    assert done.status == 2 and expected in done.err


def test_a_study_that_is_done_starts_no_worker(undisturbed, written, cellnn_command):
    done = cellnn_command("sweep", written, "-o", written.parent / "undisturbed")
    assert done.status == 0 and "every point was there already" in done.out, done.err
    assert tree(written.parent / "undisturbed" / "results.zarr") == undisturbed[0]
    for name in ("report.json", "report.html", "distributions.png"):
        assert (written.parent / "undisturbed" / name).exists()


def test_a_full_disk_stops_a_study_and_loses_nothing(undisturbed, written, tmp_path):
    """In a process whose files may have so many bytes: parts of a few points fit, others do not."""
    out = tmp_path / "out"
    words = ["cellnn", "sweep", str(written), "-o", str(out), "--workers", "1", "--task-seconds", "0.05"]
    code = f"""
import resource, sys
from cellnn.cli import app
from cellnn.sweep import engine

keep, count = engine._keep, [0]

def full(*words):
    count[0] += 1
    if count[0] == 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, resource.RLIM_INFINITY))
    return keep(*words)

engine._keep = full
sys.argv = {words!r}
if __name__ == "__main__":
    app.main()
"""
    script = tmp_path / "full.py"
    script.write_text(code)
    done = subprocess.run([sys.executable, script], env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert (
        "of 300 points are in the store, and the same command goes on from there" in last and "File too large" in last
    )
    assert parts(out) == 2 and not list(Path(out).rglob(".cellnn-*"))
    values, keys = read(out / "parts"), read_table(written.parent / "undisturbed" / "results.zarr", MANY["measures"])[0]
    undamaged = {key: row for key, row, _ in keys}
    assert len(values) >= 2 and all(np.array_equal(undamaged[key], row) for key, row in values.items())
