"""A chip has the moments of its hardware, and what is not on changes no bit."""

import numpy as np
import pytest

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import MCellNN
from cellnn.circuits.hardware import Chip, Hardware
from cellnn.circuits.template import Template
from cellnn.devices.variability.faults import StuckAt
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.programming import CmoHfox, ConstantError
from cellnn.devices.variability.quantiser import Quantiser
from cellnn.devices.variability.read_noise import ReadNoise
from cellnn.devices.variability.relaxation import Relaxation
from cellnn.devices.variability.spread import Spread

ROWS, COLUMNS = 20, 30
CELLS = ROWS * COLUMNS


def array(channels=2, name="layer"):
    numbers = np.random.default_rng(0)
    A, B = numbers.normal(size=(2, channels, channels, 3, 3))
    template = Template.of(A=A, B=B, z=np.linspace(-0.5, 0.5, channels), channels=channels)
    return CellArray(name, MCellNN(V1=0.1), template, Boundary("zero-flux", 0.0), ROWS, COLUMNS, 0.0, 0.1)


def weights(chip, run=0):
    own = chip.at(run).own
    return own.A, own.B, own.z


def close(values, mean, spread):
    n = values.size
    assert abs(values.mean() - mean) < 4.5 * spread / np.sqrt(n)
    assert abs(values.std(ddof=1) - spread) < 4.5 * spread / np.sqrt(2 * n)


def test_what_is_off_changes_nothing():
    design = array()
    off = Hardware(
        programming=ConstantError(), faults=StuckAt(), drift=Relaxation(0.0), read=ReadNoise(scale=0.0),
        parameters={"R": Spread(), "memristor_Gm": Spread()},
    )  # fmt: skip
    for hardware in (Hardware(), off):
        assert Chip(design, hardware, {}).at(3) is design


def test_programming_error_of_a_weight():
    """A weight is a difference of two conductances: its variance the sum of both, by the paper's formula."""
    pair = ConductancePair(8e-6, 90e-6)
    chip = Chip(array(), Hardware(pair=pair, programming=CmoHfox(0.02)), {})
    A, _, z = weights(chip)
    scale = chip.scale / 1e-6
    for w, made in ((chip.array.template.A[0, 1, 1, 1], A[0, 0, 1, 1, 1]), (chip.array.template.z[1], z[0, 1])):
        on, rest = 8 + abs(w) * scale, 8.0
        spread = np.hypot(0.01129027 * on + 0.01121854, 0.01129027 * rest + 0.01121854) / scale
        close(made, w, spread)


def test_mismatch_of_synapses_nodes_and_parameters():
    hardware = Hardware(
        weights=Spread(0.01), gain=Spread(0.02), offset=Spread(0.05), parameters={"C": Spread(0.05)}, x0=Spread(0.1)
    )
    chip = Chip(array(), hardware, {})
    A, B, z = weights(chip)
    template = chip.array.template
    close(A[0, 1, 0, 0, 2] / template.A[1, 0, 0, 2], 1.0, np.hypot(0.01, 0.02))
    gains = (A[0, 1] / template.A[1][..., None, None]).mean(axis=(0, 1, 2))
    into = (B[0, 1] / template.B[1][..., None, None]).mean(axis=(0, 1, 2))
    # A and B of a cell share its node: what is left of the synapses' own scatter, of 18 each, is small
    assert np.corrcoef(gains.ravel(), into.ravel())[0, 1] > 0.95
    close(z[0, 1] - template.z[1] * gains, 0.0, 0.05)
    made = chip.at()
    close(made.own.parameters["C"][0, 0] / 1e-9, 1.0, 0.05)
    close(made.x0[1] / 0.1, 1.0, 0.1)


def test_each_seed_moves_its_own():
    hardware = Hardware(
        quantiser=Quantiser(6), programming=ConstantError(relative=0.02), read=ReadNoise(), weights=Spread(0.01)
    )
    seeds = {"mismatch": 0, "programming": 0, "noise": 0}

    def factors(seeds, run=0, number=0, without=()):
        left = {name: None if name != "weights" else Spread() for name in without}
        given = {**vars(hardware), **left}
        return Chip(array(), Hardware(**given), seeds, number).at(run).own.A

    base = factors(seeds)
    assert np.array_equal(base, factors(seeds))
    for changed in ({**seeds, "mismatch": 1}, {**seeds, "programming": 1}, {**seeds, "noise": 1}):
        assert not np.array_equal(base, factors(changed))
    assert not np.array_equal(base, factors(seeds, run=1)) and not np.array_equal(base, factors(seeds, number=1))
    # read noise leaves the programmed weights where they were: same mean over runs
    without = factors(seeds, without=("read",))
    mean = np.mean([factors(seeds, run=k) for k in range(60)], axis=0)
    once = (base - without).std()
    assert (mean - without).std() == pytest.approx(once / np.sqrt(60), rel=0.2)
    # mismatch is the same factor whatever else is drawn
    ratio = base / factors(seeds, without=("weights",))
    again = factors({**seeds, "noise": 7}) / factors({**seeds, "noise": 7}, without=("weights",))
    assert np.abs(ratio - again).max() < 1e-12


def test_weights_of_six_bits():
    chip = Chip(array(), Hardware(quantiser=Quantiser(6)), {})
    A, B, z = weights(chip)
    largest = max(np.abs(values).max() for values in (chip.array.template.A, chip.array.template.B))
    for values in (A, B, z):
        codes = values / largest * 31
        assert np.abs(codes - codes.round()).max() < 1e-9
    assert np.ptp(A, axis=(-1, -2)).max() == 0.0
