"""The op-amp cell against textbook formulas, one property at a time, in the grid simulator and in ngspice."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
from PySpice.Spice.Netlist import Circuit as Netlist

import cellnn
from cellnn.circuits.circuit import Circuit
from cellnn.devices.op_amp import OpAmp
from cellnn.netlists.analysis import Accuracy
from cellnn.netlists.crosscheck import crosscheck
from cellnn.netlists.devices import op_amp_subcircuit
from cellnn.netlists.export import export_deck
from cellnn.netlists.running import run_deck
from cellnn.netlists.running.batch import executable
from cellnn.simulator.engines import integrate
from cellnn.simulator.problem import Problem

from .op_amp_by_hand import Amplifiers, follower, network, transient

FAST = {"A0": 1e9, "GBW": 1e9, "slew_rate": 1e15}
"""Amplifiers whose only fault is the one a test adds."""
SIGNALS = {"v": "v_0_0_0_0", "y": "y_0_0_0_0", "n": "n_0_0_0_0", "o1": "x0_0_0_0.out_1", "o2": "x0_0_0_0.out_2"}


def one_cell(op_amp: dict, *, B: float = 1.0, z: float = 0.0, u: float = 1.0, C="1nF", stop="20us") -> Circuit:
    """An array of one cell of 1 kOhm and 1 V, from rest, that reads its input and a bias only."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": 1, "columns": 1},
        "cell": {"circuit": "op-amp", "C": C, "op_amp": op_amp},
        "layers": [{"template": {"A": 0, "B": B, "z": z}}],
        "input": u,
        "initial": 0,
        "run": {"stop": stop, "rtol": 1e-9, "atol": 1e-11, "save": 201},
    }
    return cellnn.load(spec)


def in_grid(circuit: Circuit) -> dict[str, np.ndarray]:
    """Waveforms of the grid simulator; those of the poles are the outputs where there is no output resistance."""
    (array,), run = circuit.arrays, circuit.run
    found = integrate(Problem(array, circuit.input[np.newaxis]), run)
    v, *poles = found.states[:, 0, :, 0, 0, 0]
    o1, o2, _ = (array.cell.op_amp.source(pole) for pole in poles)
    return {"time": found.times, "v": v, "y": found.outputs[0, :, 0, 0, 0], "o1": o1, "o2": o2}


def in_ngspice(circuit: Circuit) -> dict[str, np.ndarray]:
    """The same from the exported deck."""
    deck = export_deck(circuit, accuracy=Accuracy(1e-6, 800.0))
    deck = deck.replace(".tran", f".save {' '.join(f'v({name})' for name in SIGNALS.values())}\n.tran")
    waves = run_deck(deck, stop=circuit.run.stop, expect=list(SIGNALS.values()))
    return {"time": waves.time, **{name: waves[node] for name, node in SIGNALS.items()}}


def both(circuit: Circuit) -> list[dict[str, np.ndarray]]:
    """The waveforms of both engines, which agree by the cross-check's measure."""
    verdict = crosscheck(circuit)
    assert verdict.tolerance.reltol == 1e-3
    assert verdict.passed, verdict.summary()
    return [in_grid(circuit), in_ngspice(circuit)]


def slopes(waves: dict[str, np.ndarray], name: str) -> np.ndarray:
    return np.diff(waves[name]) / np.diff(waves["time"])


def test_the_integrator_moves_at_the_slew_rate_and_no_faster():
    """1 V in, RC = 1 us: the ideal state begins with 1 V/us, this amplifier's output with 0.1 V/us."""
    for waves in both(one_cell(FAST | {"slew_rate": 1e5}, stop="5us")):
        moved = slopes(waves, "o1")
        assert np.abs(moved).max() == pytest.approx(1e5, rel=1e-4)
        early = (waves["time"][:-1] > 0.5e-6) & (waves["time"][1:] < 4e-6)
        assert early.sum() > 100
        np.testing.assert_allclose(moved[early], -1e5, rtol=1e-4)


@pytest.mark.parametrize("high", [12.0, 1.0])
def test_the_output_moves_at_the_slew_rate_divided_by_the_limiter_gain(high):
    """The limiter's output has V_s to go while y goes V1: it is the first that cannot follow."""
    SR = 2e6
    for waves in both(one_cell(FAST | {"slew_rate": SR, "rails": [-high, high]}, B=4, stop="3us")):
        assert np.abs(slopes(waves, "o2")).max() == pytest.approx(SR, rel=1e-4)
        assert np.abs(slopes(waves, "o1")).max() == pytest.approx(SR, rel=1e-4)
        assert np.abs(slopes(waves, "y")).max() == pytest.approx(SR / high, rel=1e-3)


