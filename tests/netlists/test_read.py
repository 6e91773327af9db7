"""Decks read back: the same circuit, number by number; edits as they stand; what a spec cannot say, refused."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cellnn
from cellnn.devices.errors import InputError
from cellnn.devices.parameter import flat_parameters
from cellnn.devices.registry import memristor_names
from cellnn.netlists.export import export_deck
from cellnn.netlists.read import read_deck

BOUNDARIES = ["zero-flux", "periodic", {"fixed": -0.35}]
CIRCUITS = [("chua-yang", None), *(("m-cellnn", name) for name in memristor_names()), ("op-amp", None),
            ("op-amp", "strachan-taox")]  # fmt: skip


def spec_of(circuit, memristor=None, *, seed=0, channels=1, kernel=3, layers=1, boundary="zero-flux"):
    """A spec with numbers of three decimals, and a voltage unit of 0.3 V, of which none has an exact double."""
    rng = np.random.default_rng(seed)

    def numbers(*shape):
        return (rng.integers(-999, 1000, shape) / 1000).tolist()

    cell = {"circuit": circuit, "voltage_unit": 0.3, "C": "2.7nF", "R": 1.3e3}
    if circuit != "op-amp":
        cell["output"] = {"kind": "saturation", "leak": 0.05}
    if memristor:
        cell["memristor"] = {"model": memristor, "area": 0.17, "x0": np.abs(numbers(channels, 3, 4)).tolist()}
    if circuit == "op-amp":
        cell["op_amp"] = {
            "A0": 1.1e5, "GBW": "3.3MHz", "slew_rate": "11V/us", "rails": [-11.3, 9.7], "offset": "1.3mV",
            "output_resistance": 47, "noise": 1.9e-8,
        }  # fmt: skip
    template = {"A": numbers(channels, channels, kernel, kernel), "B": numbers(channels, channels, kernel, kernel)}
    template["z"] = numbers(channels)
    return {
        "cellnn": 1, "name": "Küste: 1e5", "grid": {"rows": 3, "columns": 4, "boundary": boundary}, "cell": cell,
        "layers": [{"name": f"layer {k}", "channels": channels, "template": template} for k in range(layers)],
        "input": numbers(channels, 3, 4), "initial": numbers(channels, 3, 4),
        "run": {"stop": "7.3us", "rtol": 1e-5, "save": 31, "settle": 0.01}, "seed": {"mismatch": 3, "noise": 4},
    }  # fmt: skip


def without_hash(deck):
    return re.sub(r"(?m)^\* written by .*$", "", deck)


def same_circuits(one, other):
    """All that a deck tells is equal, bit by bit."""
    assert (one.name, one.seeds, one.run) == (other.name, other.seeds, other.run)
    np.testing.assert_array_equal(one.input, other.input)
    assert len(one.arrays) == len(other.arrays)
    for a, b in zip(one.arrays, other.arrays, strict=True):
        assert (a.name, a.boundary, a.shape, a.input_channels) == (b.name, b.boundary, b.shape, b.input_channels)
        assert type(a.cell) is type(b.cell) and a.cell.stage == b.cell.stage
        assert flat_parameters(a.cell) == flat_parameters(b.cell)
        for key in ("A", "B", "z"):
            np.testing.assert_array_equal(getattr(a.template, key), getattr(b.template, key))
        assert (a.initial is None, a.x0 is None) == (b.initial is None, b.x0 is None)
        u = np.random.default_rng(1).uniform(-1, 1, (a.input_channels, a.rows, a.columns))
        np.testing.assert_array_equal(a.start(u), b.start(u))


def round_trip(spec):
    """The deck of the spec, after checking that reading it gives the same circuit, and that one the same deck."""
    circuit = cellnn.load(spec)
    deck = export_deck(circuit)
    found = read_deck(deck)
    again = cellnn.load(found)
    same_circuits(circuit, again)
    assert without_hash(export_deck(again)) == without_hash(deck)
    return deck


@pytest.mark.parametrize(("circuit", "memristor"), CIRCUITS)
@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_every_circuit_and_memristor_comes_back(circuit, memristor, boundary):
    round_trip(spec_of(circuit, memristor, boundary=boundary))


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("circuit", ["chua-yang", "op-amp"])
def test_channels_and_kernels_come_back(circuit, channels, kernel):
    round_trip(spec_of(circuit, channels=channels, kernel=kernel, boundary={"fixed": 0.7}))


@pytest.mark.parametrize(("circuit", "memristor"), [CIRCUITS[0], ("m-cellnn", "vteam"), *CIRCUITS[-2:]])
@pytest.mark.parametrize("start", ["values", "input", "number"])
def test_layers_in_sequence_come_back(circuit, memristor, start):
    spec = spec_of(circuit, memristor, channels=2, layers=2)
    if start != "values":
        spec["initial"] = "input" if start == "input" else -0.3
        if memristor:
            spec["cell"]["memristor"]["x0"] = "input" if start == "input" else 0.7
    round_trip(spec)


def test_layers_of_different_channels_share_a_start():
    spec = spec_of("chua-yang")
    numbers = {"A": np.full((3, 3, 1, 1), 0.1), "B": np.full((3, 1, 3, 3), 0.2), "z": [0, 0.1, -0.1]}
    spec["layers"].append({"name": "wide", "channels": 3, "template": numbers})
    round_trip(spec)


def test_kernels_with_zeros_and_of_different_sizes_come_back():
    spec = spec_of("op-amp", channels=2)
    A, B = np.zeros((2, 2, 5, 5)), np.zeros((2, 2, 1, 3))
    A[0, 1, 4, 2], A[1, 1, 2, 2], B[0, 1, 0, 0] = -0.5, 2.0, 0.25
    spec["layers"][0]["template"] = {"A": A, "B": B, "z": 0}
    circuit = cellnn.load(spec)
    found = cellnn.load(read_deck(export_deck(circuit)))
    np.testing.assert_array_equal(found.arrays[0].template.A, A)
    np.testing.assert_array_equal(found.arrays[0].template.B, B)
    # channel 0 of the input, and the last column of channel 1, are read by no weight: no deck has them
    np.testing.assert_array_equal(found.input[1, :, :3], circuit.input[1, :, :3])
    assert not found.input[0].any() and not found.input[1, :, 3].any()


@pytest.mark.parametrize("key", ["initial", "x0"])
def test_an_input_that_only_starts_read_comes_back(key):
    spec = spec_of("m-cellnn", "threshold")
    spec["layers"][0]["template"]["B"] = 0
    if key == "initial":
        spec["initial"] = "input"
    else:
        spec["cell"]["memristor"]["x0"] = "input"
    round_trip(spec)


@pytest.mark.parametrize("volts", [0.1, 0.2, 0.25, 0.3, 1.7])
def test_library_templates_and_data_sets_come_back(spec, volts):
    """MNIST's greys have 17 digits, and several of them the same volts as their neighbours."""
    spec |= {"grid": {"rows": 28, "columns": 28}, "input": "mnist-5k:7", "initial": "input"}
    spec["cell"]["voltage_unit"] = volts
    round_trip(spec)


