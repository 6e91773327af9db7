"""Windows of deployed layers in ngspice: they agree with the grid simulator, and a planted fault is found."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from cellnn.circuits.hardware import Hardware
from cellnn.circuits.noise import ThermalNoise
from cellnn.circuits.own_values import OwnValues
from cellnn.devices.errors import InputError
from cellnn.devices.variability.converter import Converter
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.programming import CmoHfox
from cellnn.devices.variability.quantiser import Quantiser
from cellnn.devices.variability.read_noise import ReadNoise
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.network import DeployedBlock, deployed
from cellnn.diffusion.deployment.noised import Questions
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.deployment.spice import check_windows, section
from cellnn.diffusion.deployment.spice.against import against_ngspice
from cellnn.diffusion.deployment.spice.choose import middle, weights_of_a_cell
from cellnn.diffusion.deployment.spice.layer import layer_run
from cellnn.diffusion.deployment.spice.met import met_by
from cellnn.diffusion.networks.ranges import measured_ranges
from cellnn.netlists import templates
from cellnn.netlists.window import Window
from cellnn.simulator.problem import Problem

from ...small_networks import small_batch, small_network

MADE = Hardware(
    pair=ConductancePair(8e-6, 90e-6),
    quantiser=Quantiser(6),
    programming=CmoHfox(0.02),
    read=ReadNoise(),
    weights=Spread(0.01),
    gain=Spread(0.02),
    offset=Spread(0.02),
    parameters={"R": Spread(0.05), "C": Spread(0.05), "area": Spread(0.05)},
    x0=Spread(0.1),
    into=Converter(8),
    out=Converter(8),
    thermal=ThermalNoise(300.0),
    jitter=0.01,
)


@pytest.fixture(scope="module")
def network():
    return small_network()


def question(n=1):
    x, t, label = small_batch(n, 7)
    return Questions(x, t, label, x)


def on(network, hardware, **how):
    return deployed(network, measured_ranges(network, [small_batch(16, 2)]), hardware, {}, Integration(**how))


def arrays_of(made):
    return {name: part.array for name, part in made.named_modules() if isinstance(part, DeployedBlock)}


@pytest.fixture(scope="module")
def layer(network):
    """A layer on the chip, without anything in the way of judging single weights."""
    array = arrays_of(on(network, MADE, precision="double"))["middle"]
    return layer_run("middle", array, met_by(network, question())["middle"])


def test_every_layer_agrees(network):
    made = on(network, MADE)
    checks = check_windows(network, made, question(3), size=2, elements=1000)
    assert [one.layer for one in checks] == list(arrays_of(made))
    for one in checks:
        assert one.agrees and one.measure < 0.5 and set(one.variables) == {"v", "y", "x"}
        assert one.nodes > 50 and one.seconds > 0.0
        assert 1e-9 < one.steps < 0.03  # two steps of RK4 in single precision
    text = section({"windows": [asdict(one) for one in checks]})
    assert f"{len(checks)} of {len(checks)} agree" in text and text.count("<tr>") == len(checks) + 1
    assert section({"windows": []}) == ""


def test_ideal_hardware_agrees_too(network):
    (one,) = check_windows(network, on(network, Hardware()), question(), layers=["up.0"], size=2, elements=600)
    assert one.agrees


def test_the_deployments_own_steps_come_closer_when_there_are_more(network):
    few, many = (
        check_windows(
            network, on(network, MADE, steps=steps, precision="double"), question(), layers=["middle"], size=2
        )
        for steps in (1, 16)
    )
    assert many[0].steps < 0.1 * few[0].steps and many[0].steps < 1e-4


def test_the_circuit_is_driven_as_the_deployment_drives_its_cells(network):
    """Weights of B and inputs, which the deck has, against the sum that the deployment makes of them."""
    from cellnn.diffusion.deployment.spice.layer import still

    for name, met in met_by(network, question()).items():
        array = arrays_of(on(network, MADE))[name]
        array.trim += 0.3  # as a calibration leaves it
        circuit = layer_run(name, array, met, points=3).circuit
        (made,) = circuit.arrays
        summed = Problem(made, circuit.input[np.newaxis]).feed / made.cell.V1
        expected = still(array).driven(*met.batch()).own.z  # in single precision
        assert np.abs(summed - expected).max() < 1e-6 * np.abs(expected).max()
        array.integration = Integration(precision="double")  # the same chip, summed up more accurately
        expected = still(array).driven(*met.batch()).own.z
        assert np.abs(summed - expected).max() < 1e-13 * np.abs(expected).max()
        assert np.array_equal(made.start(circuit.input), array.chip.at(0).start(circuit.input))


def faulty(layer, what, at):
    """The layer's run, with the circuit of a chip on which one number is 10 % of its largest off."""
    array = layer.array
    values = {"A": array.own.A, "B": array.own.B, "z": array.own.z, **array.own.parameters}
    changed = np.array(values[what])
    changed[(0, *at)] += 0.1 * np.abs(changed).max()
    weights = {name: changed if name == what else getattr(array.own, name) for name in "ABz"}
    parameters = {name: changed if name == what else given for name, given in array.own.parameters.items()}
    made = replace(array, own=OwnValues(**weights, parameters=parameters))
    return replace(layer, circuit=replace(layer.circuit, arrays=(made,)))


def test_without_a_fault_the_same_window_agrees(layer):
    assert against_ngspice(layer, middle(layer, 2, 600)).measure < 0.5


@pytest.mark.parametrize("what", ["A", "B", "z", "R", "C", "area"])
def test_one_wrong_number_of_one_cell_is_found(layer, what):
    window = middle(layer, 2, 600)
    row, column = window.rows[0], window.columns[0]
    states = layer.states[0][-1]
    channel = max(window.channels, key=lambda k: abs(states[k, row, column]))
    # a weight that has something to multiply: the largest neighbour's, or the largest input's
    read = layer.outputs[-1] if what == "A" else layer.planes
    source = int(np.abs(read[:, row, column]).argmax())
    at = (channel, source, 1, 1, row, column) if what in "AB" else (channel, row, column)
    found = against_ngspice(faulty(layer, what, at), window)
    assert found.measure > 1.0
    worst = np.argwhere(found.measures["v"] == found.measures["v"].max())[0]
    assert worst.tolist() == [window.channels.index(channel), 0, 0]


def test_channels_with_very_many_weights_have_several_subcircuits(layer, monkeypatch):
    monkeypatch.setattr(templates, "MOST", 25)
    window = Window((0, 2), (2, 4), (1, 4))  # at a corner of the array
    assert against_ngspice(layer, window).measure < 0.5


def test_windows_stay_within_what_ngspice_takes(layer):
    weights = weights_of_a_cell(layer.array)
    assert len(weights) == layer.array.channels and max(weights) == 9 * sum(layer.array.template.B.shape[:1] * 2)
    few = middle(layer, 2, 4 * 2 * max(weights))
    assert len(few.channels) == 2 and few.rows == few.columns == (1, 3)
    moved = np.ptp(layer.states[0][:, :, 1:3, 1:3], axis=0).sum(axis=(1, 2))
    assert set(few.channels) == set(np.argsort(-moved)[:2].tolist())
    least = middle(layer, 3, 1)
    assert len(least.channels) == 1 and least.rows[1] - least.rows[0] == 1
    assert middle(layer, 99, 10**9) == Window((0, 4), (0, 4), tuple(range(layer.array.channels)))


def test_layers_that_are_not_there(network):
    with pytest.raises(InputError, match="one of down.0, down.1, middle, up.0, up.1.*did you mean middle"):
        check_windows(network, on(network, Hardware()), question(), layers=["midle"])
