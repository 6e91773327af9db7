"""A study of small plain arrays, whose chips take milliseconds."""

import copy
from collections import deque
from contextlib import nullcontext

import distributed
import pytest
import yaml

from cellnn.sweep import run

BASE = {
    "cellnn": 1,
    "grid": {"rows": 5, "columns": 6},
    "cell": {"circuit": "chua-yang"},
    "layers": [{"name": "edges", "template": "EDGE"}],
    "input": [[1, 1, 1, 1, 1, 1], [1, -1, -1, 1, 1, 1], [1, -1, -1, -1, 1, 1], [1, 1, -1, -1, 1, 1], [1] * 6],
    "run": {"stop": "5us", "rtol": 1e-4, "atol": 1e-6, "save": 3},
    "hardware": {"mismatch": {"weights": "5%"}},
}
STUDY = {
    "study": 1,
    "name": "edges on many chips",
    "spec": BASE,
    "vary": {"chips": {"count": 12}},
    "measures": ["error_rms", "output_mean"],
}


@pytest.fixture
def study():
    """A study to change."""
    return copy.deepcopy(STUDY)


@pytest.fixture
def write_study(tmp_path):
    """Write a study to study.yaml in an empty folder."""

    def write(content):
        path = tmp_path / "study.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return path

    return write


def tree(folder):
    """Every file below a folder, by name, as bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class _Future:
    """Stands in for Dask's."""

    status = "finished"

    def __init__(self, found):
        self.result = lambda: found


class _Client:
    """Stands in for Dask's: does what it is given in this process, at once."""

    status = "running"

    def nthreads(self):
        return {"here": 1}

    def wait_for_workers(self, *_, **__):
        pass

    def scatter(self, work, **_):
        return work

    def submit(self, call, *arguments, **_):
        return _Future(call(*arguments))


class _Stream(deque):
    """Stands in for Dask's `as_completed`."""

    def __init__(self, *_, **__):
        super().__init__()

    add, __next__ = deque.append, deque.popleft


def without_processes(patch):
    """Studies do what the client and the workers do in this process, one after the other."""
    patch.setattr(run, "connected", lambda *_: nullcontext(_Client()))
    patch.setattr(run, "dashboard", lambda _: "none")
    patch.setattr(run, "memory_of_worker", lambda _: 4e9)
    patch.setattr(distributed, "as_completed", _Stream)


@pytest.fixture
def run_here(monkeypatch, write_study, tmp_path):
    """`run_study` without processes."""
    without_processes(monkeypatch)
    return lambda content, out="out", **more: run.run_study(write_study(content), tmp_path / out, **more)
