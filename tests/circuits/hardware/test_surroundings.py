"""Lines, temperature and amplifiers of a chip: closed forms, moments, and nothing at strength nothing."""

from dataclasses import replace

import numpy as np
import pytest

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.circuits.hardware import Border, Chip, Hardware
from cellnn.circuits.hardware.amplified import OFFSETS, Amplified, MemristiveAmplified
from cellnn.circuits.hardware.own_cell import own_cell
from cellnn.circuits.hardware.step_noise import step_variance
from cellnn.circuits.noise import BOLTZMANN
from cellnn.circuits.outputs import Rectifier
from cellnn.circuits.template import Template
from cellnn.devices.errors import InputError
from cellnn.devices.op_amp import OpAmp
from cellnn.devices.variability.lines import LineResistance
from cellnn.devices.variability.op_amps import OpAmps
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.spread import Spread
from cellnn.devices.variability.temperature import Temperature

PAIR = ConductancePair(10e-6, 100e-6)


def array(cell=None, rows=30, columns=40):
    A, B = np.random.default_rng(0).normal(size=(2, 2, 2, 3, 5))
    template = Template.of(A=A, B=B, z=[0.3, -0.4], channels=2)
    cell = cell or MCellNN(V1=0.1, stage=Rectifier(0.01), area=0.5)
    return CellArray("layer", cell, template, Boundary("zero-flux"), rows, columns, 0.0, 0.1)


def test_strength_nothing_changes_nothing():
    design = array()
    nothing = Hardware(lines=LineResistance(0.0), temperature=Temperature(300.0, 1e-3, 1e-3, 1e-3, 1e-3))
    assert Chip(design, nothing, {}).at(3) is design
    assert Border(nothing, {}, "layer").stop(1e-6) == 1e-6


def test_lines_are_in_series():
    """Of every synapse, with the devices' resistances and the wire's, as Ohm's law has it."""
    design = array(rows=3, columns=4)
    chip = Chip(design, Hardware(pair=PAIR, lines=LineResistance(500.0)), {})
    own, template = chip.at().own, design.template
    scale = 90e-6 / max(np.abs(template.A).max(), np.abs(template.B).max())
    for made, designed in ((own.A, template.A), (own.B, template.B)):
        for (k, m), length in {(0, 0): 3, (0, 2): 1, (1, 2): 0, (1, 4): 2, (2, 4): 3}.items():
            w = designed[1, 0, k, m]
            on, rest = 1 / (1 / (10e-6 + scale * abs(w)) + 500 * length), 1 / (1 / 10e-6 + 500 * length)
            assert made[0, 1, 0, k, m] == pytest.approx(np.full((3, 4), np.sign(w) * (on - rest) / scale), rel=1e-12)
    assert own.z is None or own.z[0, :, 0, 0] == pytest.approx(template.z, rel=1e-12)


def test_a_line_halves_a_synapse_of_its_own_resistance():
    g = np.full((1, 1, 3, 3, 1, 1), 1e-4)
    found = LineResistance(1e4).applied(g)[0, 0, :, :, 0, 0] / 1e-4
    assert found == pytest.approx(
        np.array([[1 / 3, 1 / 2, 1 / 3], [1 / 2, 1, 1 / 2], [1 / 3, 1 / 2, 1 / 3]]), rel=1e-12
    )


def test_a_warm_chip():
    """Its parts by their coefficients; a synapse's current by its own alone, although weights are counted in V1/R."""
    design = array()
    made = Chip(design, Hardware(temperature=Temperature(350.0, 2e-4, -1e-4, -1e-3, 3e-3)), {}).at()
    assert made.cell.R == pytest.approx(1e3 * np.exp(0.01), rel=1e-12)
    assert made.cell.C == pytest.approx(1e-9 * np.exp(-0.005), rel=1e-12)
    assert made.cell.area == pytest.approx(0.5 * np.exp(0.15), rel=1e-12)
    weight = design.template.B[0, 1, 2, 3]
    current = made.own.B[0, 0, 1, 2, 3] / made.cell.R
    assert current == pytest.approx(np.full(current.shape, weight / 1e3 * np.exp(-0.05)), rel=1e-12)
    # the bias of a network comes from converters, behind resistors that change as R does
    of_a_network = Chip(design, Hardware(temperature=Temperature(350.0)), {}, programmed=("A", "B")).at()
    assert of_a_network.own.z is None


def test_mismatch_is_around_the_warm_value():
    hardware = Hardware(temperature=Temperature(400.0, C=1e-3), parameters={"C": Spread(0.05)})
    C = Chip(array(), hardware, {}).at().own.parameters["C"]
    n = C.size
    assert abs(C.mean() / (1e-9 * np.exp(0.1)) - 1) < 4.5 * 0.05 / np.sqrt(n)
    assert abs(C.std() / C.mean() / 0.05 - 1) < 4.5 / np.sqrt(2 * n)


def test_a_time_scale_is_of_capacitors_and_the_clock_not_of_memristors():
    hardware = Hardware(time_scale=100.0)
    design = array()
    made = Chip(design, hardware, {}).at()
    assert made.cell.C == pytest.approx(1e-7) and made.cell.R == 1e3
    assert Border(hardware, {}, "layer").stop(1e-6) == pytest.approx(1e-4)
    assert made.cell.rates(0.1, 0.02, 0.1)[0] == pytest.approx(design.cell.rates(0.1, 0.02, 0.1)[0] / 100)
    assert made.cell.rates(0.1, 0.02, 0.1)[1] == design.cell.rates(0.1, 0.02, 0.1)[1] != 0.0


