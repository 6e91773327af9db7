"""docs/spec.md: its specs load and run, and its tables say what the code says."""

import re
from pathlib import Path

import numpy as np
import pytest

import cellnn
from cellnn.circuits.spec.models import CircuitSpec, RunSpec
from cellnn.circuits.spec.yaml_file import parse_yaml
from cellnn.devices.text_equations import FUNCTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "spec.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SPECS = [block for block in BLOCKS if block.startswith("cellnn:")]


def test_every_block_is_a_whole_spec():
    assert len(SPECS) == len(BLOCKS) >= 6


@pytest.mark.parametrize("number", range(len(SPECS)))
def test_a_spec_of_the_page_loads_and_runs(number, write_spec):
    path = write_spec(SPECS[number])
    circuit = cellnn.load(path)
    assert circuit.text == SPECS[number]
    result = cellnn.simulate(circuit)
    assert result.attrs["status"] == "completed"
    for group in result.children.values():
        assert np.isfinite(group.output).all()


def test_the_whole_example_has_the_defaults(write_spec):
    """The lines that are not marked `chosen` may be left out without changing anything."""
    text = next(block for block in SPECS if "chosen" in block)
    kept = [
        line
        for line in text.splitlines()
        if "chosen" in line or re.match(r"(cellnn|grid|cell|layers|run|  memristor):(\s+1.*)?$", line)
    ]
    full, bare = (cellnn.load(parse_yaml(source)) for source in (text, "\n".join(kept)))
    assert full.arrays[0].cell == bare.arrays[0].cell
    assert (full.run, full.seeds, full.name) == (bare.run, bare.seeds, bare.name)
    for key in ("name", "boundary", "rows", "columns", "initial", "x0", "shape"):
        assert getattr(full.arrays[0], key) == getattr(bare.arrays[0], key)
    np.testing.assert_array_equal(full.input, bare.input)


def keys_of(model, prefix=""):
    for name, field in model.model_fields.items():
        inner = [
            t for t in (field.annotation, *getattr(field.annotation, "__args__", ())) if hasattr(t, "model_fields")
        ]
        if name == "layers":
            from cellnn.circuits.spec.models import LayerSpec

            yield from keys_of(LayerSpec, "layers[n].")
        elif inner:
            yield from keys_of(inner[0], f"{prefix}{name}.")
        else:
            yield prefix + name


def test_every_key_is_in_the_table():
    table = PAGE.split("## Keys")[1].split("\n## ")[0]
    for key in keys_of(CircuitSpec):
        if key != "cell.memristor.rate":
            assert f"`{key}`" in table, key


def test_methods_and_functions_are_those_of_the_code():
    methods = RunSpec.model_fields["method"].annotation.__args__
    table = PAGE.split("## The run")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) - {"method"} == set(methods)
    for name in FUNCTIONS:
        assert re.search(rf"\b{name}\b", PAGE), name


def test_the_error_shown_is_the_one_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = SPECS[0].replace("grid: {rows: 28, columns: 28}", "grid: {rows: 28,\n  boundary: zeroflux, columns: 28}")
    Path("spec.yaml").write_text(text)
    with pytest.raises(cellnn.InputError) as caught:
        cellnn.load("spec.yaml")
    assert f"error: {caught.value}" in PAGE


def test_the_result_has_the_variables_and_attributes_of_the_tables(tmp_path, spec):
    result = cellnn.simulate(cellnn.load({**spec, "hardware": {"converters": {"output": {}}}}))
    section = PAGE.split("## The result")[1]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    group = result["edges"]
    assert named == {*group.data_vars, *group.attrs} == {*group.data_vars, *result.attrs}
    for name in group.data_vars:
        assert f"| {', '.join(group[name].dims)} | {group[name].attrs['units']} |" in section