def test_a_picture_comes_back(spec, tmp_path):
    from PIL import Image

    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(tmp_path / "grey.png")
    spec |= {"grid": {"rows": 16, "columns": 16}, "input": str(tmp_path / "grey.png")}
    spec["cell"]["voltage_unit"] = 0.3
    round_trip(spec)


def test_the_read_circuit_runs_to_the_same_bits(spec):
    spec["input"] = [[0.1 * (i - j) for j in range(5)] for i in range(4)]
    circuit = cellnn.load(spec)
    one, other = (cellnn.simulate(c)["edges"] for c in (circuit, cellnn.load(read_deck(export_deck(circuit)))))
    for variable in ("state", "output", "memristor"):
        np.testing.assert_array_equal(one[variable].values, other[variable].values)


def normal(low=-1.0):
    """Doubles to 1 whose volts are no subnormal numbers, which have fewer digits."""
    return st.floats(low, 1).map(lambda u: u if abs(u) > 1e-300 else 0.0)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_specs(data):
    """Any doubles: the deck of what was read is the deck; numbers differ by two last digits at most, and only where
    V1 takes both to the same volts."""
    draw = data.draw
    circuit, memristor = draw(st.sampled_from(CIRCUITS))
    rows, columns, channels = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))

    def planes(low=-1.0):
        flat = draw(st.lists(normal(low), min_size=channels * rows * columns, max_size=channels * rows * columns))
        return np.reshape(flat, (channels, rows, columns))

    weights = st.one_of(st.just(0.0), st.floats(-50, 50, allow_subnormal=False).filter(lambda w: abs(w) > 1e-9))

    def kernel():
        h, w = draw(st.sampled_from([1, 3])), draw(st.sampled_from([1, 3]))
        size = channels * channels * h * w
        return np.reshape(draw(st.lists(weights, min_size=size, max_size=size)), (channels, channels, h, w))

    cell = {"circuit": circuit, "voltage_unit": draw(st.floats(1e-3, 5)), "R": draw(st.floats(1, 1e6))}
    if memristor:
        x0 = draw(st.sampled_from(["input", "planes"]))
        cell["memristor"] = {"model": memristor, "x0": "input" if x0 == "input" else planes(0.0)}
    boundary = draw(st.sampled_from(["zero-flux", "periodic", "fixed"]))
    template = {"A": kernel(), "B": kernel(), "z": draw(st.lists(weights, min_size=channels, max_size=channels))}
    if circuit == "op-amp":  # a summing node has at least one resistor
        template["z"][0] = 0.5
    circuit = cellnn.load({
        "cellnn": 1,
        "grid": {"rows": rows, "columns": columns, "boundary": {"fixed": draw(normal())} if boundary == "fixed"
                 else boundary},
        "cell": cell,
        "layers": [{"channels": channels, "template": template}],
        "input": planes(), "initial": draw(st.sampled_from(["input", 0.5])) if draw(st.booleans()) else planes(),
        "run": {"stop": 1e-6},
    })  # fmt: skip
    deck = export_deck(circuit)
    again = cellnn.load(read_deck(deck))
    assert without_hash(export_deck(again)) == without_hash(deck)
    a, b = circuit.arrays[0], again.arrays[0]
    assert a.boundary == b.boundary and flat_parameters(a.cell) == flat_parameters(b.cell)
    for key in ("A", "B", "z"):
        np.testing.assert_array_equal(getattr(a.template, key), getattr(b.template, key))
    read = np.array([f"u_0_{'_'.join(map(str, place))} " in deck for place in np.ndindex(circuit.input.shape)])
    read = read.reshape(circuit.input.shape)
    np.testing.assert_array_almost_equal_nulp(circuit.input[read], again.input[read], nulp=2)
    np.testing.assert_array_equal(circuit.input[read] * a.cell.V1, again.input[read] * a.cell.V1)


