"""Every bad spec ends with one message that names the key, the value, what was expected, and a near miss."""

import copy

import numpy as np
import pytest
from PIL import Image

import cellnn

# path in the spec, bad value, fragments the message must hold
BAD_VALUES = [
    ("cellnn", 2, ["cellnn", "2", "1"]),
    ("cellnn", "one", ["cellnn", "'one'"]),
    ("grid.rows", 0, ["grid.rows", "0", "at least 1"]),
    ("grid.rows", "four", ["grid.rows", "'four'", "whole number"]),
    ("grid.rows", 4.5, ["grid.rows", "4.5", "whole number"]),
    ("grid.rows", True, ["grid.rows", "True", "whole number"]),
    ("grid.rows", 10**30, ["grid.rows", "at most"]),
    ("grid.boundary", "zeroflux", ["grid.boundary", "zeroflux", "did you mean zero-flux?"]),
    ("grid.boundary", {"fixed": "dark"}, ["grid.boundary", "dark"]),
    ("grid.boundary", {"fixed": float("nan")}, ["grid.boundary", "nan"]),
    ("grid.boundary", 3, ["grid.boundary", "3"]),
    ("grid", [4, 5], ["grid", "[4, 5]", "rows"]),
    ("cell.circuit", "m-celnn", ["cell.circuit", "m-celnn", "did you mean m-cellnn?"]),
    ("cell.op_amp", {"A0": 1e5}, ["cell.op_amp", "no op_amp", "circuit: op-amp"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"GBW": "3MV"}}, ["cell.op_amp.GBW", "3MV", "3MHz"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"slewrate": 1}}, ["cell.op_amp.slewrate", "did you mean slew_rate?"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"A0": 0.5}}, ["cell.op_amp.A0", "0.5"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"rails": "12V"}}, ["cell.op_amp.rails", "12V", "[-12V, 12V]"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"rails": [0, "12V"]}}, ["cell.op_amp.rails[0]", "0"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"rails": ["-5V", "5s"]}}, ["cell.op_amp.rails[1]", "5s"]),
    ("cell", {"circuit": "op-amp", "op_amp": {"rails": [-5, 0.5]}}, ["cell.op_amp.rails", "0.5", "voltage_unit"]),
    ("cell", {"circuit": "op-amp", "output": {"leak": 0.1}}, ["cell.output.leak", "0.1"]),
    ("cell", {"circuit": "op-amp", "output": {"kind": "rectifier"}}, ["cell.output.kind", "rectifier", "saturation"]),
    ("cell.output", {"kind": "rectifier", "leak": 1.1}, ["cell.output.leak", "1.1"]),
    ("cell.C", "1kOhm", ["cell.C", "1kOhm", "F"]),
    ("cell.C", "1", None),
    ("cell.C", "-1nF", ["cell.C", "-1nF"]),
    ("cell.C", "0F", ["cell.C", "0F"]),
    ("cell.C", "nanF", ["cell.C", "nanF"]),
    ("cell.C", "lots", ["cell.C", "lots", "1nF"]),
    ("cell.R", "1e999Ohm", ["cell.R", "finite"]),
    ("cell.R", [1], ["cell.R", "[1]"]),
    ("cell.R", None, ["cell.R", "None"]),
    ("cell.voltage_unit", "100ms", ["cell.voltage_unit", "100ms", "V"]),
    ("cell.output", {"kind": "saturating"}, ["cell.output.kind", "saturating", "saturation"]),
    ("cell.output", {"leak": -0.1}, ["cell.output.leak", "-0.1"]),
    ("cell.output", {"leek": 0.1}, ["cell.output.leek", "did you mean leak?"]),
    ("cell.memristor.model", "strachan-tao", ["cell.memristor.model", "did you mean strachan-taox?"]),
    ("cell.memristor.model", 7, ["cell.memristor.model", "7"]),
    ("cell.memristor.x0", 1.7, ["cell.memristor.x0", "1.7", "0 to 1"]),
    ("cell.memristor.x0", -0.1, ["cell.memristor.x0", "-0.1"]),
    ("cell.memristor.x0", "nan", ["cell.memristor.x0", "nan"]),
    ("cell.memristor.area", float("inf"), ["cell.memristor.area", "finite"]),
    ("cell.memristor.area", -1, ["cell.memristor.area", "-1"]),
    ("cell.memristor.parameters", {"Gn": 0.02}, ["cell.memristor.parameters.Gn", "did you mean Gm?"]),
    ("cell.memristor.parameters", {"Gm": "1nF"}, ["cell.memristor.parameters.Gm", "1nF", "S"]),
    ("cell.memristor.parameters", {"Gm": -1}, ["cell.memristor.parameters.Gm", "-1"]),
    ("cell.memristor.parameters", {"Gm": float("nan")}, ["cell.memristor.parameters.Gm", "nan"]),
    ("cell.memristor.parameters", {"Gm": [1]}, ["cell.memristor.parameters.Gm", "[1]"]),
    ("cell.memristor.parameters", "ltspice-k7", ["cell.memristor.parameters", "ltspice-k7"]),
    ("layers", [], ["layers", "[]"]),
    ("layers", "EDGE", ["layers", "EDGE"]),
    ("layers", None, ["layers", "None"]),
    ("layers.0", "EDGE", ["layers[0]", "EDGE"]),
    ("layers.0.channels", 0, ["layers[0].channels", "0"]),
    ("layers.0.name", "a/b", ["layers[0].name", "a/b"]),
    ("layers.0.template", "EGDE", ["layers[0].template", "EGDE", "did you mean EDGE?"]),
    ("layers.0.template", "edge", ["layers[0].template", "did you mean EDGE?"]),
    ("layers.0.template", {}, ["layers[0].template"]),
    ("layers.0.template", {"A": 1, "C": 2}, ["layers[0].template.C"]),
    ("layers.0.template", {"A": [[1, 2], [3, 4]]}, ["layers[0].template.A", "odd"]),
    ("layers.0.template", {"A": [[1, 2, 3], [4, 5], [6, 7, 8]]}, ["layers[0].template.A"]),
    ("layers.0.template", {"A": "strong"}, ["layers[0].template.A", "strong"]),
    ("layers.0.template", {"A": [[0, 0, 0], [0, float("nan"), 0], [0, 0, 0]]}, ["layers[0].template.A", "nan"]),
    ("layers.0.template", {"A": [[0, 0, 0], [0, True, 0], [0, 0, 0]]}, ["layers[0].template.A", "True"]),
    ("layers.0.template", {"A": 1, "z": [1, 2]}, ["layers[0].template.z"]),
    ("layers.0.template", {"A": 1, "z": float("inf")}, ["layers[0].template.z", "inf"]),
    ("layers.0.template", {"file": "missing.safetensors"}, ["layers[0].template.file", "missing.safetensors"]),
    ("input", 2, ["input", "2", "-1 to 1"]),
    ("input", "mnist5k:7", ["input", "did you mean mnist-5k?"]),
    ("input", "mnist-5k:5000", ["input", "5000", "4999"]),
    ("input", "mnist-5k:-1", ["input", "mnist-5k:-1"]),
    ("input", "mnist-5k:7", ["input", "28 x 28", "4 rows x 5 columns"]),
    ("input", "mnist-5k", ["input", "mnist-5k:0"]),
    ("input", "missing.png", ["input", "missing.png"]),
    ("input", "missing.npy", ["input", "missing.npy"]),
    ("input", [[1, 2], [3, 4]], ["input[0][1]", "2"]),
    ("input", [[1, 0], [0]], ["input", "differ in length"]),
    ("input", [[0.0] * 5] * 3, ["input", "3 x 5", "4 rows x 5 columns"]),
    ("input", [[True] * 5] * 4, ["input", "True"]),
    ("input", [["a"] * 5] * 4, ["input", "'a'"]),
    ("input", [[None] * 5] * 4, ["input", "None"]),
    ("input", [], ["input"]),
    ("input", {"a": 1}, ["input", "{'a': 1}"]),
    ("input", "input", ["input"]),
    ("initial", float("nan"), ["initial", "nan"]),
    ("initial", "inputs", ["initial", "did you mean input?"]),
    ("run.stop", "10", None),
    ("run.stop", "10V", ["run.stop", "10V", "10us"]),
    ("run.stop", "0s", ["run.stop", "0s"]),
    ("run.stop", "-1us", ["run.stop", "-1us"]),
    ("run.method", "adaptve", ["run.method", "did you mean adaptive?"]),
    ("run.rtol", 0, ["run.rtol", "0"]),
    ("run.rtol", float("nan"), ["run.rtol", "nan"]),
    ("run.rtol", "small", ["run.rtol", "small"]),
    ("run.save", 1, ["run.save", "1", "at least 2"]),
    ("run.save", 10.5, ["run.save", "10.5"]),
    ("run.step", "1ns", ["run.step", "adaptive"]),
    ("run", {"stop": "1us", "method": "euler", "step": "2us"}, ["run.step", "run.stop"]),
    ("run", {}, ["run.stop"]),
    ("seed", {"mismatch": -1}, ["seed.mismatch", "-1"]),
    ("seed", {"mistmatch": 1}, ["seed.mistmatch", "did you mean mismatch?"]),
    ("seed", 3, ["seed", "3"]),
    ("hardware", {"mismatch": 0.1}, ["hardware"]),
    ("name", 5, ["name", "5"]),
    ("name", "a\0b", ["name", "NUL"]),
    ("name", "\ud800", ["name", "valid characters"]),
    ("\ud800", 1, ["valid characters"]),
    ("a\nb", 1, ["a b: got 1"]),
    ("x" * 5000, 1, ["no such key"]),
    ("cell.memristor.parameters", {"a\nb\x1b": 1}, ["parameters.a b: got 1"]),
    ("cell.memristor.parameters", {"[" + "9" * 5000 + "]": 1}, ["cell.memristor.parameters", "99..."]),
    ("cell.memristor.parameters", {1: 2}, ["cell.memristor.parameters: got 1", "as text"]),
    ("cell.memristor.parameters", 7, ["cell.memristor.parameters: got 7", "parameter set"]),
    ("cell.memristor.x0", 10**399, ["cell.memristor.x0", "0 to 1"]),
    ("cell.C", "Z0", ["cell.C", "Z0"]),
    ("cell.C", "1,5nF", ["cell.C", "1,5nF"]),
    ("cell.C", "C = 1nF", ["cell.C"]),
    ("input", 10**399, ["input", "-1 to 1"]),
]


