"""The cache of generated code: damaged, read-only, or missing, a run still comes out right."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

RUN = """
import cellnn
spec = {"cellnn": 1, "grid": {"rows": 2, "columns": 2}, "cell": {"circuit": "chua-yang"},
        "layers": [{"template": {"B": 1}}], "input": 0.5,
        "run": {"stop": "50us", "save": 2, "method": "rk4", "step": "1us"}}
print(float(cellnn.simulate(cellnn.load(spec))["layer1"]["output"][-1, 0, 0, 0]))
"""
DEVICE = """
from cellnn.devices.codegen.numba_functions import numba_functions
from cellnn.devices.linear_ion_drift import LinearIonDrift
print(1e4 * float(numba_functions(LinearIonDrift(R_on=5e3, R_off=15e3)).current(0.5, 0.5)))
"""


def run(cache, code=RUN):
    """What it says on stderr; the result on stdout is 0.5: of a cell at rest, or 0.5 V over 10 kOhm."""
    environment = os.environ | {"CELLNN_CACHE_DIR": str(cache)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert float(result.stdout) == pytest.approx(0.5, abs=1e-6)
    return result.stderr


def test_damaged_files_are_made_anew(tmp_path):
    assert run(tmp_path) == ""
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {".py", ".txt", ".nbi", ".nbc"}
    for file in files:
        file.write_bytes(b"\xffrubbish")
    assert run(tmp_path) == ""


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("")
    temporary = set(Path(tempfile.gettempdir()).glob("cellnn-*"))
    assert "CELLNN_CACHE_DIR" in run(tmp_path / "file" / "cache", DEVICE)
    assert set(Path(tempfile.gettempdir()).glob("cellnn-*")) <= temporary
