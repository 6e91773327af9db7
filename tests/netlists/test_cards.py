"""Device cards: the numbers SPICE reads, and devices that do what the card's published equations say."""

from __future__ import annotations

import re
from math import exp, sinh

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import cellnn
from cellnn.devices.errors import InputError
from cellnn.devices.registry import make_memristor
from cellnn.netlists.cards import read_card
from cellnn.netlists.read_lines import logical_lines, spice_number

YAKOPCIC = """* a memristor
.subckt mem_dev TE BE XSV
.params a1=0.17 a2=0.11 b=0.05 Vp=0.16 Vn=0.15
+       Ap=4k An=3.5E3 xp = 0.3 xn=500m
.params alphap=1 alphan=5 xo=0.11 eta=1  ; the state and its direction
Cx XSV 0 {1}
.ends mem_dev
"""
VTEAM = """* the state is a length
.SUBCKT vteam p n w PARAMS: Ron=50 Roff=1K
+ D=3n k_on=-10 k_off=500u alpha_on=3 alpha_off=1.5
+ v_on=-200m v_off=0.02 w_on=0 w_off={D} w_init=1.2n
.ends
"""
FLIPPED = """.subckt vvteam p n x
.param Ron=50 Roff=1k x_on=1 x_off=0 x_init=0.25
.param k_on=2meg k_off=-300 alpha_on=3 alpha_off=1.5 v_on=-0.2 v_off=0.02
.ends
"""
QUIET = lambda message: pytest.fail(f"not expected: {message}")  # noqa: E731


def device_of(text, note=QUIET):
    section = read_card(text, note)
    return make_memristor(section["model"], section["parameters"])


@pytest.mark.parametrize(("text", "value"), [
    ("1k", 1e3), ("2.5MEG", 2.5e6), ("1M", 1e-3), ("3n", 3e-9), ("115uA", 115e-6), ("4.7pF", 4.7e-12), ("2f", 2e-15),
    ("1g", 1e9), ("1T", 1e12), ("10mil", 254e-6), ("-.5", -0.5), ("+1.e-3", 1e-3), ("1e3k", 1e6), ("5V", 5.0),
    ("10\u00b5", 1e-5), ("0.17", 0.17), ("500u", 500e-6), ("0.3p", 0.3e-12),
])  # fmt: skip
def test_spice_numbers(text, value):
    assert spice_number(text) == value


@pytest.mark.parametrize("text", ["", "k", "4k7", "1..2", "0x10", "1a", "inf", "nan", "1e999", "1 2", "{1}", "--1"])
def test_what_is_no_spice_number(text):
    assert spice_number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_to_the_last_digit(value):
    assert spice_number(repr(value)) == value


def test_lines_are_joined_and_comments_left_out():
    lines = logical_lines("* title\nR1 a 0 1k ; load\n\n+ tc = 1\n*+ no\n.param x = { 1 / y } $ why\nV$1 a 0 1")
    assert [(line.number, line.text) for line in lines] == [
        (2, "R1 a 0 1k tc=1"), (6, ".param x={1/y}"), (7, "V$1 a 0 1"),
    ]  # fmt: skip


def test_a_yakopcic_card_does_what_its_equations_say():
    section = read_card(YAKOPCIC, QUIET)
    assert section["model"] == "yakopcic" and section["x0"] == 0.11
    device = make_memristor("yakopcic", section["parameters"])

    def i(v, x):  # the card's IVRel, G, F, wp and wn, its numbers put in by hand
        return (0.17 if v >= 0 else 0.11) * x * sinh(0.05 * v)

    def g(v):
        if v > 0.16:
            return 4000 * (exp(v) - exp(0.16))
        return -3500 * (exp(-v) - exp(0.15)) if v < -0.15 else 0.0

    def f(v, x):
        if v >= 0:
            return exp(-1 * (x - 0.3)) * (0.3 / 0.7 - x / 0.7 + 1) if x >= 0.3 else 1.0
        return exp(5 * (x + 0.5 - 1)) * x / 0.5 if x <= 0.5 else 1.0

    for v in (-1.3, -0.4, -0.15, -0.1, 0.0, 0.1, 0.17, 0.5, 2.0):
        for x in (0.0, 0.11, 0.3, 0.45, 0.6, 0.93, 1.0):
            assert float(device.current(v, x)) == pytest.approx(i(v, x), rel=1e-12, abs=1e-18)
            assert float(device.rate(v, x)) == pytest.approx(g(v) * f(v, x), rel=1e-12, abs=1e-9)


