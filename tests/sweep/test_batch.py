"""Chips that share a run: against `cellnn.simulate`, one chip at a time, and closed forms of cells by themselves."""

import copy

import numpy as np
import pytest

import cellnn
from cellnn.devices.errors import SimulationError
from cellnn.sweep.batch import alike, run_all
from cellnn.sweep.measures import measured

from .conftest import BASE


def chips(base, count, **run):
    base = copy.deepcopy(base)
    base["run"] |= run
    seeds = [{"mismatch": k, "programming": k, "noise": k} for k in range(count)]
    return [cellnn.load(base | {"seed": seed}) for seed in seeds]


def test_a_chip_has_the_same_bits_whatever_runs_beside_it():
    circuits = chips(BASE, 4)
    assert alike(circuits[0], circuits[3])
    for circuit, ran in zip(circuits, run_all(circuits, "double"), strict=True):
        layer, alone = ran.layers[0], cellnn.simulate(circuit, threads=1)["edges"]
        assert np.array_equal(layer.outputs[0], alone["output"].values)
        assert np.array_equal(layer.states[0, 0], alone["state"].values)
        assert np.array_equal(ran.read[0], alone["output"].values[-1])


def test_circuits_that_differ_in_more_than_cells_do_not_share_a_run():
    one, other = chips(BASE, 2)
    assert not alike(one, chips(BASE, 1, stop="4us")[0])
    assert not alike(one, cellnn.load(BASE | {"cell": {"circuit": "chua-yang", "C": "2nF"}}))
    ideal = {key: value for key, value in BASE.items() if key != "hardware"}
    assert not alike(cellnn.load(ideal), cellnn.load(ideal))
    found = run_all([one, cellnn.load(ideal), other], "double")
    assert [len(ran.layers) for ran in found] == [1, 1, 1]


def test_a_chip_that_fails_takes_no_other_with_it(monkeypatch):
    from cellnn.sweep import batch

    circuits, run = chips(BASE, 3), batch._run

    def broken(given, precision):
        if any(circuit is circuits[1] for circuit in given):
            raise SimulationError("cell 3 ran away")
        return run(given, precision)

    monkeypatch.setattr(batch, "_run", broken)
    found = run_all(circuits, "double")
    assert str(found[1]) == "cell 3 ran away"
    assert np.array_equal(found[2].read, run(circuits[2:], "double")[0].read)


RC, V1, Z = 1e-6, 0.5, 0.8
ALONE = {
    "cellnn": 1,
    "grid": {"rows": 2, "columns": 3},
    "cell": {"circuit": "chua-yang", "voltage_unit": V1},
    "layers": [{"template": {"z": Z}}],
    "run": {"stop": 3 * RC, "rtol": 1e-8, "atol": 1e-10, "save": 401},
}


def test_measures_of_cells_by_themselves_are_those_of_an_rc_circuit():
    """v = z V1 (1 - exp(-t / RC)); the heat is the integral of v^2 / R of six of them."""
    (ran,) = run_all([cellnn.load(ALONE)], "double")
    (ideal,) = run_all([cellnn.load(ALONE | {"layers": [{"template": {"z": Z - 0.1}}]})], "double")
    names = ["output_mean", "output_std", "state_max", "energy", "error_rms", "error_max", "agreement"]
    mean, std, largest, energy, rms, most, same = measured(names, ran, ideal)
    end = 1 - np.exp(-3)
    assert mean == pytest.approx(Z * end, rel=1e-6) and std < 1e-12 and largest == pytest.approx(Z * V1 * end, rel=1e-6)
    t = 3.0
    integral = t - 2 * (1 - np.exp(-t)) + (1 - np.exp(-2 * t)) / 2
    assert energy == pytest.approx(6 * (Z * V1) ** 2 / 1e3 * RC * integral, rel=1e-4)
    assert rms == pytest.approx(0.1 * end, rel=1e-5) == most and same == 1.0


def test_settling_time_is_that_of_an_rc_circuit_and_heat_ends_there():
    """|dv/dt| is below settle V1/RC from RC ln(z / settle) on; a step of the run may come a little later."""
    spec = copy.deepcopy(ALONE)
    spec["run"] |= {"stop": 20 * RC, "settle": 0.01}
    (ran,) = run_all([cellnn.load(spec)], "double")
    time, share = measured(["settling_time", "settled"], ran, None)
    assert share == 1.0 and RC * np.log(Z / 0.01) <= time < RC * np.log(Z / 0.01) + RC
    assert ran.layers[0].times[-1] == time, "as cellnn simulate, it ends at rest"
    t = time / RC
    integral = t - 2 * (1 - np.exp(-t)) + (1 - np.exp(-2 * t)) / 2
    assert measured(["energy"], ran, None)[0] == pytest.approx(6 * (Z * V1) ** 2 / 1e3 * RC * integral, rel=2e-4)
    spec["run"]["stop"] = 2 * RC
    (ran,) = run_all([cellnn.load(spec)], "double")
    time, share = measured(["settling_time", "settled"], ran, None)
    assert np.isnan(time) and share == 0.0


def test_a_chip_that_rests_has_the_same_heat_whatever_runs_beside_it():
    """Chips come to rest at times of their own; what is held for the others is none of theirs."""
    circuits = chips(BASE, 3, stop="40us", settle=0.01, save=201)
    ran = run_all(circuits, "double")
    ends = [one.layers[0].times[-1] for one in ran]
    assert len(set(ends)) == 3 and max(ends) < 40e-6
    for circuit, one in zip(circuits, ran, strict=True):
        (alone,) = run_all([circuit], "double")
        assert measured(["energy"], one, None) == measured(["energy"], alone, None)
        simulated = cellnn.simulate(circuit, threads=1)["edges"]
        assert np.array_equal(simulated["time"], one.layers[0].times)
        assert np.array_equal(simulated["state"], one.layers[0].states[0, 0])
