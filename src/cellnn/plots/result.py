"""A result as the pictures read it: the layers in order, plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError, did_you_mean
from .style import Unit, largest_magnitude, unit_for

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

DIMS = ("time", "channel", "row", "column")


@dataclass(frozen=True)
class Layer:
    """One layer's trajectories: time [s]; (time, channel, row, column) states and outputs [V], memristor
    states [1]; (channel, row, column) input [V]. `voltage_unit` [V] is the circuit's V1."""

    name: str
    time: NDArray[Any]
    state: NDArray[Any]
    output: NDArray[Any]
    memristor: NDArray[Any] | None
    input: NDArray[Any] | None
    voltage_unit: float

    @property
    def channels(self) -> int:
        """How many channels the layer has."""
        return int(self.state.shape[1])

    @property
    def rows(self) -> int:
        """How many rows the array has."""
        return int(self.state.shape[2])

    @property
    def columns(self) -> int:
        """How many columns the array has."""
        return int(self.state.shape[3])

    @property
    def time_unit(self) -> Unit:
        """Seconds with the prefix that suits the layer's time range."""
        return unit_for(largest_magnitude([self.time]), "s")


def layers_of(result: DataTree, layer: str | None = None) -> list[Layer]:
    """The layers of a result in order of computation (of several samples the first), or the one named.

    Raises InputError when there is no layer, none of that name, or a layer lacks what a picture needs.
    """
    names = list(result.children)
    if not names:
        raise InputError("result", list(result.data_vars), "one group per layer, with `state` and `output`")
    if layer is not None and layer not in names:
        raise InputError("layer", layer, "the name of a layer of the result", did_you_mean(layer, names))
    voltage_unit = float(result.attrs.get("voltage_unit", 1.0))
    wanted = names if layer is None else [layer]
    return [_layer(name, result.children[name].to_dataset(), voltage_unit) for name in wanted]


def voltage_unit_of(layers: list[Layer]) -> Unit:
    """Volts with one prefix for all the layers: numbers of different panels can be compared."""
    return unit_for(largest_magnitude(values for layer in layers for values in (layer.state, layer.output)), "V")


def title_of(result: DataTree) -> str:
    """The title of the circuit; empty when it has none."""
    return str(result.attrs.get("title") or result.attrs.get("name") or "")


def _layer(name: str, data: Dataset, voltage_unit: float) -> Layer:
    if "sample" in data.dims:
        data = data.isel(sample=0)
    for needed in ("state", "output"):
        if needed not in data or set(data[needed].dims) != set(DIMS):
            found = {key: tuple(map(str, value.dims)) for key, value in data.data_vars.items()}
            raise InputError(f"{name}.{needed}", found, f"a variable with dims {', '.join(DIMS)}")
    return Layer(
        name=name,
        time=np.asarray(data["time"], float),
        state=data["state"].transpose(*DIMS).to_numpy(),
        output=data["output"].transpose(*DIMS).to_numpy(),
        memristor=data["memristor"].transpose(*DIMS).to_numpy() if "memristor" in data else None,
        input=data["input"].transpose("input_channel", "row", "column").to_numpy() if "input" in data else None,
        voltage_unit=voltage_unit,
    )