@pytest.mark.parametrize(("path", "value", "fragments"), [b for b in BAD_VALUES if b[2]], ids=lambda v: str(v)[:40])
def test_a_bad_value_is_named(spec, put, path, value, fragments):
    put(spec, path, value)
    with pytest.raises(cellnn.InputError) as caught:
        cellnn.load(spec)
    for fragment in fragments:
        assert fragment in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("section", ["", "grid", "cell", "cell.output", "cell.memristor", "layers.0", "run", "seed"])
def test_an_unknown_key_is_named_in_every_section(spec, section):
    target = spec
    for step in filter(None, section.split(".")):
        target = target[int(step) if step.isdigit() else step]
    target["colour"] = "red"
    with pytest.raises(cellnn.InputError, match=r"colour: got 'red'; expected no such key here, but one of"):
        cellnn.load(spec)


@pytest.mark.parametrize("key", ["cellnn", "grid", "cell", "layers", "run"])
def test_a_missing_section_is_named(spec, key):
    del spec[key]
    with pytest.raises(cellnn.InputError, match=f"^{key}: expected this key"):
        cellnn.load(spec)


def test_a_memristor_is_required_in_m_cellnn_and_refused_in_chua_yang(spec):
    device = spec["cell"].pop("memristor")
    with pytest.raises(cellnn.InputError, match=r"cell\.memristor: expected this key"):
        cellnn.load(spec)
    spec["cell"] |= {"memristor": device, "circuit": "chua-yang"}
    with pytest.raises(cellnn.InputError, match=r"cell\.memristor: .*no memristor in a chua-yang cell"):
        cellnn.load(spec)


