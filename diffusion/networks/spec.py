"""The `network` part of a training config."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from ...circuits.boundary import Boundary
from ...circuits.spec.fields import Section, quantity, whole
from ...circuits.spec.models import CellSpec
from ...devices.errors import MISSING, InputError
from .integration import IntegrationSpec, parse_plan

Channels = Annotated[int, whole(1, 4096)]
CIRCUITS = {"cellnn": "chua-yang", "m-cellnn": "m-cellnn"}
"""The cell circuit of each block made of arrays."""
QUANTITIES = ("C", "V1", "area", "x0")


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class NetworkSpec(Section):
    """A U-Net and its blocks.

    Blocks of arrays have a `cell` (as a circuit spec has), a `stop` time, and a plan of `integration`: methods and
    steps, each until a share of the training has passed; the last also samples.
    """

    block: Literal["conv", "cellnn", "m-cellnn"]
    channels: Annotated[tuple[Channels, ...], BeforeValidator(_as_tuple)] = (32, 64, 64)
    """Planes at each resolution, the finest first; each is half the one before."""
    embedding: Annotated[int, whole(4, 4096)] = 128
    """Width of the diffusion step's embedding; with `parameters`, found from it."""
    parameters: Annotated[int, whole(1, 10**9)] | None = None
    """The number of trained parameters to come near, by the width of the embedding: for comparisons of blocks."""
    dropout: Annotated[float, quantity("1", 0.0, 0.9)] = 0.0
    cell: CellSpec | None = None
    boundary: Annotated[Boundary, BeforeValidator(lambda value: Boundary.parse(value, place=""))] = Boundary("fixed", 0)
    stop: Annotated[float, quantity("s", 1e-15, 1e6)] = 1e-6
    integration: Annotated[tuple[IntegrationSpec, ...], BeforeValidator(parse_plan)] = (IntegrationSpec(),)
    trainable: Annotated[tuple[Literal["C", "V1", "area", "x0"], ...], BeforeValidator(_as_tuple)] = ()
    """What is trained of the cells beside A and B."""

    @model_validator(mode="after")
    def _fits(self) -> NetworkSpec:
        if not self.channels:
            raise InputError("channels", [], "a list of at least one number of channels")
        of_cells = {"cell", "boundary", "stop", "integration", "trainable"} & self.model_fields_set
        if self.block == "conv" and of_cells:
            key = min(of_cells)
            raise InputError(key, getattr(self, key), f"no {key} with block: conv", "use block: cellnn or m-cellnn")
        if self.block in CIRCUITS:
            self._cell_fits(CIRCUITS[self.block])
        return self

    def _cell_fits(self, circuit: str) -> None:
        if self.cell is None:
            raise InputError("cell", MISSING, f"the cell of block: {self.block}, e.g. {{circuit: {circuit}}}")
        if self.cell.circuit != circuit:
            raise InputError("cell.circuit", self.cell.circuit, f"{circuit}, for block: {self.block}")
        if self.dropout:
            raise InputError("dropout", self.dropout, "0: an array has no dropout")
        memristor = self.cell.memristor
        if memristor is not None and memristor.x0.kind != "number":
            raise InputError("cell.memristor.x0", memristor.x0.kind, "a number, which all channels start from")
        for name in self.trainable:
            if name in ("area", "x0") and memristor is None:
                raise InputError("trainable", name, "C or V1: these cells have no memristor")
