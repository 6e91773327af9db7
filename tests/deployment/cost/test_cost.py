"""A whole network's cost against counts and sums by hand."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cellnn.circuits.hardware import Hardware
from cellnn.devices.op_amp import OpAmp
from cellnn.devices.variability.converter import Converter
from cellnn.devices.variability.op_amps import OpAmps
from cellnn.devices.variability.programming import ConstantError
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.cost import cost_of, section
from cellnn.diffusion.deployment.cost.assumptions import BoardSpec, CostSpec, IntegratedSpec, stated
from cellnn.diffusion.deployment.cost.case import EnergyParts, case_of
from cellnn.diffusion.deployment.cost.digital import evaluations_of, multiplications
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.deployment.noised import Questions
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.networks import NetworkSpec, build_network
from cellnn.diffusion.networks.ranges import measured_ranges
from cellnn.diffusion.training import load_run

TAOX = {
    "circuit": "m-cellnn", "voltage_unit": "25mV", "memristor": {"model": "strachan-taox", "x0": 0.02},
    "output": {"kind": "rectifier", "leak": 0.01},
}  # fmt: skip
FEW = CostSpec(pictures=2, points=17)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    spec = {"block": "m-cellnn", "cell": TAOX, "channels": [4, 6], "embedding": 8, "stop": "1us"}
    found = build_network(NetworkSpec.model_validate(spec), (1, 8, 8), None)
    for parameter in found.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    q = asked(64, 1)
    found(q.x, q.t, q.label)  # statistics of the norms
    return found.eval()


def asked(n, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 1, 8, 8, generator=generator)
    return Questions(x, torch.rand(n, generator=generator), None, x)


def on(network, hardware):
    q = asked(16, 2)
    ranges = measured_ranges(network, [(q.x, q.t, q.label)])
    return deployed(network, ranges, hardware, {}, Integration(threads=1))


@pytest.fixture(scope="module")
def cost(network):
    made = Hardware(
        programming=ConstantError(relative=0.05), weights=Spread(0.02),
        parameters={"R": Spread(0.05), "C": Spread(0.05)}, into=Converter(6), out=Converter(10),
    )  # fmt: skip
    return cost_of(on(network, made), asked(3, 3), 7, FEW, ideal=network)


def test_layers_in_sequence_balance(cost):
    assert [run.name for run in cost.runs] == ["down.0", "down.1", "middle", "up.1", "up.0"]
    assert [(run.inputs, run.channels, run.rows) for run in cost.runs] == [
        (4, 4, 8), (4, 6, 4), (6, 6, 4), (12, 6, 4), (10, 4, 8)]  # fmt: skip
    for run in cost.runs:
        assert run.balance < 3e-3
        assert run.energy.memristors > 0.05 * run.energy.resistors > 0.0
        assert run.bits == (6.0, 10.0)
        assert run.drift < 1e-6 and run.moved == 0.0  # 25 mV of a device that moves at half a volt
    assert cost.operations == 2 * sum(
        (4 + 4, 4 + 6, 6 + 6, 12 + 6, 10 + 4)[k] * 9 * run.cells for k, run in enumerate(cost.runs)
    )


def test_the_mean_is_over_pictures(network):
    made = on(network, Hardware())
    q = asked(2, 3)
    both = cost_of(made, q, 1, FEW).runs[0].energy
    each = [
        cost_of(made, Questions(q.x[k:][:1], q.t[k:][:1], None, q.answer[k:][:1]), 1, FEW).runs[0].energy
        for k in (0, 1)
    ]
    assert both.resistors == pytest.approx((each[0].resistors + each[1].resistors) / 2, rel=1e-5)
    assert both.largest == pytest.approx(max(one.largest for one in each), rel=1e-6)


def test_conductances_are_each_cell_s_own(network):
    """Mismatch is on both devices of a pair as on its weight; programming moves each by itself."""
    array = on(network, Hardware(weights=Spread(0.1))).middle.array
    w, made, low = array.folded.B[None, ..., None, None], array.chip.at(0).own.B, array.hardware.pair.low
    designed = 2 * low + array.chip.scale * np.abs(w)
    np.testing.assert_allclose(array.chip.loads("B"), designed * made / w, rtol=1e-4)
    chip = on(network, Hardware(programming=ConstantError(absolute=1e-6))).middle.array.chip
    plus, minus = chip.sides("A")
    np.testing.assert_allclose((plus - minus) / chip.scale, chip.at(0).own.A, atol=1e-6)
    np.testing.assert_allclose(chip.loads("A"), plus + minus)
    assert np.std(chip.loads("A") - on(network, Hardware()).middle.array.chip.loads("A")[None, ..., None, None]) == (
        pytest.approx(np.sqrt(2) * 1e-6, rel=0.2)  # a little less where none becomes negative
    )


def test_amplifiers_that_are_nearly_ideal_change_nearly_nothing(network):
    fast = OpAmps(OpAmp(A0=1e9, GBW=1e13, slew_rate=1e15), offset_spread=0.0)
    ideal, made = (
        cost_of(on(network, chip), asked(2, 3), 1, FEW).runs for chip in (Hardware(), Hardware(op_amps=fast))
    )
    for one, other in zip(ideal, made, strict=True):
        assert asdict(other.energy) == pytest.approx(asdict(one.energy), rel=1e-3)
        assert other.settling.output == pytest.approx(one.settling.output, rel=1e-3)
        assert other.balance == pytest.approx(one.balance, rel=0.1)


def test_slower_cells_take_longer(network):
    """C and the run's time ten times as large: the same voltages, all energies ten times as large."""
    one, slow = (cost_of(on(network, Hardware(time_scale=scale)), asked(2, 3), 1, FEW).runs[1] for scale in (1.0, 10.0))
    assert slow.stop == pytest.approx(10 * one.stop)
    expected = {name: value * (1 if name == "largest" else 10) for name, value in asdict(one.energy).items()}
    assert asdict(slow.energy) == pytest.approx(expected, rel=1e-4)


