"""Arrays whose cells differ: every cell's own weights, bias, R, C and memristor are in the deck."""

import numpy as np
import pytest

import cellnn
from cellnn.devices.errors import InputError
from cellnn.netlists.crosscheck import crosscheck
from cellnn.netlists.export import export_deck

HARDWARE = {
    "synapses": {"low": "8uS", "high": "90uS"},
    "quantisation": {"bits": 6},
    "programming": {"model": "cmo-hfox", "acceptance": "2%"},
    "faults": {"low": "1%"},
    "mismatch": {"weights": "10%", "gain": "3%", "offset": "2%", "R": "5%", "C": "5%"},
    "converters": {"input": {"bits": 8, "inl": 1.0, "dnl": 0.2}},
}


def spec(circuit, boundary, hardware=HARDWARE):
    cell = {"circuit": circuit, "voltage_unit": "0.1V"}
    if circuit == "m-cellnn":
        cell["memristor"] = {"model": "strachan-taox", "area": 0.1}
        mismatch = {**hardware["mismatch"], "memristor": "5%", "x0": "10%"}
        hardware = {**hardware, "mismatch": mismatch}
    numbers = np.random.default_rng(0)
    template = {"A": numbers.normal(size=(2, 2, 3, 3)) / 3, "B": numbers.normal(size=(2, 2, 3, 3)), "z": [0.2, -0.1]}
    return {
        "cellnn": 1, "grid": {"rows": 3, "columns": 4, "boundary": boundary}, "cell": cell,
        "layers": [{"name": name, "channels": 2, "template": template} for name in ("one", "two")],
        "input": numbers.uniform(-1, 1, (2, 3, 4)), "run": {"stop": "3us", "save": 21}, "hardware": hardware,
    }  # fmt: skip


@pytest.mark.parametrize("circuit, boundary", [("chua-yang", "periodic"), ("m-cellnn", {"fixed": -0.5})])
def test_ngspice_agrees(circuit, boundary):
    made = cellnn.load(spec(circuit, boundary))
    assert crosscheck(made).passed
    # the same deck is not the designed array's: the check would see a chip that got lost
    designed = cellnn.load({**spec(circuit, boundary), "hardware": None})
    assert not crosscheck(designed, deck=export_deck(made)).passed


def test_a_window_of_a_large_one():
    given = spec("m-cellnn", "zero-flux")
    given |= {"grid": {"rows": 14, "columns": 15}, "input": 0.3, "layers": given["layers"][:1]}
    assert crosscheck(cellnn.load(given), window="3x3+0+11").passed


def test_op_amp_cells_are_refused():
    given = spec("op-amp", "zero-flux", {"mismatch": {"R": "5%"}})
    with pytest.raises(InputError, match="op-amp"):
        export_deck(cellnn.load(given))
