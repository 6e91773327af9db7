"""Properties of the spec: what is valid means what it says, and what is not is refused in one line.

`CELLNN_EXAMPLES=20000 pytest tests/spec/test_properties.py` looks for more, with fresh examples every time.
"""

from __future__ import annotations

import copy
import json
import math
import os
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cellnn
from cellnn.circuits.spec.quantity import parse_any_quantity, parse_quantity
from cellnn.circuits.spec.yaml_file import parse_yaml
from cellnn.devices.registry import memristor_names

from ..conftest import SPEC

MANY = int(os.environ.get("CELLNN_EXAMPLES", "0"))


def examples(n: int) -> settings:
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=MANY or n, deadline=None, derandomize=not MANY, suppress_health_check=quiet)


def refused_in_one_line(error: cellnn.InputError) -> None:
    text = str(error)
    assert len(text.splitlines()) == 1 and text.isprintable(), text
    assert len(text) < 6000 and "expected" in text


# ---------------------------------------------------------------- valid specs

PREFIXES = {"a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "": 0, "k": 3, "M": 6, "G": 9, "T": 12}


@st.composite
def written(draw: st.DrawFn, low: float, high: float, unit: str) -> tuple[Any, float]:
    """A quantity in some spelling, and its value in base units."""
    value = draw(st.floats(low, high, allow_subnormal=False))
    bare = st.sampled_from([value, repr(value), f"{value!r}{unit}", f" {value!r} {unit} "])
    prefix = draw(st.sampled_from(list(PREFIXES)))
    mantissa = value / 10.0 ** PREFIXES[prefix]
    scaled = st.sampled_from(
        [f"{mantissa!r}{prefix}{unit}", f"{mantissa:.17e} {prefix}{unit}", f"{mantissa!r}{prefix}"]
    )
    return draw(st.one_of(bare, scaled)), value


weights = st.floats(-50, 50) | st.integers(-9, 9)
odd = st.sampled_from([1, 3, 5, 7])


@st.composite
def kernels(draw: st.DrawFn, out: int, into: int, matrix: bool = True) -> tuple[Any, np.ndarray | None]:
    """A kernel in some form, and the weights [out][in][rows][columns] meant (None: absent)."""
    rows, columns = draw(odd), draw(odd)
    numbers = st.lists(st.lists(weights, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
    forms = ["full"] + ["matrix", "number", "none"] * matrix
    form = draw(st.sampled_from(forms))
    if form == "none":
        return None, None
    if form == "full":
        full = [[draw(numbers) for _ in range(into)] for _ in range(out)]
        return full, np.array(full, dtype=float)
    given = draw(weights) if form == "number" else draw(numbers)
    kernel = np.atleast_2d(np.array(given, dtype=float))
    meant = np.zeros((out, into, *kernel.shape))
    for k in range(out):  # one input plane goes to every channel, several each to their own
        meant[k, k if into == out else 0] = kernel
    return given, meant


@st.composite
def specs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A valid spec, and the numbers it means."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    grid: dict[str, Any] = {"rows": rows, "columns": columns}
    boundary = draw(st.sampled_from(["zero-flux", "periodic"]) | st.builds(lambda n: {"fixed": n}, weights))
    if boundary != "zero-flux" or draw(st.booleans()):
        grid["boundary"] = boundary
    C, R, V1 = draw(written(1e-17, 0.5, "F")), draw(written(1e-2, 1e11, "Ohm")), draw(written(1e-5, 9e2, "V"))
    circuit = draw(st.sampled_from(["chua-yang", "m-cellnn"]))
    leak = draw(st.floats(0, 1))
    kind = draw(st.sampled_from(["saturation", "rectifier"]))
    cell: dict[str, Any] = {
        "circuit": circuit,
        "C": C[0],
        "R": R[0],
        "voltage_unit": V1[0],
        "output": {"kind": kind, "leak": leak},
    }
    x0 = area = None
    if circuit == "m-cellnn":
        x0, area = draw(st.floats(0, 1)), draw(written(0.01, 1e5, ""))
        cell["memristor"] = {"model": draw(st.sampled_from(memristor_names())), "x0": x0, "area": area[0]}
    planes = draw(st.integers(1, 3))
    layers, meant = [], []
    into = planes
    for k in range(draw(st.integers(1, 3))):
        channels = draw(st.integers(1, 3))
        A, A_meant = draw(kernels(channels, channels))
        B, B_meant = draw(kernels(channels, into, matrix=into in (1, channels)))
        z = draw(weights | st.lists(weights, min_size=channels, max_size=channels))
        template = {key: value for key, value in (("A", A), ("B", B), ("z", z)) if value is not None}
        layers.append({"name": f"layer {k}", "channels": channels, "template": template})
        meant.append((A_meant, B_meant, np.broadcast_to(np.array(z, dtype=float), (channels,))))
        into = channels
    u = draw(
        st.lists(
            st.lists(st.lists(st.floats(-1, 1), min_size=columns, max_size=columns), min_size=rows, max_size=rows),
            min_size=planes,
            max_size=planes,
        )
    )
    stop, rtol = draw(written(1e-14, 1e5, "s")), draw(written(1e-12, 0.09, ""))
    run = {"stop": stop[0], "rtol": rtol[0], "save": draw(st.integers(2, 500))}
    run["method"] = draw(st.sampled_from(["adaptive", "dopri5", "bs3", "rk4", "heun", "euler"]))
    step = None
    if run["method"] in ("euler", "heun", "rk4") and draw(st.booleans()):
        step = draw(written(1e-17, stop[1] * 0.999, "s"))
        run["step"] = step[0]
    seed = {"mismatch": draw(st.integers(0, 2**63 - 1)), "noise": draw(st.integers(0, 9))}
    spec = {
        "cellnn": 1,
        "name": draw(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)),
        "grid": grid,
    }
    spec |= {"cell": cell, "layers": layers, "input": u, "initial": draw(st.floats(-1, 1)), "run": run, "seed": seed}
    numbers = {"C": C[1], "R": R[1], "V1": V1[1], "leak": leak, "kind": kind, "x0": x0, "u": u}
    numbers["area"] = area and area[1]
    numbers |= {"boundary": boundary, "layers": meant, "stop": stop[1], "rtol": rtol[1], "step": step and step[1]}
    return spec, numbers


@given(specs())
@examples(120)
def test_a_valid_spec_means_what_it_says(pair):
    spec, meant = pair
    circuit = cellnn.load(spec)
    again = cellnn.load(parse_yaml(json.dumps(spec, ensure_ascii=False)))  # and so it does as YAML
    assert again.hash == circuit.hash
    close = {"rel": 1e-14, "abs": 0.0}
    np.testing.assert_array_equal(circuit.input, meant["u"])
    assert len(circuit.arrays) == len(meant["layers"])
    for array, (A, B, z) in zip(circuit.arrays, meant["layers"], strict=True):
        cell = array.cell
        assert (cell.C, cell.R, cell.V1) == tuple(pytest.approx(meant[key], **close) for key in ("C", "R", "V1"))
        assert (cell.stage.name, cell.stage.leak) == (meant["kind"], meant["leak"])
        assert array.x0 == meant["x0"] and array.initial == spec["initial"]
        if meant["area"]:
            assert cell.area == pytest.approx(meant["area"], **close)
            assert cell.memristor.name == spec["cell"]["memristor"]["model"]
        assert (array.rows, array.columns) == (spec["grid"]["rows"], spec["grid"]["columns"])
        assert array.boundary.as_spec() == meant["boundary"]
        for given_weights, wanted in ((array.template.A, A), (array.template.B, B)):
            if wanted is None:
                assert not given_weights.any()
            else:
                np.testing.assert_array_equal(given_weights, wanted)
        np.testing.assert_array_equal(array.template.z, z)
    run = circuit.run
    assert (run.method, run.save) == (spec["run"]["method"], spec["run"]["save"])
    assert (run.stop, run.rtol) == (pytest.approx(meant["stop"], **close), pytest.approx(meant["rtol"], **close))
    assert run.step == (None if meant["step"] is None else pytest.approx(meant["step"], **close))
    assert circuit.seeds == {"programming": 0, **spec["seed"]} and circuit.name == spec["name"]


# ------------------------------------------------------------------ mutations

RICH = copy.deepcopy(SPEC) | {
    "layers": [
        {"name": "a", "channels": 2, "template": {"A": [[0, 1, 0]], "B": [[[[1]]], [[[2.5]]]], "z": [0, -1]}},
        {"name": "b", "channels": 1, "template": "EDGE"},
        {"name": "c", "channels": 1, "template": {"file": "w.safetensors", "prefix": "p"}},
    ],
    "input": [[0.5] * 5] * 4,
}
RICH["layers"].pop()
BASES = {
    "small": SPEC,
    "rich": RICH,
    "file": SPEC | {"layers": [{"template": {"file": "w.safetensors", "prefix": "p"}}], "initial": "input"},
    "custom": SPEC
    | {
        "grid": {"rows": 4, "columns": 5, "boundary": {"fixed": -1}},
        "cell": {
            "circuit": "m-cellnn",
            "memristor": {"model": "custom", "current": "G*x*v", "rate": "k*v", "parameters": {"G": "1mS", "k": 10}},
        },
        "run": {"stop": "1us", "method": "rk4", "step": "1ns"},
    },
}

nasty_text = st.sampled_from(
    ["", " ", "\n", "a\nb", "\x00", "\x1b[31m", "\u2028", "NaN", "inf", "-1e999", "1e-999", "1/2", "1,5", "0x10",
     "1nF -- x", "mnist-5k:", "mnist-5k:1", "mnist-5k:" + "9" * 30, "digits:-1", "x:1", ".npy", "a.png", "/",
     "~", "input", "\ud800.png", "Z0", "k", "custom", "fixed", "op-amp", "v", "v**x", "().__class__",
     "EDGE", "[" * 99, "[9]", "a.b", "x" * 5000]
)  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.sampled_from([2**31, 2**63 - 1, 2**63, 10**30, -(10**30), 10**390, -(10**390), 10**400]),
    st.floats(),
    st.text(max_size=12),
    nasty_text,
    st.binary(max_size=6),
    st.sampled_from([1j, np.float32(0.5), np.int64(3), np.nan, np.array([1, 2]), np.array([[True]]), {1, 2}, object]),
)
keys = st.text(max_size=8) | nasty_text | st.integers(-2, 2) | st.none() | st.booleans() | st.floats()
junk = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=12,
)
known_keys = st.sampled_from(
    "cellnn name grid rows columns boundary fixed cell circuit C R voltage_unit output kind leak memristor model x0 "
    "area parameters set Gm current rate layers channels template A B z file prefix input initial run stop method rtol "
    "atol save step hardware seed mismatch noise temperature op_amp".split()
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside, the value itself first."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid spec, changed in one to three places."""
    spec = copy.deepcopy(BASES[draw(st.sampled_from(list(BASES)))])
    for _ in range(draw(st.integers(1, 3))):
        paths = places(spec)[1:]
        if not paths:
            break
        *parents, last = draw(st.sampled_from(paths))
        target: Any = spec
        for step in parents:
            target = target[step]
        action = draw(st.sampled_from(["replace", "replace", "replace", "remove", "insert", "rename"]))
        if action == "replace":
            target[last] = draw(junk)
        elif action == "remove" or not isinstance(target, dict):
            del target[last]
        elif action == "insert":
            target[draw(known_keys | keys)] = draw(junk)
        else:
            target[draw(known_keys | keys)] = target.pop(last)
    return spec


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch):
    from safetensors.numpy import save_file

    monkeypatch.chdir(tmp_path)
    save_file({"p.A": np.ones((3, 3)), "p.z": np.zeros(1)}, "w.safetensors")