# --- edited decks


@pytest.fixture(scope="module")
def decks():
    return {circuit: export_deck(cellnn.load(spec_of(circuit, memristor, channels=2)))
            for circuit, memristor in (CIRCUITS[0], ("m-cellnn", "strachan-taox"), CIRCUITS[-1])}  # fmt: skip


def edited(deck, old, new, count=1):
    assert len(re.findall(old, deck)) == count
    return re.sub(old, new, deck)


@pytest.mark.parametrize("circuit", ["chua-yang", "m-cellnn"])
def test_an_edited_weight_is_read_as_edited(decks, circuit):
    was = cellnn.load(read_deck(decks[circuit])).arrays[0].template
    text = decks[circuit]
    text = edited(text, r"(?s)(subckt template_0_1 .*?\nGA_0_1_2 [^{]*)\{[^}]*\}", r"\1{1.25k/cell_r}")
    text = edited(text, r"(?s)(subckt template_0_0 .*?\nIz [^{]*)\{[^}]*\}", r"\1{ -0.75 * V1 / cell_r }")
    now = cellnn.load(read_deck(text)).arrays[0].template
    A, z = was.A.copy(), was.z.copy()
    A[1, 0, 1, 2], z[0] = 1250.0, -0.75
    np.testing.assert_array_equal(now.A, A)
    np.testing.assert_array_equal(now.B, was.B)
    np.testing.assert_array_equal(now.z, z)


