"""A layer as the circuit it is: a `CellArray`, a `Circuit` to simulate, or a spec that `cellnn.load` reads."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...circuits.array import CellArray
from ...circuits.cells import SecondOrder
from ...circuits.circuit import Circuit
from ...circuits.own_values import OwnValues
from ...circuits.spec.models import FIXED_STEP, RunSpec
from ...circuits.template import Template
from ...devices.errors import InputError
from ...devices.parameter import flat_parameters
from .cellnn import CellNN, MCellNN
from .dynamics import ArrayDynamics
from .integration import Adaptive
from .second_order import SecondOrderCellNN
from .weights_file import write_weights

Layer = CellNN | MCellNN | SecondOrderCellNN
Array = NDArray[np.float64]
ADAPTIVE_METHODS = {"dopri5": "dopri5", "bosh3": "bs3"}


@torch.no_grad()
def array_of(
    layer: Layer | ArrayDynamics,
    rows: int,
    columns: int,
    *,
    feed: Tensor | None = None,
    start: Tensor | float = 0.0,
    bias: Tensor | None = None,
    gain: Tensor | None = None,
    name: str = "layer",
) -> CellArray:
    """The array of cells a layer is, with its weights and quantities as they are now.

    bias and gain (channels,) are those of one diffusion step, start (channels, rows, columns) or a number is v(0)/V1.
    An `ArrayDynamics` has no B: its `feed` (n, channels, rows, columns) becomes a bias of each cell, an array for each
    sample. C, L and area that were trained to differ between channels become the cells' own values.
    """
    dynamics = layer if isinstance(layer, ArrayDynamics) else layer.dynamics
    channels, given = dynamics.channels, dynamics.quantities.now()
    same: dict[str, Any] = {key: values[0] for key, values in given.items() if key != "x0" and len(set(values)) == 1}
    cell = replace(dynamics.cell, **same)
    planes = (1, channels, rows, columns)
    own = {
        key: np.broadcast_to(np.reshape(values, (1, -1, 1, 1)), planes)
        for key, values in given.items()
        if key != "x0" and key not in same
    }
    if feed is not None and tuple(feed.shape[1:]) != planes[1:]:
        raise InputError("feed", tuple(feed.shape), f"a feed of shape (n, {channels}, {rows}, {columns})")
    x0 = None
    if dynamics.quantities.memristive:
        x0 = np.broadcast_to(np.reshape(dynamics.quantities.starts(), (-1, 1, 1)), planes[1:])
    values = OwnValues(z=None if feed is None else _array(feed), parameters=own)
    weights = template_of(layer, bias, gain)
    return CellArray(
        name,
        cell,
        Template.of(weights["A"], weights["B"], weights["z"], channels=channels),
        dynamics.boundary,
        rows,
        columns,
        _array(start) if isinstance(start, Tensor) else float(start),
        x0,
        values if own or feed is not None else None,
    )


@torch.no_grad()
def template_of(
    layer: Layer | ArrayDynamics, bias: Tensor | None = None, gain: Tensor | None = None
) -> dict[str, Array]:
    """A [out][in][rows][columns], B and z of a layer at one diffusion step, float64."""
    dynamics = layer if isinstance(layer, ArrayDynamics) else layer.dynamics
    A = _dense(_array(dynamics.A), dynamics.groups)
    if isinstance(layer, ArrayDynamics):
        if bias is not None or gain is not None:
            raise InputError("bias", "a bias or gain", "none: an ArrayDynamics has them in its feed")
        return {"A": A, "B": np.zeros((len(A), len(A), 1, 1)), "z": np.zeros(len(A))}
    B, z = _array(layer.B), _array(layer.z)
    if gain is not None:
        B = B * _of_channels("gain", gain, len(A))[:, None, None, None]
    return {"A": A, "B": B, "z": z if bias is None else z + _of_channels("bias", bias, len(A))}


def run_of(layer: Layer | ArrayDynamics, save: int = 2) -> dict[str, Any]:
    """The `run` section with the layer's stop, method and step. Raises InputError where no engine has its method."""
    dynamics = layer if isinstance(layer, ArrayDynamics) else layer.dynamics
    how = dynamics.integration
    run: dict[str, Any] = {"stop": dynamics.stop, "save": save}
    if isinstance(how, Adaptive):
        return run | {"method": ADAPTIVE_METHODS.get(how.method, "adaptive"), "rtol": how.rtol, "atol": how.atol}
    if how.method not in FIXED_STEP:
        raise InputError("method", how.method, f"one of {', '.join(FIXED_STEP)}: others choose their steps in a run")
    return run | {"method": how.method, "step": dynamics.stop / how.steps}


