"""Couplings of different forms, compiled by different processes into one cache, stay what they are."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
import numpy as np
from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang
from cellnn.circuits.circuit import Circuit
from cellnn.circuits.outputs import Saturation
from cellnn.circuits.spec.models import RunSpec
from cellnn.circuits.template import Template
from cellnn.simulator.simulate import simulate

for name in sys.argv[2:]:
    channels = int(name)
    numbers = np.random.default_rng(channels)
    A = numbers.normal(size=(channels, channels, 3, 3)) / channels
    cell = ChuaYang(C=1e-9, R=1e3, V1=0.1, stage=Saturation(0.0))
    template = Template.of(A=A, B=np.zeros((channels, channels, 1, 1)), z=np.zeros(channels), channels=channels)
    start = numbers.uniform(-1, 1, (channels, 5, 6))
    array = CellArray("layer", cell, template, Boundary("fixed", 0.0), 5, 6, start, None)
    run = RunSpec.model_validate({"stop": 1e-6, "method": "rk4", "step": 1e-7, "save": 2})
    batch = np.zeros((2, channels, 5, 6))  # two samples: not the engine of one array
    result = simulate(Circuit("test", (array,), batch, run, {"mismatch": 0, "noise": 1}))
    np.save(f"{sys.argv[1]}-{channels}.npy", result["layer"]["output"].values[0, -1])
"""


def run(cache, prefix, *channels):
    environment = {**os.environ, "CELLNN_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, "-c", PROGRAM, str(prefix), *channels], cwd=ROOT, env=environment, check=True)
    return [np.load(f"{prefix}-{number}.npy") for number in channels]


def test_two_processes_compile_and_a_third_loads(tmp_path):
    cache = tmp_path / "cache"
    expected = run(cache, tmp_path / "alone", "4") + run(cache, tmp_path / "alone", "12")
    together = run(cache, tmp_path / "together", "4", "12") + run(cache, tmp_path / "other", "12", "4")[::-1]
    for wanted, found in zip(expected * 2, together, strict=True):
        assert np.array_equal(found, wanted)
        assert np.abs(found).max() > 1e-3
