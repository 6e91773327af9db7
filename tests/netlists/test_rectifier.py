"""Cells with a rectifying output: the grid simulator and ngspice agree, and the deck reads back."""

import pytest

import cellnn
from cellnn.netlists.crosscheck import crosscheck
from cellnn.netlists.export import export_deck
from cellnn.netlists.read import read_deck

from .random_arrays import random_spec


@pytest.mark.parametrize("circuit, memristor", [("chua-yang", None), ("m-cellnn", "strachan-taox")])
def test_ngspice_agrees(circuit, memristor):
    spec = random_spec(21, circuit, memristor, channels=2, size=(4, 3), boundary={"fixed": -0.5}, stop=2.0)
    spec["cell"]["output"] = {"kind": "rectifier", "leak": 0.02}
    template = spec["layers"][0]["template"]
    template["A"] *= 0.4  # the feedback of a rectifier has no saturation to end in
    verdict = crosscheck(cellnn.load(spec), timeout=300)
    assert verdict.passed, verdict.summary()


def test_the_deck_reads_back():
    spec = random_spec(22, "chua-yang", channels=1, size=(2, 3))
    spec["cell"]["output"] = {"kind": "rectifier", "leak": 0.02}
    circuit = cellnn.load(spec)
    again = cellnn.load(read_deck(export_deck(circuit)))
    assert again.arrays[0].cell.stage == circuit.arrays[0].cell.stage