@torch.no_grad()
def circuit_of(
    layer: Layer,
    u: Tensor,
    *,
    start: Tensor | float | None = None,
    bias: Tensor | None = None,
    gain: Tensor | None = None,
    save: int = 2,
    name: str = "layer",
) -> Circuit:
    """What `cellnn.simulate` takes: the layer's array, with the input u (in_channels, rows, columns), or a batch of
    them where the layer's start does not depend on u. start as in the layer's `forward`."""
    batch = u.dim() == 4
    first = layer.start(u if batch else u[None], start)
    if isinstance(first, Tensor) and first.dim() == 4:
        if len(first) != 1:
            raise InputError("u", tuple(u.shape), "one sample (in_channels, rows, columns)", "each has its own start")
        first = first[0]
    rows, columns = u.shape[-2:]
    array = array_of(layer, rows, columns, start=first, bias=bias, gain=gain, name=name)
    return Circuit(name, (array,), _array(u), RunSpec.model_validate(run_of(layer, save)), {"mismatch": 0, "noise": 1})


@torch.no_grad()
def spec_of(
    layer: Layer,
    rows: int,
    columns: int,
    *,
    input: Any = 0.0,
    start: Tensor | float = 0.0,
    bias: Tensor | None = None,
    gain: Tensor | None = None,
    file: str | os.PathLike[str] | None = None,
    prefix: str = "",
    save: int = 2,
    name: str = "layer",
) -> dict[str, Any]:
    """The spec of a layer, as plain data. The weights stand in it, or go into a safetensors `file` under `prefix`
    (what else is in the file stays).

    Raises InputError for what a spec cannot say: C, L or area that differ between channels (`array_of` can).
    """
    array = array_of(layer, rows, columns, start=start, bias=bias, gain=gain, name=name)
    if array.own is not None:
        names = ", ".join(array.own.parameters)
        raise InputError("layer", names, "one value for all channels: a spec has one", "use array_of or circuit_of")
    template: dict[str, Any] = {key: values.tolist() for key, values in template_of(layer, bias, gain).items()}
    if file is not None:
        write_weights(Path(file), template_of(layer, bias, gain), prefix)
        template = {"file": os.fspath(file), **({"prefix": prefix} if prefix else {})}
    return {
        "cellnn": 1,
        "name": name,
        "grid": {"rows": rows, "columns": columns, "boundary": array.boundary.as_spec()},
        "cell": _cell_section(array),
        "layers": [{"name": name, "channels": array.channels, "template": template}],
        "input": input.tolist() if isinstance(input, Tensor | np.ndarray) else input,
        "initial": array.initial if isinstance(array.initial, float) else np.asarray(array.initial).tolist(),
        "run": run_of(layer, save),
    }


def _cell_section(array: CellArray) -> dict[str, Any]:
    cell = array.cell
    section: dict[str, Any] = {
        "circuit": cell.name,
        "C": cell.C,
        "R": cell.R,
        **({"L": cell.L} if isinstance(cell, SecondOrder) else {}),
        "voltage_unit": cell.V1,
        "output": {"kind": cell.stage.name, **flat_parameters(cell.stage)},
    }
    memristor = getattr(cell, "memristor", None)
    if memristor is not None:
        assert isinstance(array.x0, np.ndarray)
        one = np.ptp(array.x0) == 0.0
        section["memristor"] = {
            "model": memristor.name,
            "x0": float(array.x0.flat[0]) if one else array.x0.tolist(),
            "area": cell.area,  # type: ignore[attr-defined]
            "parameters": flat_parameters(memristor),
        }
        equations = getattr(memristor, "equations_text", None)
        if equations is not None:
            section["memristor"] |= {"current": equations[0], "rate": equations[1]}
    return section


def _dense(weights: Array, groups: int) -> Array:
    """The weights of all pairs of channels, 0 between groups."""
    if groups == 1:
        return weights
    channels, per_group = weights.shape[:2]
    full = np.zeros((channels, channels, *weights.shape[2:]))
    for out in range(channels):
        first = out // (channels // groups) * per_group
        full[out, first : first + per_group] = weights[out]
    return full


def _of_channels(name: str, values: Tensor, channels: int) -> Array:
    found = _array(values).reshape(-1)
    if found.shape != (channels,):
        raise InputError(name, tuple(values.shape), f"one value for each of {channels} channel(s), of one sample")
    return found


def _array(values: Tensor) -> Array:
    return np.asarray(values.detach().cpu().numpy(), np.float64)
