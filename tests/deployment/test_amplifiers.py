"""Networks on chips with amplifiers, lines and a temperature."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang
from cellnn.circuits.hardware import Hardware
from cellnn.circuits.noise import ThermalNoise
from cellnn.circuits.outputs import Rectifier
from cellnn.devices.op_amp import OpAmp
from cellnn.devices.variability.lines import LineResistance
from cellnn.devices.variability.op_amps import OpAmps
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.temperature import Temperature
from cellnn.diffusion.deployment.ablation import ablations
from cellnn.diffusion.deployment.array import DeployedArray
from cellnn.diffusion.deployment.fold import FoldedBlock
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.networks.ranges import measured_ranges

from ..small_networks import small_batch, small_network

ROWS, COLUMNS, CHANNELS = 3, 4, 2
FAR = {"low_rail": -1e4, "high_rail": 1e4, "slew_rate": 1e17}


def folded(boundary, stop=1e-6):
    A, B = np.random.default_rng(3).normal(0, 0.3, (2, CHANNELS, CHANNELS, 3, 3))
    cell, ones = ChuaYang(stage=Rectifier(0.01)), np.ones(CHANNELS)
    return FoldedBlock("block", cell, boundary, stop, (), A, B, 0 * ones, ones, 0 * ones)


def late_cells(A, feed, RC, delay, stop, boundary, steps=4000):
    """RC dv/dt = A y(v(t - delay)) + feed - v from rest at 0, by Heun's steps and a memory: nothing but numpy."""
    h, back = stop / steps, delay / (stop / steps)
    past = [np.zeros_like(feed)]

    def fed(k, newest):
        """A y at step k - back, between the two states that are known; nothing moved before 0."""
        at = max(k - back, 0.0)
        low = int(at)
        later = past[low + 1] if low + 1 < len(past) else newest
        v = past[low] + (at - low) * (later - past[low])
        y = np.where(v > 0, v, 0.01 * v)
        padded = np.pad(y, ((0, 0), (1, 1), (1, 1)), **boundary)
        return sum(
            np.einsum("oc,cij->oij", A[:, :, k, m], padded[:, k : k + ROWS, m : m + COLUMNS])
            for k in range(3)
            for m in range(3)
        )

    for k in range(steps):
        v = past[-1]
        first = (fed(k, v) + feed - v) / RC
        past.append(v + h * first)
        second = (fed(k + 1, past[-1]) + feed - past[-1]) / RC
        past[-1] = v + 0.5 * h * (first + second)
    return past[-1]


@pytest.mark.parametrize(
    "boundary, pad, own",
    [
        (Boundary("zero-flux"), {"mode": "edge"}, False),
        (Boundary("periodic"), {"mode": "wrap"}, True),
        (Boundary("fixed", 0.4), {"mode": "constant", "constant_values": 0.4}, True),
    ],
)
def test_an_array_of_late_amplifiers_is_a_delay_equation(boundary, pad, own):
    """Its error falls with the square of the delay, and far below what is left without."""
    block, u = folded(boundary), np.random.default_rng(4).normal(size=(1, CHANNELS, ROWS, COLUMNS))
    gain, bias = np.ones((1, CHANNELS)), np.full((1, CHANNELS), 0.1)
    # weights of each cell's own, all as designed: they take another way through the code
    lines = LineResistance(1e-9) if own else LineResistance()
    errors = []
    for GBW, steps in ((3e6, 16), (12e6, 64)):
        op_amp = OpAmp(A0=1e15, GBW=GBW, **FAR)
        chip = Hardware(pair=ConductancePair(0.0, 1e-4), op_amps=OpAmps(op_amp, trim=0.0), time_scale=50.0, lines=lines)
        how = Integration(steps=steps, precision="double")
        made = DeployedArray(block, ROWS, COLUMNS, chip, {}, integration=how)
        y, states = made.run(u, gain, bias)
        loads = np.abs(block.A).sum(axis=(1, 2, 3)) + np.abs(block.B).sum(axis=(1, 2, 3))
        RC = 50e-6 + loads.max() / (2 * np.pi * GBW)
        feed = made.driven(u, gain, bias).own.z[0]
        expected = late_cells(block.A, feed, RC, 4 / (2 * np.pi * GBW), 50e-6, pad)
        errors.append(np.abs(states[0][0] - expected).max())
        assert y[0] == pytest.approx(np.where(states[0][0] > 0, 1, 0.01) * states[0][0], abs=1e-9)
    nothing = late_cells(block.A, feed, RC, 0.0, 50e-6, pad)
    assert errors[1] < errors[0] / 12
    assert errors[1] < 0.05 * np.abs(nothing - expected).max()


