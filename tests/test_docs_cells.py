"""docs/cells.md: its pictures show the components of the decks, its tables the parameters of the code."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import cellnn
from cellnn.circuits.cells import ChuaYang, MCellNN, MemristiveOpAmpCell, SecondOrder
from cellnn.devices.op_amp import OpAmp
from cellnn.devices.parameter import parameters_of
from cellnn.netlists.cells import cell_subcircuits
from cellnn.netlists.devices import op_amp_subcircuit
from cellnn.netlists.export import export_deck
from cellnn.netlists.templates import template_subcircuits

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "cells.md").read_text(encoding="utf-8")
SPEC = {
    "cellnn": 1,
    "grid": {"rows": 2, "columns": 2},
    "layers": [
        {"channels": 2, "template": {"A": [[[[1]], [[-1]]]] * 2, "B": [[[[2]], [[0]]], [[[1]], [[0]]]], "z": -1}}
    ],
    "input": 0.5,
    "run": {"stop": "1us"},
}
MEMRISTOR = {"memristor": {"model": "strachan-taox"}}
CELLS = {
    "cell-chua-yang": {"circuit": "chua-yang"},
    "cell-m-cellnn": {"circuit": "m-cellnn", **MEMRISTOR},
    "cell-second-order": {"circuit": "second-order"},
    "cell-op-amp": {"circuit": "op-amp", **MEMRISTOR},
}


@pytest.fixture(scope="module")
def schematics():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import draw_cells
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return draw_cells


def components(sub) -> set[str]:
    """Names of a subcircuit's elements, every place of a kernel called c_r_s."""
    return {re.sub(r"_\d+_\d+_\d+$", "_c_r_s", name) for name in sub.element_names}


@pytest.mark.parametrize("picture", CELLS)
def test_a_cell_is_drawn_with_the_components_of_its_deck(schematics, picture):
    circuit = cellnn.load({**SPEC, "cell": CELLS[picture]})
    (array,) = circuit.arrays
    assert isinstance(array.cell, ChuaYang | MCellNN | MemristiveOpAmpCell | SecondOrder)
    sheet = schematics.SHEETS[picture]()
    expected = components(cell_subcircuits(array, 0, held=False)[-1])
    # the second channel has less weight, and so the resistor that makes loading equal
    expected |= components(next(template_subcircuits(array, 0, 0)))
    expected |= components(next(template_subcircuits(array, 0, 1)))
    assert set(sheet.components) == expected
    assert len(sheet.components) == len(expected)
    deck = export_deck(circuit)
    for name in sheet.nodes:
        assert re.search(rf"\b{name.replace('L_k_i_j', '0_0_0_0')}\b", deck), name


def test_the_amplifier_is_drawn_with_the_components_of_its_deck(schematics):
    sub = op_amp_subcircuit(OpAmp(output_resistance=50.0, noise=1e-9))
    sheet = schematics.SHEETS["cell-op-amp-model"]()
    assert sorted(sheet.components) == sorted(sub.element_names)
    for name in sheet.nodes:
        assert re.search(rf"\b{name}\b", str(sub)), name


def test_every_picture_is_drawn_and_shown(schematics, tmp_path):
    shown = set(re.findall(r"\(images/([\w-]+)\.png\)", PAGE))
    assert shown == {*schematics.SHEETS, "op-amp-ideal"}
    for name in shown:
        assert (ROOT / "docs" / "images" / f"{name}.png").is_file()
    for name, draw in schematics.SHEETS.items():
        draw().save(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def test_the_table_has_every_parameter_of_the_amplifier_with_its_default():
    table = PAGE.split("### The amplifier")[1].split("\n### ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", table, re.M))
    assert rows == {
        name: f"{getattr(OpAmp(), name):g} {known.unit}".removesuffix(" 1")
        for name, known in parameters_of(OpAmp).items()
    }


@pytest.mark.parametrize("circuit", ["chua-yang", "m-cellnn", "second-order", "op-amp"])
def test_every_circuit_has_its_section(circuit):
    assert f"\n## {circuit}\n" in PAGE


def test_the_spec_of_the_page_runs(write_spec):
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    result = cellnn.simulate(cellnn.load(write_spec(block)))
    final = result["layer1"]["output"].values[-1]
    assert np.isfinite(final).all()
    # the ideal cell's edges
    ideal = re.sub(r"  op_amp: .*\n", "", block).replace("circuit: op-amp", "circuit: chua-yang")
    expected = cellnn.simulate(cellnn.load(write_spec(ideal)))["layer1"]["output"].values[-1]
    assert (np.sign(final) == np.sign(expected)).mean() > 0.99
