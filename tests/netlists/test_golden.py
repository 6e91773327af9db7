"""The grid simulator against what ngspice found once: this needs no ngspice."""

from pathlib import Path

import numpy as np
import pytest

import cellnn
from cellnn.netlists.measure import Tolerance, rms_normalised

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.npz"))


@pytest.mark.parametrize("name", NAMES)
def test_golden_waveforms(name):
    circuit = cellnn.load(GOLDEN / f"{name}.yaml")
    layer = cellnn.simulate(circuit)["layer1"]
    with np.load(GOLDEN / f"{name}.npz", allow_pickle=False) as golden:
        assert set(golden.files) >= {"state", "output"}
        for variable, theirs in golden.items():
            unit = 1.0 if variable == "memristor" else circuit.arrays[0].cell.V1
            ours = layer[variable].values
            assert rms_normalised(ours, theirs, Tolerance(), unit).max() < 1, variable
            assert np.ptp(theirs, axis=0).max() > 0.1 * unit  # something happens


def test_the_golden_waveforms_are_there():
    assert NAMES == ["op-amp", "plain", "taox", "vteam"]