@pytest.mark.parametrize("cell, kind", [(ChuaYang(), Amplified), (MCellNN(V1=0.1), MemristiveAmplified)])
def test_amplifiers_are_loaded_with_both_devices_of_every_pair(cell, kind):
    cell = replace(cell, stage=Rectifier(0.01))
    made = Chip(array(cell), Hardware(pair=PAIR, op_amps=OpAmps()), {}, programmed=("A", "B")).at()
    assert type(made.cell) is kind and (made.cell.C, made.cell.R, made.cell.V1) == (cell.C, cell.R, cell.V1)
    A, B = made.template.A, made.template.B
    largest = max(np.abs(A).max(), np.abs(B).max())
    rest = 10e-6 / (90e-6 / largest)
    loads = [np.abs(A[k]).sum() + np.abs(B[k]).sum() + 2 * rest * (A[k].size + B[k].size) for k in range(2)]
    assert made.cell.loading == pytest.approx(max(loads), rel=1e-12)
    every = Chip(array(cell), Hardware(pair=ConductancePair(0.0, 1e-4), op_amps=OpAmps()), {}).at()
    weights = np.abs(A).sum(axis=(1, 2, 3)) + np.abs(B).sum(axis=(1, 2, 3)) + np.abs(made.template.z)
    assert every.cell.loading == pytest.approx(weights.max(), rel=1e-12)  # as in the op-amp circuit


def test_offsets_have_their_moments_and_their_streams():
    def drawn(warmer=0.0, seed=0, number=0, **how):
        hardware = Hardware(op_amps=OpAmps(**how), temperature=Temperature(300.0 + warmer))
        own = Chip(array(), hardware, {"mismatch": seed}, number).at().own.parameters
        return np.stack([own[name] for name in OFFSETS])

    base = drawn()
    n = base[0].size
    for values in base:
        assert abs(values.mean()) < 4.5 * 3e-3 / np.sqrt(n)
        assert abs(values.std() / 3e-3 - 1) < 4.5 / np.sqrt(2 * n)
        assert np.abs(values).max() <= 4 * 3e-3
    correlation = np.corrcoef(base.reshape(3, -1))
    assert np.abs(correlation[np.triu_indices(3, 1)]).max() < 4.5 / np.sqrt(n)
    assert np.array_equal(base, drawn()) and not np.array_equal(base, drawn(seed=1))
    assert not np.array_equal(base, drawn(number=1))
    assert drawn(trim=1e-3) == pytest.approx(1e-3 * base, rel=1e-12)
    # the same amplifiers, warmer: what moves has the data sheet's spread and is the amplifiers' own
    moved = drawn(warmer=50.0) - base
    assert abs(moved.std() / (50 * 18e-6) - 1) < 4.5 / np.sqrt(2 * 3 * n)
    assert abs(np.corrcoef(moved.ravel(), base.ravel())[0, 1]) < 4.5 / np.sqrt(3 * n)
    assert Chip(array(), Hardware(op_amps=OpAmps(trim=0.0)), {}).at().own is None
    common = Chip(array(), Hardware(op_amps=OpAmps(OpAmp(offset=2e-3), 0.0, 0.0, trim=0.01)), {}).at()
    assert common.cell.op_amp.offset == pytest.approx(2e-5)


def test_saturation_with_a_leak_is_refused():
    cell = ChuaYang(stage=replace(ChuaYang().stage, leak=0.1))
    with pytest.raises(InputError, match="leak"):
        Chip(array(cell), Hardware(op_amps=OpAmps()), {})


def test_noise_of_a_step():
    """kT/C at rest; behind amplifiers the weights' resistors add theirs, kT/C (1 + L), and the amplifier its own:
    L^2 N^2 / (4 R C), what a density N^2 leaves behind L times a pole at 1/RC."""
    T, far = 350.0, 1.0
    assert step_variance(ChuaYang(), np.zeros((1, 2)), T, far) == pytest.approx(BOLTZMANN * T / 1e-9, rel=1e-12)
    short = step_variance(ChuaYang(), np.zeros((1, 2)), T, 1e-9)
    assert short == pytest.approx(2 * BOLTZMANN * T / 1e3 * 1e-9 / 1e-18, rel=2e-3)  # 2 k T G t / C^2
    cell = Amplified(op_amp=OpAmp(GBW=1e15), loading=20.0)
    assert step_variance(cell, np.zeros((1, 2)), T, far) == pytest.approx(21 * BOLTZMANN * T / 1e-9, rel=1e-9)
    noisy = replace(cell, op_amp=OpAmp(GBW=1e15, noise=18e-9))
    added = step_variance(noisy, np.zeros((1, 2)), 0.0, far)
    assert added == pytest.approx((20 * 18e-9) ** 2 / (4 * 1e3 * 1e-9), rel=1e-9)


def test_the_cell_with_values_of_its_own():
    hardware = Hardware(
        op_amps=OpAmps(), parameters={"C": Spread(0.05), "memristor_Gm": Spread(0.1), "area": Spread(0.1)}
    )
    made = Chip(array(rows=2, columns=3), hardware, {}).at()
    cell, own = own_cell(made), made.own.parameters
    index = 0, 1, 0, 2
    values = {name: float(own[name][index]) for name in ("C", "area", *OFFSETS)}
    memristor = replace(made.cell.memristor, Gm=float(own["memristor_Gm"][index]))
    alone = replace(made.cell, memristor=memristor, **values)
    states = np.full((2, 1, 2, 2, 3), 0.07)
    assert cell.output(*states)[index] == pytest.approx(alone.output(0.07, 0.07), rel=1e-12)
    assert cell.rates(0.3, *states)[0][index] == pytest.approx(alone.rates(0.3, 0.07, 0.07)[0], rel=1e-12)
    assert made.cell.C == 1e-9 and made.cell.memristor.Gm == MCellNN().memristor.Gm  # the array's own stays as it is
