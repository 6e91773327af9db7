"""Shared fixtures: a small valid spec, and the command line called in this process."""

from __future__ import annotations

import copy
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

# before anything loads NumPy or torch: `make test` fills the cores with processes, and threads of their libraries that
# wait for each other on cores they do not have take ten times the time. Whatever the caller's environment says: a sum's
# last bits depend on the number of threads, and tests compare bits between processes. Tests of threads say how many.
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

SPEC: dict[str, Any] = {
    "cellnn": 1,
    "name": "a small array",
    "grid": {"rows": 4, "columns": 5, "boundary": "zero-flux"},
    "cell": {
        "circuit": "m-cellnn",
        "C": "1nF",
        "R": "1kOhm",
        "voltage_unit": "0.1V",
        "output": {"kind": "saturation", "leak": 0.0},
        "memristor": {"model": "strachan-taox", "x0": 0.1, "area": 1.0, "parameters": {}},
    },
    "layers": [{"name": "edges", "channels": 1, "template": "EDGE"}],
    "input": 0.5,
    "initial": 0,
    "run": {"stop": "1us", "method": "adaptive", "rtol": 1e-6, "atol": 1e-9, "save": 5},
    "seed": {"mismatch": 0, "noise": 1},
}


@pytest.fixture
def spec() -> dict[str, Any]:
    """A valid spec to change."""
    return copy.deepcopy(SPEC)


@pytest.fixture
def put():
    """Set the value at a dotted path of a spec: put(spec, "layers.0.name", "a")."""

    def set_value(spec: Any, path: str, value: Any) -> Any:
        *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in parents:
            spec = spec[step]
        spec[last] = value
        return spec

    return set_value


class CommandResult:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def cellnn_command(monkeypatch, capsys):
    """Call the command line in this process; returns its exit status, stdout and stderr."""
    from cellnn.cli.app import main

    def call(*arguments: object) -> CommandResult:
        monkeypatch.setattr(sys, "argv", ["cellnn", *map(str, arguments)])
        status: int = 0
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return CommandResult(status, captured.out, captured.err)

    return call


@pytest.fixture
def write_spec(tmp_path):
    """Write a spec (a mapping, or text as it is) to spec.yaml in an empty folder."""

    def write(content: Any) -> Path:
        path = tmp_path / "spec.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return path

    return write