def test_rails_stop_the_integrator_and_not_the_state_across_its_capacitor():
    """o_1 stays at -V_s. Then n = v - V_s, and the currents at n balance where v (1 + L) = D + L V_s."""
    L, rail = 5.0, 2.0
    for waves in both(one_cell(FAST | {"rails": [-rail, rail]}, B=L)):
        assert waves["o1"].min() == -rail
        assert waves["v"][-1] == pytest.approx((L + L * rail) / (1 + L), rel=1e-6)
        assert waves["y"][-1] == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("u", [1.0, -1.0])
def test_symmetric_rails_limit_the_output_to_the_voltage_unit(u):
    for waves in both(one_cell(FAST, B=3, u=u)):
        assert waves["v"][-1] == pytest.approx(3 * u, rel=1e-6)
        assert waves["o2"][-1] == pytest.approx(-12 * -u, rel=1e-6)
        assert waves["y"][-1] == pytest.approx(u, rel=1e-6)


@pytest.mark.parametrize(("u", "ends"), [(-1.0, -1.0), (1.0, 2.4)])
def test_of_asymmetric_rails_the_nearer_sets_the_gain_and_the_farther_is_reached(u, ends):
    """Rails of -5 V and 12 V: g = 5, and y lies between -5/g and 12/g."""
    for waves in both(one_cell(FAST | {"rails": [-5, 12]}, B=3, u=u)):
        assert waves["v"][-1] == pytest.approx(3 * u, rel=1e-6)
        assert waves["y"][-1] == pytest.approx(ends, rel=1e-6)


@pytest.mark.parametrize("rail", [12.0, 3.0])
@pytest.mark.parametrize(("B", "z"), [(0.5, 0.0), (0.5, 0.25), (-2.0, 1.5)])
def test_an_offset_is_multiplied_by_the_noise_gains(rail, B, z):
    """At rest n = e, so o_1 = (1 + L) e - D, but v = n - o_1 = D - L e. The limiter adds (1 + 1/g) e at the divider's
    tap and the driver its own e: y = D - (1 + L) e + (2 + 1/g) e."""
    e, L, D = 3e-3, abs(B) + abs(z), B + z
    for waves in both(one_cell(FAST | {"offset": e, "rails": [-rail, rail]}, B=B, z=z, stop="30us")):
        assert waves["o1"][-1] + D == pytest.approx((1 + L) * e, rel=1e-4)
        assert waves["v"][-1] - D == pytest.approx(-L * e, rel=1e-4)
        assert waves["y"][-1] - D == pytest.approx((2 + 1 / rail - 1 - L) * e, rel=2e-4)


@pytest.mark.parametrize("A0", [50.0, 1e3, 1e5])
@pytest.mark.parametrize(("B", "z"), [(0.5, 0.0), (-2.0, 1.5)])
def test_a_finite_gain_makes_the_closed_loops_fall_short(A0, B, z):
    """Each by the factor 1 / (1 + noise gain / A0), the noise gains being 1 + L, 1 + g and 1."""
    g, L, D = 12.0, abs(B) + abs(z), B + z
    for waves in both(one_cell(FAST | {"A0": A0}, B=B, z=z, stop="40us")):
        o1 = -D / (1 + (1 + L) / A0)
        assert waves["o1"][-1] == pytest.approx(o1, rel=1e-6)
        assert waves["v"][-1] == pytest.approx(-o1 * (1 + 1 / A0), rel=1e-6)
        assert waves["o2"][-1] == pytest.approx(-g * o1 / (1 + (1 + g) / A0), rel=1e-6)
        assert waves["y"][-1] == pytest.approx(-o1 / (1 + (1 + g) / A0) / (1 + 1 / A0), rel=1e-6)


def test_on_a_ramp_every_loop_lags_by_its_noise_gain_over_the_bandwidth():
    """A large RC makes o_1 a ramp of s = D/RC. Each loop is late by (its noise gain)/w, w = 2 pi GBW: the limiter
    by (1 + g)/w, the driver by 1/w, as their closed-loop bandwidths are GBW/(1 + g) and GBW."""
    GBW, g, tiny = 1e6, 12.0, 1e-3
    w, s = 2 * np.pi * GBW, tiny / (1e3 * 10e-6)
    for waves in both(one_cell(FAST | {"GBW": GBW}, B=tiny, C="10uF", stop="40us")):
        late = waves["time"] > 30e-6
        assert (waves["v"] + waves["o1"])[late] == pytest.approx(s / w, rel=0.01)  # n
        assert (-waves["o1"] - waves["o2"] / g)[late] == pytest.approx(s * (1 + g) / w, rel=0.01)
        assert (waves["o2"] / g - waves["y"])[late] == pytest.approx(s / w, rel=0.01)