def test_digital_multiplications_are_those_torch_counts(network):
    q, made = asked(2, 3), on(network, Hardware())
    with FlopCounterMode(display=False) as counter:
        made(q.x, q.t, q.label)
    feeds = sum(  # the counter also sees the ideal arrays' inputs, which torch correlates
        2 * len(q.x) * block.array.folded.B.size * block.array.rows * block.array.columns
        for block in (made.down[0], made.down[1], made.middle, made.up[0], made.up[1])
    )
    assert 2 * len(q.x) * sum(multiplications(made, q).values()) == counter.get_total_flops() - feeds


def test_parts_by_hand(cost):
    spec = BoardSpec(
        amplifier_current=1e-3, supply=10.0, amplifiers_per_cell=3, amplifiers_per_input=2, powered="block",
        conversion_energy=1e-12, conversion_time=1e-6, converters="row", mac_energy=2e-12, mac_rate=1e9,
        reset_energy=5e-12,
    )  # fmt: skip
    run = replace(cost.runs[1], drift=0.1, moved=0.25)
    case = case_of("by hand", [run], 1000, 7, spec)
    layer, cells, inputs = case.layers[0], 6 * 16, 4 * 16
    assert layer.seconds == pytest.approx(4e-6 + 1e-6 + 4e-6)
    assert case.seconds == pytest.approx(7 * (9e-6 + 1e-6)) == case.time.total
    assert layer.energy.quiescent == pytest.approx((3 * cells + 2 * inputs) * 1e-3 * 10 * 9e-6)
    assert layer.energy.converters == pytest.approx(1e-12 * (2**6 * (inputs + 2 * 6) + 2**10 * cells))
    assert layer.energy.programming == pytest.approx(cells / 4 * 5e-12)
    assert case.energy.digital == pytest.approx(7 * 1000 * 2e-12)
    given = run.energy.delivered + run.energy.drive + run.energy.feedback + run.energy.input
    assert layer.energy.output_stages == pytest.approx(5.0 * run.energy.charge - given) and layer.fits
    assert case.joules == pytest.approx(7 * layer.joules + case.energy.digital)
    assert layer.joules == pytest.approx(sum(asdict(layer.energy).values()))
    assert case.operations_per_joule == pytest.approx(run.operations / layer.joules)
    always = case_of("always", [run, run], 1000, 1, spec.model_copy(update={"powered": "always"}))
    assert always.layers[0].energy.quiescent == pytest.approx(layer.energy.quiescent / 9e-6 * (2 * 9e-6 + 1e-6))


def test_what_a_class_b_stage_takes_covers_what_it_gives(cost):
    """While no voltage is beyond the rails, half the supply times the current is more than what is delivered."""
    for run in cost.runs:
        assert run.energy.largest * run.energy.charge > run.energy.outputs > 0.0


def test_rails_that_are_too_low_are_told(cost):
    case = case_of("low", cost.runs, 0, 1, IntegratedSpec(supply=1e-3))
    assert not any(layer.fits for layer in case.layers)
    assert all(layer.energy.output_stages == 0.0 for layer in case.layers)


def test_changed_assumptions_say_so():
    found = stated(IntegratedSpec(supply=5.0))
    assert (found["supply"].value, found["supply"].source) == (5.0, "the hardware file")
    assert "Patel" in found["amplifier_current"].source and "Walden" not in found["bits"].source
    assert all(one.source for one in stated(BoardSpec()).values())


def test_energy_parts_add_up():
    parts = EnergyParts(resistors=1.0, digital=2.0).plus(EnergyParts(resistors=0.5, drive=1.0), 4.0)
    assert (parts.resistors, parts.drive, parts.digital, parts.total) == (3.0, 4.0, 2.0, 9.0)


def test_report(cost):
    content = json.loads(json.dumps(asdict(cost), allow_nan=False))
    page = section(content)
    assert page.count("<table>") == page.count("</table>") == 5
    for text in (
        "ACE16k (published)",
        "down.0",
        "82.5 GOPS/W",
        "7 times",
        "(measured here)",
        "amplifier_current, board",
    ):
        assert text in page
    assert "beyond the rails" not in section(
        json.loads(json.dumps(asdict(cost)).replace('"fits": false', '"fits": true'))
    )


def test_evaluations_of_a_picture():
    """Those a sampler makes, counted on the model itself, smaller than it is."""
    model = load_run("mnist-conv")
    calls = []

    class Counting(torch.nn.Module):
        classes = model.network.classes if hasattr(model.network, "classes") else None

        def forward(self, x, t, label=None):
            calls.append(len(x))
            return torch.zeros_like(x)

    for sampler, steps in (("dpm-solver++", 5), ("heun", 4)):
        calls.clear()
        sampling = model.config.sampling.model_copy(update={"sampler": sampler})
        one = replace(model, config=model.config.model_copy(update={"sampling": sampling}), network=Counting())
        one.sample(1, 0, steps=steps, batch=1)
        assert evaluations_of(one, steps) == sum(calls) > 0
    assert np.isclose(evaluations_of(model), model.config.sampling.steps)
