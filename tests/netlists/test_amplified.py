"""Cells behind reduced amplifiers are in decks, their offsets cell by cell."""

from dataclasses import replace

import numpy as np
import pytest

import cellnn
from cellnn.circuits.hardware import Chip, Hardware
from cellnn.devices.op_amp import OpAmp
from cellnn.devices.variability.op_amps import OpAmps
from cellnn.devices.variability.spread import Spread
from cellnn.netlists.crosscheck import crosscheck
from cellnn.netlists.export import export_deck


def circuit(kind, output):
    numbers = np.random.default_rng(0)
    cell = {"circuit": kind, "C": "100nF", "voltage_unit": "0.1V", "output": output}
    if kind == "m-cellnn":
        cell["memristor"] = {"model": "strachan-taox", "area": 0.1}
    template = {"A": numbers.normal(size=(3, 3)) / 3, "B": numbers.normal(size=(3, 3)), "z": 0.2}
    return cellnn.load({
        "cellnn": 1, "grid": {"rows": 3, "columns": 3}, "cell": cell, "layers": [{"template": template}],
        "input": numbers.uniform(-1, 1, (3, 3)), "run": {"stop": "150us", "save": 11},
    })  # fmt: skip


@pytest.mark.parametrize("kind, output", [("chua-yang", {}), ("m-cellnn", {"kind": "rectifier", "leak": 0.1})])
def test_ngspice_agrees(kind, output):
    designed = circuit(kind, output)
    op_amps = OpAmps(OpAmp(A0=1e3, GBW=2e6, low_rail=-2.0, high_rail=2.0, offset=1e-3), trim=1.0)
    hardware = Hardware(op_amps=op_amps, parameters={"R": Spread(0.05), "C": Spread(0.05)})
    made = replace(designed, arrays=(Chip(designed.arrays[0], hardware, {}).at(),))
    deck = export_deck(made)
    assert crosscheck(made, deck=deck).passed
    assert not crosscheck(designed, deck=deck).passed  # amplifiers that got lost would be seen
