"""The grid simulator and ngspice agree: every cell circuit, memristor, boundary; one to three channels; 3x3 and 5x5."""

import numpy as np
import pytest

import cellnn
from cellnn.devices.registry import memristor_names
from cellnn.netlists.crosscheck import crosscheck
from cellnn.netlists.measure import Tolerance, rms_normalised

from .random_arrays import BOUNDARIES, random_spec

SHAPES = list(zip(BOUNDARIES, (1, 2, 3), (3, 5, 3), strict=True))
SMALL = [(4, 5), (5, 3), (3, 4)]
CIRCUITS = [
    ("chua-yang", None),
    *(("m-cellnn", name) for name in memristor_names()),
    ("op-amp", None),
    ("op-amp", "strachan-taox"),
    ("op-amp", "yakopcic"),
]


@pytest.mark.parametrize("place", range(3), ids=["zero-flux", "periodic-2-channels-5x5", "fixed-3-channels"])
@pytest.mark.parametrize("circuit, memristor", CIRCUITS, ids=lambda value: str(value))
def test_a_random_array_agrees(circuit, memristor, place):
    """Plain cells within 1e-4, the others within 1e-3, by Xyce's measure, in every cell."""
    boundary, channels, kernel = SHAPES[place]
    size, stop = SMALL[place], 2.0 if circuit == "op-amp" and memristor else 4.0
    # where ngspice takes minutes for many cells, or for long:
    if channels > 1 and (circuit, memristor) == ("op-amp", "strachan-taox"):
        size = (3, 3)
    if channels > 1 and memristor == "vteam":
        stop = 0.5  # all but a few memristors have switched
    seed = 100 * CIRCUITS.index((circuit, memristor)) + place
    spec = random_spec(
        seed, circuit, memristor, boundary=boundary, channels=channels, kernel=kernel, size=size, stop=stop
    )
    tolerance = Tolerance(1e-4, 1e-6) if circuit == "chua-yang" else Tolerance()
    verdict = crosscheck(cellnn.load(spec), tolerance=tolerance, timeout=300)
    assert verdict.passed, verdict.summary()


@pytest.mark.parametrize("circuit", ["chua-yang", "op-amp"])
def test_layers_in_sequence_agree(circuit):
    stop = 1.0 if circuit == "op-amp" else 2.0  # by then, states beyond 3 V; ngspice takes four times as long for 2
    spec = random_spec(7, circuit, channels=2, layers=3, size=(4, 3), stop=stop)
    spec["initial"] = "input"
    assert crosscheck(cellnn.load(spec), timeout=300).passed


def test_layers_of_memristors_that_start_from_their_input_agree():
    spec = random_spec(8, "m-cellnn", "strachan-taox", layers=2, size=(2, 3), boundary="periodic")
    spec["cell"]["memristor"]["x0"] = "input"
    assert crosscheck(cellnn.load(spec), timeout=300).passed


def test_16x16_taox_cells_agree():
    """Driven by up to 0.5 V: beyond, memristors switch one by one within picoseconds, and ngspice takes minutes."""
    spec = random_spec(9, "m-cellnn", "strachan-taox", size=(16, 16), stop=2.0)
    spec["cell"]["voltage_unit"] = 0.2
    spec["layers"][0]["template"]["B"] *= 0.3
    verdict = crosscheck(cellnn.load(spec), timeout=500)
    assert verdict.passed and verdict.summary()["cells"] == 256


def test_both_engines_find_the_same_numbers():
    spec = random_spec(9, "m-cellnn", "strachan-taox", size=(3, 3), stop=2.0)
    batch, shared = (crosscheck(cellnn.load(spec), timeout=300, engine=engine) for engine in ("batch", "shared"))
    assert batch.passed and shared.passed
    for one, other in zip(batch.comparisons, shared.comparisons, strict=True):
        assert np.array_equal(one.theirs, other.theirs)


@pytest.mark.parametrize("circuit", ["chua-yang", "m-cellnn", "op-amp"])
def test_a_window_of_a_large_array_agrees_under_its_real_neighbours(circuit):
    memristor = "yakopcic" if circuit == "m-cellnn" else None
    spec = random_spec(10, circuit, memristor, size=(33, 34), kernel=5, stop=3.0, boundary="periodic")
    verdict = crosscheck(cellnn.load(spec), timeout=300)
    assert verdict.passed and verdict.summary()["cells"] == (25 if memristor else 64)
    corner = crosscheck(cellnn.load(spec), window="4x3+0+31", timeout=300)
    assert corner.passed and corner.comparisons[0].window.rows == (0, 4)


def test_a_window_sees_a_wrong_neighbour(monkeypatch):
    from cellnn.netlists import windowed

    honest = windowed.PchipInterpolator
    monkeypatch.setattr(windowed, "PchipInterpolator", lambda t, y: honest(t, 0.9 * y))
    spec = random_spec(10, "chua-yang", size=(12, 12))
    assert not crosscheck(cellnn.load(spec), window="4x4").passed


def test_the_measure_is_xyces():
    ours, theirs = np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([[1.1, 0.0], [2.0, 1e-3]])
    found = rms_normalised(ours, theirs, Tolerance(1e-2, 1e-4), 1.0)
    assert found == pytest.approx([np.sqrt(0.5) * 0.1 / (1e-2 * 1.1 + 1e-4), np.sqrt(0.5) * 1e-3 / (1e-5 + 1e-4)])


def test_a_run_with_too_long_steps_does_not_pass():
    spec = random_spec(11, "chua-yang", size=(4, 4))
    spec["run"] |= {"method": "euler", "step": "0.2us"}
    verdict = crosscheck(cellnn.load(spec))
    assert not verdict.passed and verdict.rms > 3


def test_noise_and_settling_are_left_out_and_told():
    spec = random_spec(12, "chua-yang", size=(3, 3))
    spec["hardware"] = {"noise": True}
    verdict = crosscheck(cellnn.load(spec))
    assert verdict.passed and any("noise" in note for note in verdict.notes)
    del spec["hardware"]
    spec["run"]["settle"] = 1e-3
    verdict = crosscheck(cellnn.load(spec))
    assert verdict.passed and any("settled" in note for note in verdict.notes)