def test_two_layers_of_one_name_are_refused(spec):
    spec["layers"] *= 2
    with pytest.raises(cellnn.InputError, match=r"layers\[1\]\.name: got 'edges'"):
        cellnn.load(spec)


def test_a_grid_larger_than_memory_is_refused_before_anything_is_allocated(spec):
    spec["grid"] |= {"rows": 10**6, "columns": 10**6}
    spec["input"] = 0
    with pytest.raises(cellnn.InputError, match=r"grid: .*GiB of memory at hand"):
        cellnn.load(spec)


def test_a_number_too_long_to_show_is_refused(spec, put):
    for place, value in (("input", 10**5000), ("grid.rows", -(10**5000)), ("grid.boundary", {"fixed": 10**5000})):
        with pytest.raises(cellnn.InputError, match="400 digits"):
            cellnn.load(put(copy.deepcopy(spec), place, value))


def test_what_is_nested_without_end_is_refused(spec, put):
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    for place in ("input", "grid", "layers.0.template", "hardware"):
        with pytest.raises(cellnn.InputError, match="nested more than"):
            cellnn.load(put(spec, place, deep))
    spec["input"] = spec
    with pytest.raises(cellnn.InputError, match="nested more than"):
        cellnn.load(spec)


def test_a_parameter_takes_its_unit_and_a_wrong_fraction_is_no_number(spec):
    device = spec["cell"]["memristor"]
    device["parameters"] = {"A": "2e-10 1/s", "B": "0.1m/s", "beta": "0.5/mW", "Gm": "2e1 mS"}
    memristor = cellnn.load(spec).arrays[0].cell.memristor
    assert (memristor.A, memristor.B, memristor.beta, memristor.Gm) == (2e-10, 1e-4, 500.0, 0.02)
    device |= {"model": "custom", "current": "G*x*v", "rate": "k*v", "parameters": {"G": "1mS", "k": "1/2"}}
    with pytest.raises(cellnn.InputError, match=r"cell\.memristor\.parameters\.k: got '1/2'"):
        cellnn.load(spec)