@pytest.mark.parametrize("Ro", [0.0, 75.0, 400.0])
@pytest.mark.parametrize("A0", [10.0, 1e4])
def test_at_rest_the_output_resistance_divides_as_the_network_says(A0, Ro):
    """With A0 = 10 the loops do not hide it. g = 3, V_s = 3 V, so that its load is heavy."""
    B, z, u, e = -1.5, 0.4, 0.5, 2e-3
    op = Amplifiers(A0, offset=e, Ro=Ro)
    nodes = network(op, 3.0, abs(B) + abs(z), B * u + z)
    given = FAST | {"A0": A0, "offset": e, "output_resistance": Ro, "rails": [-3, 3]}
    grid, ngspice = both(one_cell(given, B=B, z=z, u=u, stop="40us"))
    for waves in (grid, ngspice):
        assert waves["v"][-1] == pytest.approx(nodes["n"] - nodes["o1"], rel=1e-6)
        assert waves["y"][-1] == pytest.approx(nodes["y"], rel=1e-6)
    for name in ("n", "o1", "o2"):
        assert ngspice[name][-1] == pytest.approx(nodes[name], rel=1e-6)


@pytest.mark.parametrize("Ro", [0.0, 300.0])
@pytest.mark.parametrize("GBW", [1e6, 20e6])
def test_the_way_there_is_that_of_the_linear_network(GBW, Ro):
    """Gain, bandwidth, offset and output resistance at once, and every moment of the transient."""
    op = Amplifiers(1e3, GBW, 1e-3, Ro)
    given = {"A0": 1e3, "GBW": GBW, "slew_rate": 1e15, "offset": 1e-3, "output_resistance": Ro, "rails": [-3, 3]}
    engines = both(one_cell(given, B=-0.6, z=0.2, stop="5us"))
    # ngspice's error is that of Gear's method with 800 steps in RC
    for waves, error in zip(engines, (1e-7, 1e-5), strict=True):
        chosen = np.linspace(1, waves["time"].size - 1, 50).astype(int)
        states = transient(op, 3.0, 0.8, -0.4, waves["time"][chosen])
        np.testing.assert_allclose(waves["v"][chosen], states[0], rtol=0, atol=error)
        np.testing.assert_allclose(waves["y"][chosen], states[3], rtol=0, atol=error)


def follower_deck(op_amp: OpAmp, source: str, analysis: str) -> str:
    """The macro-model alone, its output at its minus input."""
    netlist = Netlist("follower")
    netlist.subcircuit(op_amp_subcircuit(op_amp))
    netlist.X("follower", "op_amp", "source", "out", "out", "pole")
    options = ".options method=gear reltol=1e-6 abstol=1e-13 vntol=1e-9 chgtol=1e-18 trtol=1"
    return f"{netlist}\nVsource source 0 {source}\n{options}\n{analysis}\n.end\n"


@pytest.mark.parametrize("step", [0.2, 5.0])
@pytest.mark.parametrize(("GBW", "slew_rate"), [(3e6, 13e6), (1e6, 0.5e6)])
def test_a_follower_of_the_macro_model_steps_as_in_the_textbook(GBW, slew_rate, step):
    """A0 = 1e9: 0.2 V is within the linear range of the first, beyond that of the second."""
    stop = 1.2 * step / slew_rate + 8 / (2 * np.pi * GBW)
    deck = follower_deck(OpAmp(1e9, GBW, slew_rate), f"DC {step}", f".tran {stop / 2000} {stop} 0 {stop / 2000} uic")
    waves = run_deck(deck, stop=stop, expect=["out"])
    np.testing.assert_allclose(waves["out"], follower(waves.time, step, GBW, slew_rate), atol=1e-3 * step)


@pytest.mark.parametrize("noise", [18e-9, 4e-9])
def test_the_input_noise_of_a_follower_is_the_data_sheets(noise, tmp_path):
    """Below GBW a follower's output noise is its input's. ngspice's 27 C are 300.15 K."""
    deck = follower_deck(
        OpAmp(noise=noise), "DC 0 AC 1", ".noise v(out) vsource dec 5 10 1e4\n.print noise onoise_spectrum"
    )
    (tmp_path / "deck.cir").write_text(deck)
    run = subprocess.run(
        [executable(), "-n", "-b", "deck.cir"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    densities = [float(row[2]) for row in re.findall(r"^(\d+)\s+(\S+)\s+(\S+)", run.stdout, re.M)]
    assert len(densities) >= 15
    np.testing.assert_allclose(densities, noise * np.sqrt(300.15 / 300), rtol=1e-3)
