"""The cache of generated code: damaged, read-only, or missing, a run still comes out right."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cellnn.devices.codegen import modules
from cellnn.simulator.compiled import engine_code

CELL = """
import numpy as np
from cellnn import load
from cellnn.devices.parameter import flat_parameters
from cellnn.simulator.cell_code import cell_module
from cellnn.simulator.compiled.cell_blocks import cell_blocks
cell = load({"cellnn": 1, "grid": {"rows": 2, "columns": 2}, "cell": {"circuit": "chua-yang"},
             "layers": [{"template": {"B": 1}}], "run": {"stop": "1us"}}).arrays[0].cell
assert cell_blocks(cell, False).outputs
y, parameters = np.zeros(1), np.array(list(flat_parameters(cell).values()))
cell_module(cell).outputs(np.full((1, 1), 0.5), parameters, y)
print(float(y[0]))
"""
DEVICE = """
from cellnn.devices.codegen.numba_functions import numba_functions
from cellnn.devices.linear_ion_drift import LinearIonDrift
print(1e4 * float(numba_functions(LinearIonDrift(R_on=5e3, R_off=15e3)).current(0.5, 0.5)))
"""


def run(cache, code, **given):
    """What it says on stderr; the result on stdout is 0.5: of a cell at 0.5 V, or 0.5 V over 10 kOhm."""
    environment = os.environ | {"CELLNN_CACHE_DIR": str(cache)} | given
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert float(result.stdout) == pytest.approx(0.5, abs=1e-6)
    return result.stderr


@pytest.mark.parametrize("code", [DEVICE, CELL], ids=["device", "cell"])
def test_damaged_files_are_made_anew(code, tmp_path):
    assert run(tmp_path, code) == ""
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {".py", ".txt", ".nbi", ".nbc"}
    for file in files:
        file.write_bytes(b"\xffrubbish")
    assert run(tmp_path, code) == ""


def test_the_engines_loops_are_compiled_anew(tmp_path, monkeypatch):
    """Machine code that cannot be used is dropped, and the loop tried again from a module made afresh."""
    monkeypatch.setattr(modules, "cache_directory", lambda: tmp_path)
    monkeypatch.setattr(engine_code, "_ready", {})
    tried = []

    def try_out(function):
        tried.append(function)
        stale = tmp_path / "code" / "__pycache__" / f"{function.__module__}.advance_fixed-1.py311.nbi"
        if len(tried) == 1:
            stale.parent.mkdir(exist_ok=True)
            stale.write_bytes(b"\xffrubbish")
            raise ValueError("damaged")
        assert not stale.exists()

    assert engine_code.engine_function("advance_fixed", np.dtype(np.float64), try_out) is tried[1]
    assert len(tried) == 2 and tried[0] is not tried[1]


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    assert "CELLNN_CACHE_DIR" in run(tmp_path / "file" / "cache", DEVICE, TMPDIR=str(temporary))
    assert not list(temporary.iterdir())
