"""Cells with a rectifying output follow SciPy on every engine, settle where linear algebra says, and may run away."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import cellnn
from cellnn.devices.errors import SimulationError
from tests import reference

PLAIN = {"circuit": "chua-yang"}
TAOX = {"circuit": "m-cellnn", "voltage_unit": 0.5, "memristor": {"model": "strachan-taox", "x0": 0.1, "area": 0.05}}


def rectified(s, leak):
    return np.where(s > 0, s, leak * s)


def case(channels, boundary, cell, leak, seed=0):
    """A spec, and SciPy's states at its saved times: (times, states x cells)."""
    rng = np.random.default_rng(seed)
    rows, columns = (4, 5) if channels == 1 else (2, 3)
    shape = channels, rows, columns
    A = rng.normal(size=(channels, channels, 3, 3)) * 0.5 / channels
    B, z = rng.normal(size=(channels, channels, 3, 3)), rng.normal(size=channels)
    u, v0 = rng.uniform(-1, 1, shape), rng.uniform(-1, 1, shape)
    spec = {
        "cellnn": 1,
        "grid": {
            "rows": rows,
            "columns": columns,
            "boundary": {"fixed": boundary[1]} if len(boundary) == 2 else boundary,
        },
        "cell": {**cell, "output": {"kind": "rectifier", "leak": leak}},
        "layers": [{"channels": channels, "template": {"A": A, "B": B, "z": z}}],
        "input": u,
        "initial": v0,
        "run": {"stop": "2us", "rtol": 1e-8, "atol": 1e-11, "save": 5},
    }
    feed = reference.correlate(B, reference.pad(u, B, boundary)) + z[:, None, None]
    feedback = reference.coupling(A, shape, boundary)
    V1, memristive = cell.get("voltage_unit", 1.0), "memristor" in cell

    def rates(t, packed):
        s = packed[: feed.size].reshape(shape)
        d = feedback(rectified(s, leak)) + feed
        if not memristive:
            return ((d - s) / 1e-6).ravel()
        x = np.clip(packed[feed.size :].reshape(shape), 0, 1)
        current, rate = reference.taox_current(V1 * s, x), reference.taox_rate(V1 * s, x)
        rate = np.where((x <= 0) & (rate < 0) | (x >= 1) & (rate > 0), 0.0, rate)
        return np.concatenate([((d - s) / 1e-6 - 0.05 * current / (1e-9 * V1)).ravel(), rate.ravel()])

    start = np.concatenate([v0.ravel(), np.full(v0.size * memristive, 0.1)])
    found = solve_ivp(rates, (0, 2e-6), start, "LSODA", np.linspace(0, 2e-6, 5), rtol=1e-10, atol=1e-13)
    assert found.success
    return spec, found.y.T * np.where(np.arange(start.size) < feed.size, V1, 1.0)


@pytest.mark.parametrize("cell", [PLAIN, TAOX], ids=["plain", "taox"])
@pytest.mark.parametrize("channels, boundary", [(1, "zero-flux"), (1, "periodic"), (7, ("fixed", -0.5))])
def test_follows_scipy(channels, boundary, cell):
    """One channel is the compiled engine's, seven the batched one's, whose memristors stay: LSODA takes minutes where
    many switch."""
    if channels == 7 and "memristor" in cell:
        cell = {**cell, "voltage_unit": 0.1}
    leak = 0.05 if channels == 1 else 0.0
    spec, truth = case(channels, boundary, cell, leak)
    for device in ("cpu", "torch"):
        layer = cellnn.simulate(cellnn.load(spec), device=device)["layer1"]
        cells = truth.shape[1] // (2 if "memristor" in cell else 1)
        state = layer["state"].values.reshape(5, -1)
        assert state.min() < -0.1 and state.max() > 0.1
        assert np.abs(state - truth[:, :cells]).max() < 1e-5 * np.ptp(truth[:, :cells])
        output = layer["output"].values.reshape(5, -1)
        assert np.abs(output - rectified(state, leak)).max() < 1e-15
        if "memristor" in cell:
            x = layer["memristor"].values.reshape(5, -1)
            assert np.abs(x - truth[:, cells:]).max() < 1e-5
            assert np.ptp(x) > 0.1 or channels == 7


def test_states_beyond_the_bound_of_saturating_cells_are_no_failure():
    """v = A max(v, 0) + z of one cell rests at z / (1 - A) = 100 z, where a saturating one stays within 1 + A + z."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": 1, "columns": 1, "boundary": {"fixed": 0}},
        "cell": {"circuit": "chua-yang", "output": {"kind": "rectifier"}},
        "layers": [{"template": {"A": 0.99, "z": 1.0}}],
        "run": {"stop": "2ms", "method": "rk4", "step": "1us", "save": 2},
    }
    assert cellnn.simulate(cellnn.load(spec))["layer1"]["state"].values[-1] == pytest.approx(100.0, rel=1e-8)


def test_feedback_above_one_runs_away():
    """v' = (A - 1) v + z without end: a failure that says so, whatever the method."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": 1, "columns": 1, "boundary": {"fixed": 0}},
        "cell": {"circuit": "chua-yang", "output": {"kind": "rectifier"}},
        "layers": [{"template": {"A": 3.0, "z": 1.0}}],
        "run": {"stop": "400us", "save": 2, "method": "heun"},
    }
    with pytest.raises(SimulationError, match="ran away"):
        cellnn.simulate(cellnn.load(spec))