@given(mutated())
@examples(600)
def test_a_changed_spec_loads_or_is_refused_in_one_line(in_a_folder, spec):
    try:
        cellnn.load(spec)
    except cellnn.InputError as error:
        refused_in_one_line(error)


@given(mutated())
@examples(150)
def test_a_changed_spec_as_yaml_loads_or_is_refused_in_one_line(in_a_folder, tmp_path, spec):
    try:
        text = yaml.safe_dump(spec, allow_unicode=True)
    except (yaml.YAMLError, ValueError):  # what YAML cannot say
        return
    (tmp_path / "spec.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        cellnn.load(tmp_path / "spec.yaml")
    except cellnn.InputError as error:
        refused_in_one_line(error)
        assert "spec.yaml" in str(error)


# ------------------------------------------------------------------ text as YAML

GOOD = yaml.safe_dump(SPEC, sort_keys=False)
fragments = st.sampled_from(
    ["!!bool ", "!!float ''", "!!timestamp x", "!!int []", "! ", "&a ", "*a", "<<: ", "? ", ": ", "- ", "{", "}", "[",
     "]", "\n", "  ", "---\n", "...\n", "%YAML 1.1\n", "|", ">", "'", '"', "#", "\t", "\ufeff", "\u0085", "\u2028",
     '"\\ud800"', "1e-6", ".nan", "~", "=", "cellnn", "grid", "rows", ",", "\\", "0o1", "1_0", "2020-01-01",
     "12:30", "9" * 401]
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """The text of a valid spec with pieces cut out and put in."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(fragments | st.text(max_size=3)) + text[at + draw(st.integers(0, 12)) :]
    return text


texts = st.text(max_size=60) | st.lists(fragments, max_size=25).map("".join) | spoilt()


@given(st.binary(max_size=60) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
@examples(500)
def test_any_file_loads_or_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "spec.yaml"
    path.write_bytes(content)
    try:
        cellnn.load(path)
    except cellnn.InputError as error:
        refused_in_one_line(error)
        assert "spec.yaml" in str(error)


# ------------------------------------------------------------------ quantities

UNITS = ["F", "Ohm", "V", "s", "Hz", "A", "S", "W", "V/s", "A/s", "1/s", "1/W"]
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200, allow_subnormal=False)


def spell(number: str, prefix: str, unit: str, space: str) -> str:
    top, slash, bottom = unit.partition("/")
    return f"{number}{space}{prefix}{'' if top == '1' else top}{slash}{bottom}"


@given(finite, st.sampled_from(UNITS), st.sampled_from(list(PREFIXES)), st.sampled_from(["", " "]))
@examples(300)
def test_a_quantity_reads_as_written(number, unit, prefix, space):
    text = spell(repr(number), prefix, unit, space)
    assert parse_quantity(text, unit) == parse_any_quantity(text)
    assert parse_quantity(text, unit) == pytest.approx(
        float(f"{number!r}") * 10.0 ** PREFIXES[prefix], rel=1e-14, abs=0
    )
    bare = spell(repr(number), "", unit, space)
    assert parse_quantity(bare, unit) == parse_quantity(number, unit) == parse_quantity(repr(number), unit) == number


@given(finite, st.sampled_from([u for u in UNITS if "/" in u]), st.sampled_from(list(PREFIXES)))
@examples(100)
def test_a_prefix_below_the_slash_divides(number, unit, prefix):
    top, bottom = unit.split("/")
    value = parse_quantity(f"{number!r}{'' if top == '1' else top}/{prefix}{bottom}", unit)
    assert value == pytest.approx(number / 10.0 ** PREFIXES[prefix], rel=1e-14, abs=0)


@given(finite, st.permutations(UNITS), st.sampled_from(list(PREFIXES)))
@examples(200)
def test_another_dimension_is_refused(number, units, prefix):
    unit, other = units[:2]
    for wrong in (other, unit.lower() if unit in ("V", "S", "W") else f"{unit}^2", f"{unit}x", "x"):
        with pytest.raises(cellnn.InputError) as caught:
            parse_quantity(spell(repr(number), prefix, wrong, ""), unit)
        refused_in_one_line(caught.value)
    with pytest.raises(cellnn.InputError):
        parse_quantity(spell(repr(number), prefix, "V", ""), "1")


@given(st.text(max_size=10) | st.text("0123456789.eE+-/ ,_nuMkVs1µΩ%$", max_size=10), st.sampled_from([*UNITS, "1"]))
@examples(500)
def test_any_text_is_a_finite_quantity_or_refused(text, unit):
    for parse in (lambda: parse_quantity(text, unit), lambda: parse_any_quantity(text)):
        try:
            assert math.isfinite(parse())
            assert text.strip()[0] in "+-.0123456789"
        except cellnn.InputError:
            pass


@pytest.mark.parametrize(
    "text",
    ["1,5", "1,000", "1/2", "13V/2us", "0x10", "50%%", "% 5", "%", "$5", "Z0", "eps0", "k", "c", "x = 5",
     "1nF -- a remark", "1_000", "", "--1", "1 2", "1V/", "/s", "1e", "1V/s/s", "\u0661"],
)  # fmt: skip
def test_what_quantiphy_would_read_in_its_own_way_is_refused(text):
    for unit in ("1", "F", "Ohm", "V", "V/s"):
        with pytest.raises(cellnn.InputError):
            parse_quantity(text, unit)
    if text != "1e":
        with pytest.raises(cellnn.InputError):
            parse_any_quantity(text)


def test_per_cent_are_for_pure_numbers():
    assert parse_quantity("5%", "1") == 0.05 and parse_quantity(" 12.5 % ", "1") == 0.125
    for unit in ("F", "V", "V/s"):
        with pytest.raises(cellnn.InputError):
            parse_quantity("5%", unit)


def test_no_constant_of_nature_hides_in_a_unit():
    assert parse_any_quantity("0C") == 0.0


@pytest.mark.parametrize(
    "spelling", ["1kOhm", "1 kohm", "1kohms", "1k\u03a9", "1 k\u2126", "1000", "1k", "1KOhm", "1e3 Ohm"]
)
def test_spellings_of_ohm(spelling):
    assert parse_quantity(spelling, "Ohm") == 1000.0


@pytest.mark.parametrize("spelling", ["10us", "10 us", "10\u00b5s", "10\u03bcs", "1e-5", "1e-5s", "0.01ms", "10 usec"])
def test_spellings_of_seconds(spelling):
    assert parse_quantity(spelling, "s") == pytest.approx(1e-5, rel=1e-15)