def test_an_edited_resistor_is_a_weight_with_the_sign_of_its_node(decks):
    deck, told = decks["op-amp"], []
    was = cellnn.load(read_deck(deck)).arrays[0].template
    text = edited(deck, r"(?s)(subckt template_0_1 .*?\nRB_0_1_2 [^{]*)\{[^}]*\}", r"\1{cell_r/0.125}")
    now = cellnn.load(read_deck(text, told.append)).arrays[0].template
    assert was.B[1, 0, 1, 2] != 0 and now.B[1, 0, 1, 2] == np.sign(was.B[1, 0, 1, 2]) * 0.125
    assert (now.B != was.B).sum() == 1
    assert any("Rrest" in text for text in told)


def test_a_weight_set_to_zero_is_none(decks):
    text = edited(decks["chua-yang"], r"(?s)(subckt template_0_0 .*?\nGB_1_0_0 [^{]*)\{[^}]*\}", r"\1{0/cell_r}")
    template = cellnn.load(read_deck(text)).arrays[0].template
    assert template.B[0, 1, 0, 0] == 0 and np.count_nonzero(template.B) == 35


def test_edited_values_are_read_as_edited(decks):
    text = decks["m-cellnn"]
    text = edited(text, r"\.param cell_r=\S+", ".param cell_r = 2.2k")
    text = edited(text, r"\.param cell_c=\S+", ".PARAM CELL_C=0.47n ; another capacitor")
    text = edited(text, r"p_gm=\S+", "p_gm=30m")
    text = edited(text, r"area=0\.17", "area=0.3")
    text = edited(text, r"(X0_0_1_2 [^\n]*v0=)\S+ x0=\S+", r"\g<1>0.15\n+ x0=0.25")
    text = edited(text, r"(Vu_0_1_0_0 u_0_1_0_0 0) DC \S+", r"\1 -0.06")
    text = edited(text, r"(\.tran \S+) \S+", r"\1 5u")
    circuit = cellnn.load(read_deck(text))
    array = circuit.arrays[0]
    assert (array.cell.R, array.cell.C, array.cell.area, array.cell.memristor.Gm) == (2200.0, 0.47e-9, 0.3, 0.03)
    start = array.start(circuit.input)
    assert (start[0][0, 1, 2], start[1][0, 1, 2], circuit.input[1, 0, 0]) == (0.15, 0.25, -0.2)
    assert circuit.run.stop == 5e-6


def test_a_start_that_was_the_input_and_was_edited_is_numbers():
    spec = spec_of("chua-yang")
    spec["initial"] = "input"
    text = edited(export_deck(cellnn.load(spec)), r"(X0_0_0_0 .* v0=)\S+", r"\g<1>0.03")
    found = read_deck(text)
    assert found["initial"][0][0] == 0.1 and found["initial"][1:] == found["input"][1:]


