"""From weights to conductances, layer by layer: what the chip is asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from quantiphy import Quantity
from torch import nn

from .array import DeployedArray
from .html import table
from .network import DeployedBlock


@dataclass(frozen=True)
class LayerMapping:
    """A layer as an array. SI units; each weight of each cell is a pair of devices."""

    inputs: int
    channels: int
    rows: int
    columns: int
    pairs: int
    largest_weight: float
    """After folding; it takes the whole range of conductances."""
    siemens: float
    """Of a unit of weight."""
    levels: int | None
    """Of a weight, its sign included; None: any value."""
    at_rest: float
    """The share of weights that their levels leave no difference for: both devices at the lowest conductance."""
    V1: float
    time_constant: float
    """R C, as designed, with the time scale."""
    stop: float
    input_range: float
    """V, of the converters."""
    output_range: float
    readout: tuple[float, float]
    """The least and the largest |gain| of the channels' readout."""


def mapped(chip: nn.Module) -> dict[str, LayerMapping]:
    """Of every layer of a deployed network, in its order."""
    return {name: _of(part.array) for name, part in chip.named_modules() if isinstance(part, DeployedBlock)}


def _of(array: DeployedArray) -> LayerMapping:
    folded, hardware = array.folded, array.hardware
    cell, quantiser = folded.cell, hardware.quantiser
    weights = np.abs(np.concatenate([folded.A.ravel(), folded.B.ravel()]))
    asked = weights * array.chip.scale
    step = 0.0 if quantiser is None else quantiser.step(hardware.pair.low, hardware.pair.high)
    gains = np.abs(folded.readout)
    return LayerMapping(
        inputs=folded.B.shape[1],
        channels=folded.channels,
        rows=array.rows,
        columns=array.columns,
        pairs=weights.size * array.rows * array.columns,
        largest_weight=float(weights.max()),
        siemens=array.chip.scale,
        levels=None if quantiser is None else 2 ** int(quantiser.bits) - 1,
        at_rest=float((asked < step / 2).mean()) if step else float((weights == 0.0).mean()),
        V1=cell.V1,
        time_constant=cell.R * cell.C * hardware.time_scale,
        stop=folded.stop * hardware.time_scale,
        input_range=array.ranges[0] * cell.V1,
        output_range=array.ranges[1] * cell.V1,
        readout=(float(gains.min()), float(gains.max())),
    )


def section(layers: dict[str, Any]) -> str:
    """HTML of it; `layers` are `LayerMapping`s as dicts, by name."""
    one = next(iter(layers.values()))
    V1, RC, stop = Quantity(one["V1"], "V"), Quantity(one["time_constant"], "s"), Quantity(one["stop"], "s")
    text = (
        "<h2>From weights to conductances</h2><p>Norms are part of weights, biases and readout; the largest weight of "
        "a layer takes the whole range of conductances, and each weight of each cell is a pair of devices. "
        f"V1 = {V1}, RC = {RC}, a run takes {stop}.</p>"
    )
    rows = [
        [
            name,
            f"{one['inputs']} to {one['channels']}, {one['rows']} x {one['columns']}",
            f"{one['pairs']:,}",
            f"{one['largest_weight']:.3g}",
            str(Quantity(one["siemens"], "S")),
            "any" if one["levels"] is None else str(one["levels"]),
            f"{one['at_rest']:.1%}",
            f"{Quantity(one['input_range'], 'V')}, {Quantity(one['output_range'], 'V')}",
            f"{one['readout'][0]:.2g} to {one['readout'][1]:.2g}",
        ]
        for name, one in layers.items()
    ]
    about = ("layer", "channels, cells", "pairs", "largest weight", "a weight of 1", "levels", "at rest")
    return text + table((*about, "ranges in, out", "gain of readout"), rows)