def vteam_by_hand(v, w, *, k_on, k_off, on, off):
    """Current, and dw/dt, of the paper's equations 1, 2 and 5, without a window."""
    dw = k_off * (v / 0.02 - 1) ** 1.5 if v > 0.02 else k_on * (v / -0.2 - 1) ** 3 if v < -0.2 else 0.0
    return v / (50 + (1000 - 50) / (off - on) * (w - on)), dw


@pytest.mark.parametrize(("card", "numbers", "x0"), [
    (VTEAM, {"k_on": -10, "k_off": 5e-4, "on": 0.0, "off": 3e-9}, 0.6),
    (FLIPPED, {"k_on": 2e6, "k_off": -300, "on": 1.0, "off": 0.0}, 0.25),
    (VTEAM.replace("w_on=0 w_off={D} w_init=1.2n", ""), {"k_on": -10, "k_off": 5e-4, "on": 0.0, "off": 3e-9}, None),
    (VTEAM.replace("D=3n", "").replace("w_on=0 w_off={D}", "w_on=1n w_off=4n"),
     {"k_on": -10, "k_off": 5e-4, "on": 1e-9, "off": 4e-9}, pytest.approx(2.8 / 3)),
    (VTEAM.replace("w_on=0 w_off={D}", "w_off=4n"), {"k_on": -10, "k_off": 5e-4, "on": 1e-9, "off": 4e-9},
     pytest.approx(2.8 / 3)),
])  # fmt: skip
def test_a_vteam_card_does_what_its_equations_say(card, numbers, x0):
    section = read_card(card, QUIET)
    assert section["model"] == "vteam" and section.get("x0") == x0
    device = make_memristor("vteam", section["parameters"])
    on, off = numbers["on"], numbers["off"]
    for v in (-1.5, -0.3, -0.2, -0.1, 0.0, 0.01, 0.03, 0.7):
        for x in (0.0, 0.25, 0.6, 1.0):
            w = off + x * (on - off)  # ON, at w_on, is x = 1
            current, speed = vteam_by_hand(v, w, **numbers)
            assert float(device.current(v, x)) == pytest.approx(current, rel=1e-9, abs=1e-18)
            assert float(device.rate(v, x)) == pytest.approx(speed / (on - off), rel=1e-9, abs=1e-9)


def test_what_was_not_understood_is_told():
    told = []
    card = VTEAM.replace("D=3n", "D=5n window_type=2 p_coeff=2 a_on=2n Rth=1k").replace("w_off={D}", "w_off=3n")
    section = read_card(card, told.append)
    assert section["parameters"]["D"] == 3e-9 and section["parameters"]["a_on"] == 3
    told = "\n".join(told)
    assert "D=5e-09 is not used" in told and "its window is left out" in told
    assert "left out: p_coeff, a_on, Rth" in told
    with pytest.warns(UserWarning, match="no eta"):
        read_card(YAKOPCIC.replace("eta=1", ""))


def test_one_of_several_subcircuits_and_parameters_outside():
    told = []
    text = ".subckt amp a b\nR1 a b 1k\n.ends\n.param thick=3n vdd=1\n" + VTEAM.replace("D=3n", "D=thick")
    assert read_card(text, told.append) == read_card(VTEAM, QUIET)
    assert told == ["the subcircuit amp was left out"]
    with pytest.raises(InputError, match="'mem_dev, vteam'; expected one device card"):
        read_card(YAKOPCIC + VTEAM)


