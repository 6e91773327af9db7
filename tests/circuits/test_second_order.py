"""The second-order cell: what a spec may say, the bound of a swing, and chips that differ."""

import numpy as np
import pytest
from scipy.integrate import quad

import cellnn
from cellnn.circuits.cells import SecondOrder
from cellnn.devices.errors import InputError

SPEC = {
    "cellnn": 1,
    "grid": {"rows": 2, "columns": 2},
    "cell": {"circuit": "second-order", "C": "1nF", "R": "1kOhm", "L": "4mH"},
    "layers": [{"template": {"A": 0, "B": 1, "z": 0}}],
    "run": {"stop": "5us"},
}


def with_cell(**cell):
    return {**SPEC, "cell": {"circuit": "second-order", **cell}}


def test_a_spec_gives_the_cell():
    cell = cellnn.load(SPEC).arrays[0].cell
    assert cell == SecondOrder(1e-9, 1e3, 1.0, L=4e-3)
    assert cell.quality == pytest.approx(2.0)
    assert cellnn.load(with_cell()).arrays[0].cell.L == 1e-3


@pytest.mark.parametrize(
    "cell, place, told",
    [
        ({"L": "1nF"}, "cell.L", "H"),
        ({"L": 0}, "cell.L", "1e-15"),
        ({"L": "-1mH"}, "cell.L", "1e-15"),
        ({"L": "nan"}, "cell.L", "a quantity"),
        ({"circuit": "chua-yang", "L": "1mH"}, "cell.L", "second-order"),
        ({"circuit": "op-amp", "L": "1mH"}, "cell.L", "second-order"),
        ({"memristor": {"model": "strachan-taox"}}, "cell.memristor", "m-cellnn"),
        ({"op_amp": {"A0": 1e5}}, "cell.op_amp", "op-amp"),
    ],
)
def test_what_does_not_fit_is_refused(cell, place, told):
    with pytest.raises(InputError) as caught:
        cellnn.load(with_cell(**cell))
    assert caught.value.place == place
    assert told in str(caught.value)


def impulse(t, quality):
    """The impulse response from the drive to v, time in units of sqrt(LC)."""
    a = 1 / (2 * quality)
    root = np.sqrt(complex(a * a - 1))
    return float(((np.exp((root - a) * t) - np.exp((-root - a) * t)) / (2 * root)).real)


@pytest.mark.parametrize("quality", [0.2, 0.45, 0.51, 1.0, 5.0, 20.0])
def test_the_bound_is_the_integral_of_the_impulse_response(quality):
    ends = 40 * max(quality, 1 / quality)
    points = np.linspace(0, ends, 400)
    total = sum(quad(lambda t: abs(impulse(t, quality)), a, b)[0] for a, b in zip(points, points[1:], strict=False))
    assert SecondOrder(1e-9, 1e3, L=quality**2 * 1e-3).voltage_bound(1.0) == pytest.approx(total, rel=1e-5)


def test_each_part_has_a_spread_of_its_own():
    spec = {**SPEC, "grid": {"rows": 40, "columns": 40}, "hardware": {"mismatch": {"L": "5%"}}}
    array = cellnn.load(spec).arrays[0]
    assert set(array.own.parameters) == {"L"}
    L = array.own.parameters["L"]
    assert abs(L.mean() / 4e-3 - 1) < 4.5 * 0.05 / 40 and abs(L.std() / 4e-3 - 0.05) < 4.5 * 0.05 / np.sqrt(3200)
    assert cellnn.load({**SPEC, "hardware": {"mismatch": {"R": "5%"}}}).arrays[0].own.parameters.keys() == {"R"}


def test_other_cells_have_no_spread_of_l():
    spec = {**SPEC, "cell": {"circuit": "chua-yang"}, "hardware": {"mismatch": {"L": "5%"}}}
    with pytest.raises(InputError) as caught:
        cellnn.load(spec)
    assert caught.value.place == "hardware.mismatch.L"


def test_a_warm_chip_has_the_inductor_of_a_warm_gyrator():
    """L = R_g^2 C_L: twice the resistors' coefficient, and the capacitors'."""
    spec = {**SPEC, "hardware": {"temperature": {"value": 400, "R": 1e-3, "C": 2e-3}}}
    assert cellnn.load(spec).arrays[0].cell.L == pytest.approx(4e-3 * np.exp(100 * (2 * 1e-3 + 2e-3)))