WRONG = {
    "a cell of another kind": ("chua-yang", r"(X0_1_2_3 .*) cell_chua_yang", r"\1 my_cell", "X0_1_2_3: got 'my_cell'"),
    "no cell": ("chua-yang", r"\nX0_1_2_3 .*", "", "X0_1_2_3: expected the cell"),
    "no template at a cell": ("chua-yang", r"\nXt_0_1_2_3 .*", "", "Xt_0_1_2_3: expected an instance"),
    "no input": ("chua-yang", r"\nVu_0_1_1_1 .*", "", "Vu_0_1_1_1: expected the source of an input"),
    "inputs that disagree": ("op-amp", r"(Vun_0_1_1_1 .*) DC .*", r"\1 DC 0.29999", "Vun_0_1_1_1: got"),
    "an input that changes": ("chua-yang", r"(Vu_0_1_1_1 .*) DC .*", r"\1 PULSE(0 1 0)", "inputs are constant"),
    "an input too large": ("chua-yang", r"(Vu_0_1_1_1 .*) DC .*", r"\1 DC 0.31", "an input from -V1 to V1, 0.3 V"),
    "a start too large": ("chua-yang", r"(X0_1_2_3 .* v0=)\S+", r"\g<1>-0.4", "v0 from -1 to 1 times V1"),
    "a coupling that was moved": ("chua-yang", r"(Xt_0_0_1_1 v_0_0_1_1) y_0_0_0_0", r"\1 y_0_0_2_2", "Xt_0_0_1_1: got"),
    "one more element": ("chua-yang", r"\nX0_0_0_0", "\nRload y_0_0_0_0 0 1k\nX0_0_0_0", "Rload: got 'Rload y_0_0_0_0"),
    "another capacitor": ("m-cellnn", r"\{cell_c\}", "2n", "Ccell: got 'Ccell v 0 2n"),
    "another equation": ("m-cellnn", r"Bcurrent plus minus i=\{area\}", "Bcurrent plus minus i=2*{area}", "Bcurrent"),
    "a sign in an equation": ("m-cellnn", r"(Bt_1 .*=.*?)\+", r"\1-", "Bt_1: got"),
    "no number": ("chua-yang", r"(?s)(template_0_0 .*?\nGA_0_0_0 .*?)\{[^}]*\}", r"\1{2*3/cell_r}", "GA_0_0_0: got"),
    "another form": ("chua-yang", r"(?s)(template_0_0 .*?\nGA_0_0_0 .*?)\{[^}]*\}", r"\g<1>1m", "{NUMBER/cell_r}"),
    "outside the kernel": ("chua-yang", r"(?s)(template_0_0 .*?\n)GA_0_0_0", r"\1GA_0_3_0", "a kernel of 2 x 3 x 3"),
    "another memristor": ("m-cellnn", r"(Xmemristor .*) strachan_taox", r"\1 my_device", "a memristor of the library"),
    "a constant out of range": ("m-cellnn", r"p_gm=\S+", "p_gm=1meg", "cell.memristor.parameters.Gm: got"),
    "an element twice": ("chua-yang", r"(\nVu_0_0_0_0 .*)", r"\1\1", "Vu_0_0_0_0: got"),
    "something included": ("chua-yang", r"\nX0_0_0_0", "\n.include my.lib\nX0_0_0_0", ".include"),
    "an amplifier's start": ("op-amp", r"(X0_0_0_0 .* v0=)\S+", r"\g<1>0.07", "X0_0_0_0: got 'driver0="),
    "amplifiers that differ": ("op-amp", r"(op_amp_driver .*)gain=\S+", r"\1gain=7", "gain=7"),
    "no description": ("chua-yang", r"\* cellnn-deck: ", "* ", "a deck written by `cellnn export`"),
    "a damaged description": ("chua-yang", r'"format":1,', '"format":', "cellnn-deck: expected the line"),
    "another format": ("chua-yang", r'"format":1', '"format":2', "cellnn-deck.format: got 2"),
    "more cells": ("chua-yang", r'"rows":3', '"rows":1000000', "X0_0_3_0: expected the cell"),
    "fewer cells": ("chua-yang", r'"rows":3', '"rows":2', "Xt_0_0_1_0: got 'y_0_0_2_0'"),
    "a resistor out of range": ("chua-yang", r"\.param cell_r=\S+", ".param cell_r=1u", "cell.R: got 1e-06"),
    "an area out of range": ("m-cellnn", r"area=0.17", "area=-1", "cell.memristor.area: got -1.0"),
    "a gain out of range": ("op-amp", r"(op_amp .*)gain=\S+", r"\1gain=0", "cell.op_amp.A0: got 0.0"),
    "an unknown method": ("chua-yang", r'"method":"adaptive"', '"method":"gear"', "run.method: got 'gear'"),
    "a negative unit": ("chua-yang", r"\.param v1=\S+", ".param v1=-1", "a voltage unit above 0"),
    "no unit": ("chua-yang", r"\.param v1=\S+", "", ".param v1: expected this parameter"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_a_spec_cannot_say_is_one_error_that_names_it(decks, name):
    circuit, old, new, message = WRONG[name]
    with pytest.raises(InputError) as caught:
        read_deck(re.sub(old, new, decks[circuit], count=1))
    text = str(caught.value)
    assert message in text and "\n" not in text
    # what is not there has no line
    assert (
        re.match(r"line \d+: ", text)
        or "expected th" in text
        or "expected an instance" in text
        or name.startswith("no ")
    )


def test_the_line_of_an_error_is_the_file_s(decks):
    text = edited(decks["chua-yang"], r"(Vu_0_1_1_1 .*) DC .*", r"\1 AC 1")
    with pytest.raises(InputError) as caught:
        read_deck(text)
    number = int(re.match(r"line (\d+): Vu_0_1_1_1: got 'AC 1'", str(caught.value))[1])
    assert text.splitlines()[number - 1].startswith("Vu_0_1_1_1")


def test_layers_that_start_differently_are_refused():
    deck = export_deck(cellnn.load(spec_of("chua-yang", layers=2)))
    text = re.sub(r"(X1_0_1_1 .* v0=)\S+", r"\g<1>0.03", deck)
    with pytest.raises(InputError, match="X1_0_1_1: .*a spec has one `initial` for all layers"):
        read_deck(text)


def test_equations_of_the_user_s_own_are_refused(spec):
    spec["cell"]["memristor"] = {"model": "custom", "current": "G*x*v", "rate": "k*v", "parameters": {"G": 1, "k": 1}}
    with pytest.raises(InputError, match="Xmemristor: got 'custom'; .*keep the spec"):
        read_deck(export_deck(cellnn.load(spec)))


# --- the command


def test_the_command_writes_a_spec_that_is_the_circuit(cellnn_command, tmp_path):
    spec = spec_of("m-cellnn", "yakopcic", channels=2)
    circuit = cellnn.load(spec)
    deck, out = tmp_path / "deck.cir", tmp_path / "read.yaml"
    deck.write_text(export_deck(circuit))
    result = cellnn_command("import", deck, "-o", out)
    assert (result.status, result.err) == (0, "")
    assert f"wrote {out}" in result.out
    same_circuits(circuit, cellnn.load(out))
    yaml.safe_load(out.read_text())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deck.cir", "read.yaml"]


@pytest.mark.parametrize("name", ["1e5", "on", "12:30", "a: b # c", "'", "Küste", "-", ""])
def test_names_stay_text(cellnn_command, tmp_path, name):
    spec = spec_of("chua-yang")
    spec["name"] = name
    (tmp_path / "deck.cir").write_text(export_deck(cellnn.load(spec)))
    assert cellnn_command("import", tmp_path / "deck.cir", "-o", tmp_path / "read.yaml").status == 0
    assert cellnn.load(tmp_path / "read.yaml").name == name


def test_bad_input_ends_with_status_2_and_leaves_no_file(cellnn_command, tmp_path, decks):
    deck, out = tmp_path / "deck.cir", tmp_path / "read.yaml"
    for text, message in [
        (decks["chua-yang"].replace("\nX0_0_0_1 ", "\n*X0_0_0_1 "), f"error: {deck}: X0_0_0_1: expected the cell"),
        (re.sub(r"(Vu_0_0_0_0 .*)", r"\1 7", decks["chua-yang"]), f"error: {deck}, line "),
        ("a divider\nR1 a 0 1k\n.end\n", f"error: {deck}: expected a deck written by `cellnn export`"),
        ("", "or a device card"),
    ]:
        deck.write_text(text)
        result = cellnn_command("import", deck, "-o", out)
        assert (result.status, result.out) == (2, "") and message in result.err
        assert result.err.count("\n") == 1 and not out.exists()
    deck.write_text(copy.copy(decks["chua-yang"]))
    assert cellnn_command("import", deck, "-o", deck).status == 2
    assert deck.read_text() == decks["chua-yang"]
    assert cellnn_command("import", tmp_path / "none.cir", "-o", out).status == 2
    assert cellnn_command("import", deck, "-o", tmp_path / "no" / "read.yaml").status == 2


def test_the_python_example_of_the_page_runs():
    page = (Path(__file__).parents[2] / "docs" / "decks.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.S)
    run = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    y, far = map(float, run.stdout.split())
    assert y == pytest.approx(0.2) and 0.2 < far < 1
