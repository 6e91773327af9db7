"""Results as the simulator writes them, made up: every panel's content is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

DIMS = ("time", "channel", "row", "column")


def layer(channels: int, rows: int, columns: int, saved: int, memristor: bool, unit: float, stop: float) -> xr.Dataset:
    time = np.linspace(0, stop, saved)
    goal = np.random.default_rng(channels).normal(0.3, 3.0, (channels, rows, columns))
    state = unit * goal * (1 - np.exp(-8 * time / stop))[:, None, None, None]
    data = xr.Dataset(
        {
            "state": (DIMS, state, {"units": "V", "long_name": "state"}),
            "output": (DIMS, np.clip(state, -unit, unit), {"units": "V", "long_name": "output"}),
            "input": (("input_channel", "row", "column"), unit * np.sign(goal[:1]), {"units": "V"}),
        },
        coords={"time": ("time", time, {"units": "s"})},
    )
    if memristor:
        x = 0.1 + 0.8 * (time / stop)[:, None, None, None] * (goal > 2.0)
        data["memristor"] = (DIMS, x, {"units": "1", "long_name": "memristor state"})
    return data


@pytest.fixture
def make() -> Callable[..., xr.DataTree]:
    """make(layers=, channels=, ...) -> a result."""

    def build(
        layers: int = 1,
        channels: int = 1,
        rows: int = 9,
        columns: int = 7,
        saved: int = 21,
        memristor: bool = True,
        unit: float = 1.0,
        stop: float = 10e-6,
    ) -> xr.DataTree:
        parts = {f"part{k}": layer(channels, rows, columns, saved, memristor, unit, stop) for k in range(layers)}
        result = xr.DataTree.from_dict(parts)
        result.attrs.update(title="a made-up result", spec="cellnn: 1", voltage_unit=unit)
        return result

    return build