WRONG = {
    "nothing": ("R1 a 0 1k", "expected a device card: .subckt"),
    "no parameters": (".subckt a b c\n.ends", "a Yakopcic card with a1, a2, b, Vp, .*; or a VTEAM card with R_on, "),
    "another model": (".subckt lid p n\n.param Ron=100 Roff=16k D=10n uv=10f p=1\n.ends", "got 'Ron, Roff, D, uv, p'"),
    "almost": (YAKOPCIC.replace("Vp=0.16", ""), "line 2: mem_dev: .*of those of Yakopcic, Vp were not found"),
    "no length": (VTEAM.replace("D=3n", "").replace("w_on=0 w_off={D}", ""), "expected D, or both w_on and w_off"),
    "no span": (VTEAM.replace("w_off={D}", "w_off=0"), "a w_off that is not w_on"),
    "an expression": (VTEAM.replace("{D}", "{2*x}"), "line 2: w_off: got .{2.x}.; expected a number, as SPICE"),
    "itself": (VTEAM.replace("D=3n", "D={w_off}"), "a number, as SPICE writes it"),
    "milli for mega": (YAKOPCIC.replace("b=0.05", "b=50"), "line 3: mem_dev.b: got 50.0"),
    "thresholds the wrong way round": (VTEAM.replace("v_on=-200m", "v_on=200m"), "line 2: vteam.v_on: got 0.2"),
    "exponential": (VTEAM.replace("D=3n", "D=3n IV_relation=1"), "vteam.IV_relation: got 1.0; expected 0: the linear"),
    "a start outside": (VTEAM.replace("w_init=1.2n", "w_init=4n"), "x0: got -0.33"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_card_that_cannot_be_used_is_one_error(name):
    text, message = WRONG[name]
    with pytest.raises(InputError) as caught:
        read_card(text, lambda _: None)
    assert re.search(message, str(caught.value)) and "\n" not in str(caught.value)


def test_the_command_writes_a_memristor_for_a_spec(cellnn_command, spec, tmp_path):
    card, out = tmp_path / "mem.sub", tmp_path / "memristor.yaml"
    card.write_text(YAKOPCIC + "\n.param cold=1\n")
    result = cellnn_command("import", card, "-o", out)
    assert (result.status, result.err) == (0, "") and f"wrote {out}: a memristor" in result.out
    written = yaml.safe_load(out.read_text())
    assert written == {"memristor": read_card(YAKOPCIC, QUIET)}
    text = yaml.safe_dump({**spec, "cell": {**spec["cell"], "memristor": None}}, sort_keys=False)
    pasted = "".join("  " + line + "\n" for line in out.read_text().splitlines())
    (tmp_path / "spec.yaml").write_text(text.replace("  memristor: null\n", pasted))
    cell = cellnn.load(tmp_path / "spec.yaml").arrays[0].cell
    assert cell.memristor == device_of(YAKOPCIC)
    np.testing.assert_array_equal(cellnn.load(tmp_path / "spec.yaml").arrays[0].x0, 0.11)


def test_the_command_tells_what_it_left_out_and_refuses_with_status_2(cellnn_command, tmp_path):
    card, out = tmp_path / "mem.sub", tmp_path / "memristor.yaml"
    card.write_text(VTEAM.replace("D=3n", "D=3n Rth=1k"))
    result = cellnn_command("import", card, "-o", out)
    assert (result.status, result.err) == (0, "note: vteam: not understood, and left out: Rth\n")
    out.unlink()
    card.write_text(VTEAM.replace("v_on=-200m", "v_on=200m"))
    result = cellnn_command("import", card, "-o", out)
    assert result.status == 2 and result.err.startswith(f"error: {card}, line 2: vteam.v_on: got 0.2;")
    assert not out.exists()
