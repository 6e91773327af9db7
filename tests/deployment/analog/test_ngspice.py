"""One pixel's integrator against ngspice: an op-amp with a capacitor, its resistors, the gains as sources."""

import subprocess

import numpy as np
import pytest
import torch

from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.analog import Integrator, Loop, analog_sample
from cellnn.diffusion.process import Schedule

SCHEDULE = Schedule("cosine")
PART = Integrator(C=10e-12, V1=0.2, inverse_gain=0.02, offset=5e-3, gain=Spread(local=0.05))


def network(x, t, label):
    return torch.sin(3 * x) - 0.3 * t.reshape(-1, 1, 1, 1)


def deck(loop, run, out):
    """By hand from the circuit. v(x) is the op-amp's output; stages are sources behind resistors at its - input, which
    follow x through a multiplier on the ramp, and the held answer."""
    made = loop.integrator.made((1, 1, 1), loop.seeds, torch.float64)
    shared = 1 / (1 + PART.inverse_gain)  # not a tolerance of the stages: the op-amp below makes it by itself
    of_x, of_answer, offset = made.of_x.item() / shared, made.of_answer.item() / shared, made.offset.item() / shared
    gains = loop.gains(SCHEDULE, "x0")
    full = loop.stages(gains)
    u = torch.linspace(0, 1, 2001, dtype=torch.float64)
    into_x, into_y, _ = gains.at(u)
    start = loop.latency  # the first answer comes then; before, the switch holds the start on C
    ramp = [
        (start + float(k) * loop.ramp_time, a, b) for k, a, b in zip(u, into_x / full[0], into_y / full[1], strict=True)
    ]
    held = []
    for k, value in enumerate(run.held[:, 0, 0, 0]):
        held += [(run.held_from[k] + (0 if k == 0 else 1e-12), value)]
        held += [(start + (k + 1) * loop.latency, value)]

    def pwl(points):
        return " ".join(f"{t - start:.12g} {value:.12g}" for t, value in points)

    lines = [
        "one pixel",
        ".options reltol=1e-6 abstol=1e-15 vntol=1e-9 method=gear",
        f"Vh held 0 pwl({pwl(held)})",
        f"Va a 0 pwl({pwl([(t, a) for t, a, _ in ramp])})",
        f"Vb b 0 pwl({pwl([(t, b) for t, _, b in ramp])})",
        f"B1 p 0 v=-({of_x})*v(a)*v(x)",
        f"B2 q 0 v=-({of_answer})*v(b)*v(held)*{PART.V1}",
        f"R1 p minus {loop.ramp_time / (PART.C * full[0])}",
        f"R2 q minus {loop.ramp_time / (PART.C * full[1])}",
        f"Vos plus 0 {offset * PART.V1}",
        f"E1 x 0 plus minus {1 / PART.inverse_gain}",
    ]
    v0 = run.waveforms[0, 0, 0, 0]
    minus = offset * PART.V1 - v0 * PART.inverse_gain
    lines += [
        f"C1 minus x {PART.C} ic={minus - v0}",
        f".tran {loop.ramp_time / 2000} {loop.ramp_time} 0 {loop.ramp_time / 2000} uic",
        ".control", "run", f"wrdata {out} v(x)", "quit 0", ".endc", ".end",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def test_the_voltages_are_those_of_ngspice(tmp_path):
    loop = Loop(answers=8, latency=5e-6, ramp="log-snr", late=True, integrator=PART, substeps=64)
    run = analog_sample(network, SCHEDULE, "x0", (1, 1, 1, 1), loop, seed=1, dtype=torch.float64)
    (tmp_path / "deck.cir").write_text(deck(loop, run, tmp_path / "out.txt"))
    subprocess.run(["ngspice", "-b", "deck.cir"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    found = np.loadtxt(tmp_path / "out.txt")
    ours = np.interp(found[:, 0] + loop.latency, run.times, run.waveforms[:, 0, 0, 0])
    largest = np.abs(ours).max()
    assert found[-1, 0] == pytest.approx(loop.ramp_time)
    assert np.abs(found[:, 1] - ours).max() < 1e-4 * largest
    ideal = analog_sample(network, SCHEDULE, "x0", (1, 1, 1, 1), Loop(8, 5e-6, "log-snr", True), seed=1)
    assert abs(ideal.waveforms[-1, 0, 0, 0] - ours[-1]) > 0.02 * largest
