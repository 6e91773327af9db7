"""Second-order cells in ngspice: alike or not, in sequence, in a window of many, and read back."""

import numpy as np
import pytest

import cellnn
from cellnn.netlists.crosscheck import crosscheck
from cellnn.netlists.export import export_deck
from cellnn.netlists.measure import Tolerance
from cellnn.netlists.read import read_deck

from .random_arrays import random_spec

Q_AND_BOUNDARY = [(0.3, "zero-flux"), (1.0, "periodic"), (2.5, {"fixed": -0.5}), (12.0, "periodic")]


def spec_of(quality, seed=31, **more):
    """RC = 1 us, so that 10 us are many swings, or few."""
    spec = random_spec(seed, "second-order", **{"size": (3, 4), "stop": 6.0 * max(1.0, quality), **more})
    spec["cell"] |= {"L": quality**2 * 1e-3, "voltage_unit": 0.4}
    return spec


@pytest.mark.parametrize("quality, boundary", Q_AND_BOUNDARY)
def test_a_random_array_with_feedback_agrees(quality, boundary):
    circuit = cellnn.load(spec_of(quality, boundary=boundary, channels=1 + (quality == 1.0)))
    verdict = crosscheck(circuit, tolerance=Tolerance(3e-4, 3e-6), timeout=300)
    assert verdict.passed, verdict.summary()


def test_another_inductor_is_seen():
    circuit, other = (cellnn.load(spec_of(quality, stop=3.0)) for quality in (1.0, 1.005))
    assert not crosscheck(circuit, deck=export_deck(other)).passed


def test_cells_that_differ_agree():
    spec = spec_of(2.0, stop=5.0)
    spec["hardware"] = {"mismatch": {"R": "10%", "C": "10%", "L": "15%", "weights": "5%"}}
    made = cellnn.load(spec)
    assert crosscheck(made).passed
    # the inductors' share of it alone would be seen
    spec["hardware"]["mismatch"]["L"] = "0%"
    assert not crosscheck(cellnn.load(spec), deck=export_deck(made)).passed


def test_layers_in_sequence_agree():
    """The second is held without current until its turn, while its drive waits at the other end of the inductor."""
    spec = spec_of(1.5, layers=2, size=(2, 3), stop=4.0)
    assert crosscheck(cellnn.load(spec)).passed


def test_a_window_agrees_under_its_real_neighbours():
    spec = spec_of(2.0, size=(7, 8), stop=4.0)
    assert crosscheck(cellnn.load(spec), window="3x3+2+3").passed


def test_a_deck_is_read_back():
    spec = spec_of(2.0)
    circuit = cellnn.load(spec)
    again = cellnn.load(read_deck(export_deck(circuit)))
    assert again.arrays[0].cell == circuit.arrays[0].cell
    edited = export_deck(circuit).replace(".param cell_l=", ".param cell_l=7m ; ", 1)
    assert edited.count("7m") == 1
    assert cellnn.load(read_deck(edited)).arrays[0].cell.L == 7e-3
    assert np.allclose(again.input, circuit.input, rtol=1e-15, atol=0)