def answers(network, hardware, seeds=None, n=3):
    made = deployed(network, measured_ranges(network, [small_batch(32, 2)]), hardware, seeds or {}, Integration())
    with torch.no_grad():
        return made(*small_batch(n, 5))


def test_each_matters_and_is_the_same_every_time():
    network = small_network()
    ideal = answers(network, Hardware())
    trimmed = OpAmps(trim=1e-3)
    for hardware in (
        Hardware(op_amps=trimmed, time_scale=1000.0),
        Hardware(op_amps=trimmed, time_scale=1000.0, thermal=ThermalNoise(300.0)),
        Hardware(lines=LineResistance(100.0)),
        Hardware(temperature=Temperature(350.0)),
    ):
        first = answers(network, hardware)
        assert torch.equal(first, answers(network, hardware))
        assert 1e-5 < (first - ideal).abs().max() < 0.3 * ideal.abs().max(), hardware
    nothing = Hardware(lines=LineResistance(0.0), temperature=Temperature(300.0, synapses=0.01))
    assert torch.equal(answers(network, nothing), ideal)
    one = Hardware(op_amps=trimmed, time_scale=1000.0)
    assert not torch.equal(answers(network, one), answers(network, one, {"mismatch": 1}))


def test_faster_amplifiers_of_high_gain_without_offset_are_ideal_ones():
    network = small_network()
    ideal = answers(network, Hardware())
    distances = []
    for times in (1.0, 10.0):
        op_amp = OpAmp(A0=1e6 * times, GBW=3e8 * times, **FAR)
        found = answers(network, Hardware(op_amps=OpAmps(op_amp, trim=1e-9), time_scale=1000.0))
        distances.append(float((found - ideal).abs().max() / ideal.abs().max()))
    assert distances[0] < 2e-3 and distances[1] < 0.2 * distances[0]


def test_offsets_matter_by_the_voltage_unit():
    """3 mV and a loading of tens are no matter for 1 V, and a disaster for 25 mV, unless they are trimmed."""
    u = np.random.default_rng(4).normal(size=(1, CHANNELS, ROWS, COLUMNS))
    gain, bias = np.ones((1, CHANNELS)), np.zeros((1, CHANNELS))
    errors = {}
    for V1 in (1.0, 0.025):
        block = folded(Boundary("zero-flux"))
        block = replace(block, cell=replace(block.cell, V1=V1))
        how = Integration(precision="double")
        ideal = DeployedArray(block, ROWS, COLUMNS, Hardware(), {}, integration=how).run(u, gain, bias)[0]
        for trim in (1.0, 1e-3):
            chip = Hardware(op_amps=OpAmps(OpAmp(A0=1e15, GBW=1e15, **FAR), trim=trim))
            found = DeployedArray(block, ROWS, COLUMNS, chip, {}, integration=how).run(u, gain, bias)[0]
            errors[V1, trim] = np.sqrt(np.square(found - ideal).mean())
    assert errors[0.025, 1.0] > 0.5 and errors[1.0, 1.0] < 0.05
    # in proportion while they are small
    assert errors[0.025, 1e-3] == pytest.approx(40 * errors[1.0, 1e-3], rel=0.02)
    assert errors[0.025, 1e-3] == pytest.approx(0.04 * errors[1.0, 1.0], rel=0.1)


def test_ablations_keep_the_time_scale():
    hardware = Hardware(op_amps=OpAmps(), lines=LineResistance(2.0), time_scale=100.0)
    cases = ablations(hardware)
    assert list(cases) == [
        "all",
        "only the time scale",
        "only op-amps",
        "only lines",
        "all but op-amps",
        "all but lines",
    ]
    assert {case.time_scale for case in cases.values()} == {100.0}
    assert cases["only op-amps"] == Hardware(op_amps=OpAmps(), time_scale=100.0)
    assert cases["all but op-amps"].op_amps is None and cases["all but op-amps"].lines.active
    assert "only the time scale" not in ablations(Hardware(temperature=Temperature(350.0)))