def test_channels_larger_than_memory_are_refused(spec):
    spec["layers"][0]["channels"] = 10**6
    with pytest.raises(cellnn.InputError, match="GiB"):
        cellnn.load(spec)


@pytest.mark.parametrize("shape", [(3, 5), (2, 4, 5), (1, 1, 1, 4, 5), (20,), (0, 5)])
def test_an_npy_file_of_the_wrong_shape_is_named(spec, tmp_path, shape):
    np.save(tmp_path / "u.npy", np.zeros(shape))
    spec["input"] = str(tmp_path / "u.npy")
    with pytest.raises(cellnn.InputError):
        cellnn.load(spec)


def test_npy_files_of_objects_nan_or_rubbish_are_refused(spec, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("pwned").touch, ())

    path = tmp_path / "u.npy"
    spec["input"] = str(path)
    np.save(path, np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(cellnn.InputError, match="input"):
        cellnn.load(spec)
    assert not (tmp_path / "pwned").exists()
    np.save(path, np.full((4, 5), np.nan))
    with pytest.raises(cellnn.InputError, match=r"input\[0\]\[0\]"):
        cellnn.load(spec)
    path.write_bytes(b"\x93NUMPY rubbish")
    with pytest.raises(cellnn.InputError, match="input"):
        cellnn.load(spec)


def test_a_damaged_picture_is_named(spec, tmp_path):
    path = tmp_path / "p.png"
    Image.new("L", (5, 4)).save(path)
    path.write_bytes(path.read_bytes()[:-30])
    spec["input"] = str(path)
    with pytest.raises(cellnn.InputError, match="input"):
        cellnn.load(spec)
    path.write_text("no picture")
    with pytest.raises(cellnn.InputError, match=r"input: .*p\.png"):
        cellnn.load(spec)
