"""Results as xarray trees, and their NetCDF files."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr

from ..circuits.array import CellArray
from ..circuits.circuit import Circuit
from ..circuits.hardware.own_cell import own_cell
from ..devices.errors import InputError
from ..devices.files import replacing
from .extremes import extremes
from .problem import Array
from .trajectory import Statistics, Trajectories
from .tree import Group, tree_of

DIMS = ("time", "channel", "row", "column")


@dataclass(frozen=True)
class LayerRun:
    """What one layer's run left: input [V] (samples, channels, rows, columns), trajectories, and whether a batch was
    asked for: else the one sample's axis is left out."""

    array: CellArray
    input: Array
    found: Trajectories
    batch: bool
    read: Array | None = None
    """What a converter at the output made of the last output [V], (samples, channels, rows, columns)."""

    @property
    def settled(self) -> bool:
        """Whether every cell has settled."""
        return self.found.settling is not None and not np.isnan(self.found.settling).any()

    def warnings(self) -> list[str]:
        """What makes the result less than it seems: a memristor driven beyond the voltages it was fitted at."""
        memristor = getattr(self.array.cell, "memristor", None)
        if memristor is None:
            return []
        low, high = memristor.voltage_range
        if low <= -self.found.largest and self.found.largest <= high:
            return []
        least, most = extremes(self.found.states[0].reshape(-1))
        if low <= least and most <= high:
            return []
        return [
            f"layer {self.array.name}: the memristors saw {least:.3g} V to {most:.3g} V; "
            f"{memristor.name} was fitted from {low:g} V to {high:g} V"
        ]


def result_tree(circuit: Circuit, runs: list[LayerRun]) -> xr.DataTree:
    """A group per layer in order; every group and the root carry the provenance."""
    common = provenance(circuit)
    warnings = [run.warnings() for run in runs]
    numbers = [_numbers(run.found.statistics) for run in runs]
    groups = {}
    for run, found, warned in zip(runs, numbers, warnings, strict=True):
        status = "settled" if run.settled else "completed"
        groups[run.array.name] = _group(run, {**common, **_ending(found, status, warned)})
    totals = {run.array.name: found for run, found in zip(runs, numbers, strict=True)}
    status = "settled" if all(run.settled for run in runs) else "completed"
    return tree_of(groups, {**common, **_ending(totals, status, [text for warned in warnings for text in warned])})


def _ending(statistics: dict[str, Any], status: str, warnings: list[str]) -> dict[str, str]:
    """The attributes that tell how a run went."""
    told = json.dumps(statistics, allow_nan=False)
    return {"solver_statistics": told, "status": status, "warnings": "\n".join(warnings)}


def _numbers(statistics: Statistics) -> dict[str, Any]:
    numbers = dict(vars(statistics))
    if not statistics.steps:  # JSON has no infinity
        numbers["shortest_step"] = 0.0
    return numbers


def provenance(circuit: Circuit) -> dict[str, Any]:
    """Spec, its hash, seeds and versions. No date and no duration: the same run gives the same bits."""
    return {
        "title": circuit.name,
        "spec": circuit.text,
        "spec_hash": circuit.hash,
        "seeds": json.dumps(circuit.seeds),
        "versions": _versions(),
        "voltage_unit": circuit.arrays[0].cell.V1,
    }


@cache
def _versions() -> str:
    """What made the result, as JSON."""
    packages = ("cellnn", "numpy", "numba", "scipy", "xarray")
    return json.dumps({"python": platform.python_version()} | {name: version(name) for name in packages})


def _group(run: LayerRun, attributes: dict[str, Any]) -> Group:
    found = run.found
    leading = ("sample",) if run.batch else ()

    def series(values: Any, dims: tuple[str, ...], name: str, unit: str) -> xr.Variable:
        told = {"long_name": name, "units": unit}
        return xr.Variable((*leading, *dims), values if run.batch else values[0], told, fastpath=True)

    variables = {
        "state": series(found.states[0], DIMS, "state voltage", "V"),
        "output": series(found.outputs, DIMS, "output voltage", "V"),
        "input": series(run.input, ("input_channel", "row", "column"), "input voltage", "V"),
    }
    if "x" in run.array.cell.states:
        variables["memristor"] = series(found.states[1], DIMS, "memristor state", "1")
    for name, (what, unit, values) in own_cell(run.array, in_time=True).measured(*found.states).items():
        variables[name] = series(np.asarray(values, found.states.dtype), DIMS, what, unit)
    if run.read is not None:
        variables["read"] = series(run.read, DIMS[1:], "output as the converter reads it", "V")
    if found.settling is not None:
        variables["settling_time"] = series(found.settling, DIMS[1:], "time of settling", "s")
    variables["time"] = xr.Variable("time", found.times, {"long_name": "time", "units": "s"}, fastpath=True)
    return Group(variables, "time", attributes)


def save(result: xr.DataTree, path: str | os.PathLike[str]) -> None:
    """Write a result as NetCDF: under a temporary name, then renamed. Raises InputError when it cannot."""
    with replacing(path) as temporary:
        result.to_netcdf(temporary, engine="h5netcdf")


def open_result(path: str | os.PathLike[str]) -> xr.DataTree:
    """Read a result file. Raises InputError when it is none."""
    try:
        return xr.load_datatree(path, engine="h5netcdf")
    except (OSError, ValueError) as error:
        raise InputError("", str(path), "a NetCDF file that cellnn wrote", str(error)) from None
