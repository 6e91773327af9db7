"""What simulated chips have in place of the designed layers: maps of factors, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ....circuits.array import CellArray
from ....circuits.boundary import Boundary
from ....circuits.cells import ChuaYang
from ....circuits.hardware import Chip, Hardware
from ....circuits.template import Template
from ..sources.network import ArrayLayer, Classifier

MAPS = ("A", "B", "node", "offset", "R", "C")
PROGRAMMED = ("A", "B")
"""What is made of conductances; biases and gains come from converters, as on a deployed network's chip."""


@dataclass(frozen=True, eq=False)
class MadeLayer:
    """Of a layer of each of n chips, (n, channels, rows, columns) each: factors on A and B, with that of the summing
    node in them, the node's own, which multiplies z, its offset in units of V1, and R [Ohm] and C [F]."""

    maps: dict[str, Tensor]

    def rows(self, index: Tensor) -> MadeLayer:
        """Those of some chips, one for each index."""
        return MadeLayer({name: value[index] for name, value in self.maps.items()})


def made_chips(
    network: Classifier, picture: tuple[int, int, int], hardware: Hardware, seed: int, first: int, n: int
) -> list[MadeLayer]:
    """The layers of chips `first` to `first + n - 1` of a seed; every channel is an array of its own.

    Chip k is the same whatever else is drawn, and its maps are those that `circuits.hardware.Chip` makes of an array of
    this size named `layers.L.K`, L the layer and K the channel.
    """
    _, rows, columns = picture
    found = []
    for number, layer in enumerate(network.arrays):
        planes = [
            [
                _plane(layer, f"layers.{number}.{k}", rows, columns, hardware, seed, chip)
                for k in range(layer.cells.channels)
            ]
            for chip in range(first, first + n)
        ]
        stacked = {name: np.stack([np.stack([p[name] for p in chip]) for chip in planes]) for name in MAPS}
        found.append(MadeLayer({name: torch.from_numpy(value).float() for name, value in stacked.items()}))
        rows, columns = rows // 2, columns // 2
    return found


def _plane(
    layer: ArrayLayer, name: str, rows: int, columns: int, hardware: Hardware, seed: int, number: int
) -> dict[str, np.ndarray]:
    """The maps (rows, columns) of one channel: the chip of an array whose weights are 1, and whose bias is 0."""
    cell = layer.cells.dynamics.cell
    assert isinstance(cell, ChuaYang)
    one = np.ones((1, 1, 1, 1))
    template = Template.of(A=one, B=one, z=np.zeros(1), channels=1)
    array = CellArray(name, cell, template, Boundary("fixed", 0.0), rows, columns, 0.0, None)
    chip = Chip(array, hardware, {"mismatch": seed}, number, PROGRAMMED)
    own = chip.at().own
    given = {} if own is None else own.parameters
    size = (rows, columns)

    def plane(values: np.ndarray | None, nominal: float) -> np.ndarray:
        if values is None:
            return np.full(size, nominal)
        return np.broadcast_to(np.asarray(values, np.float64).reshape(-1, *values.shape[-2:])[0], size)

    return {
        "A": plane(None if own is None else own.A, 1.0),
        "B": plane(None if own is None else own.B, 1.0),
        "node": plane(chip.node_gain, 1.0),
        "offset": plane(None if own is None else own.z, 0.0),
        "R": plane(given.get("R"), cell.R),
        "C": plane(given.get("C"), cell.C),
    }
