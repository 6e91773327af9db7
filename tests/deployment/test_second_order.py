"""Networks of second-order arrays on a chip: the network itself, what their parts add, energies, and ngspice."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.linalg import expm, solve_continuous_lyapunov

from cellnn.circuits.cells import SecondOrder
from cellnn.circuits.hardware import Hardware
from cellnn.circuits.hardware.step_noise import swing_covariance
from cellnn.circuits.noise import BOLTZMANN, ThermalNoise
from cellnn.devices.errors import InputError
from cellnn.devices.variability.converter import Converter
from cellnn.devices.variability.op_amps import OpAmps
from cellnn.devices.variability.programming import CmoHfox
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.array import DeployedArray
from cellnn.diffusion.deployment.fold import FoldedBlock
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.deployment.noised import Questions
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.deployment.spice import check_windows
from cellnn.diffusion.hardware_aware import make_imperfect
from cellnn.diffusion.networks.blocks.cells import blocks_of
from cellnn.diffusion.networks.ranges import measured_ranges

from ..second_order import damped
from ..small_networks import small_batch, small_network
from .cost.test_energy import SCALE, array, energy

R, C, L = 1e3, 1e-9, 2e-3
CELL = {"circuit": "second-order", "voltage_unit": "50mV", "L": "2mH", "output": {"kind": "rectifier", "leak": 0.01}}
MADE = Hardware(
    programming=CmoHfox(0.02),
    weights=Spread(0.01),
    parameters={"R": Spread(0.05), "C": Spread(0.05), "L": Spread(0.1)},
    into=Converter(8),
    thermal=ThermalNoise(300.0),
)


@pytest.fixture(scope="module")
def network():
    return small_network("second-order-cellnn", CELL, ())


def on(network, hardware, **how):
    return deployed(network, measured_ranges(network, [small_batch(16, 2)]), hardware, {}, Integration(**how))


@torch.no_grad()
def test_ideal_hardware_is_the_network_and_each_effect_is_seen(network):
    x, t, label = small_batch(3, 3)
    expected = network(x, t, label)
    found = on(network, Hardware(), precision="double")(x, t, label)
    assert (found - expected).abs().max() < 1e-6 * expected.abs().max()
    slower = on(network, Hardware(time_scale=8.0), precision="double")(x, t, label)
    assert (slower - expected).abs().max() < 1e-6 * expected.abs().max()
    for name, spread in MADE.parameters.items():
        other = on(network, Hardware(parameters={name: spread}))(x, t, label)
        assert 1e-4 < (other - expected).abs().max() / expected.abs().max() < 0.5


def test_a_trained_inductor_is_folded():
    block = blocks_of(small_network("second-order-cellnn", CELL, ("L",)))["middle"]
    torch.nn.init.constant_(block.dynamics.quantities.L, 0.3)
    expected = block.dynamics.quantities.now()["L"][0]
    assert FoldedBlock.of("middle", block).cell.L == expected != L
    torch.nn.init.uniform_(block.dynamics.quantities.L)
    with pytest.raises(InputError, match="one value for all channels"):
        FoldedBlock.of("middle", block)


@pytest.mark.parametrize("quality", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("step", [1e-8, 1e-6, 1e-4])
def test_a_steps_noise_is_that_of_the_linear_equation(quality, step):
    """S - exp(Mh) S exp(Mh)', S from Lyapunov's equation with the noise of R alone."""
    inductance = quality**2 * R**2 * C
    cell = SecondOrder(C, R, L=inductance)
    M = np.array([[0.0, 1 / (R * C)], [-R / inductance, -R / inductance]])
    into = np.array([0.0, np.sqrt(2 * BOLTZMANN * 300 * R) * R / inductance])
    S = solve_continuous_lyapunov(M, -np.outer(into, into))
    expected = S - expm(M * step) @ S @ expm(M * step).T
    found = [float(value) for value in swing_covariance(cell, 300.0, step)]
    wanted = [expected[0, 0], expected[0, 1], expected[1, 1]]
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-9 * np.abs(S).max())


def test_thermal_noise_of_a_run_has_its_covariance(network):
    folded = FoldedBlock.of("middle", blocks_of(network)["middle"])
    folded.A[:] = 0.0
    chip = DeployedArray(folded, 60, 60, Hardware(thermal=ThermalNoise(300.0)), {}, integration=Integration(steps=4))
    nothing = np.zeros((2, 8))
    _, (v, w) = chip.run(np.zeros((2, 8, 60, 60)), nothing, nothing)
    wanted = swing_covariance(SecondOrder(C, R, 0.05, L=L), 300.0, folded.stop)
    for found, expected, size in zip(
        ((v * v).mean(), (v * w).mean(), (w * w).mean()), wanted, (v * v, v * w, w * w), strict=True
    ):
        # four steps of RK4 take noise along within 1 %
        assert abs(found - expected) < 4.5 * size.std() / np.sqrt(v.size) + 0.01 * abs(expected)


def test_energies_of_a_cell_that_swings():
    """What D delivers is lost in R or stored in C and L, each by hand."""
    D, stop = 0.04, 5e-6
    found = energy(array(SecondOrder(C, R, 0.05, L=L), z=0.8, rows=2), stop, 2001)

    def i(t):
        return damped(t, D, R, C, L)[1]

    v_end, i_end = damped(stop, D, R, C, L)
    lost, given = 2 * R * quad(lambda t: i(t) ** 2, 0, stop)[0], 2 * D * quad(i, 0, stop)[0]
    assert found.resistors == pytest.approx(lost, rel=1e-5)
    assert found.capacitors == pytest.approx(C * v_end**2 + L * i_end**2, rel=1e-5)
    assert found.delivered == pytest.approx(given, rel=1e-5)
    assert found.drive == pytest.approx(2 * D**2 * SCALE * stop, rel=1e-5)
    assert found.charge == pytest.approx(2 * (quad(lambda t: abs(i(t)), 0, stop)[0] + D * SCALE * stop), rel=1e-3)
    assert found.balance < 1e-5


def test_every_layers_window_agrees_with_ngspice(network):
    x, t, label = small_batch(1, 7)
    checks = check_windows(network, on(network, MADE), Questions(x, t, label, x), size=2, elements=700)
    assert len(checks) == 5
    for one in checks:
        assert one.agrees and set(one.variables) == {"v", "y"}


def test_what_second_order_cells_do_not_have(network):
    ranges = measured_ranges(network, [small_batch(4, 2)])
    with pytest.raises(InputError, match="mismatch.C"):
        make_imperfect(network, Hardware(parameters={"C": Spread(0.05)}), ranges)
    with pytest.raises(InputError, match="second-order"):
        on(network, Hardware(op_amps=OpAmps()))
