"""The `network` part of a training config."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from ...circuits.boundary import Boundary
from ...circuits.spec.fields import Section, quantity, whole
from ...circuits.spec.models import CellSpec
from ...devices.errors import MISSING, InputError
from ..continuous.solver import Solver
from .integration import IntegrationSpec, parse_plan

Channels = Annotated[int, whole(1, 4096)]
CIRCUITS = {"cellnn": "chua-yang", "m-cellnn": "m-cellnn", "second-order-cellnn": "second-order"}
"""The cell circuit of each block made of arrays."""
QUANTITIES = ("C", "L", "V1", "area", "x0")
OWN = {
    **dict.fromkeys(("cell", "boundary", "stop", "integration", "trainable"), tuple(CIRCUITS)),
    "depth": ("residual",),
    "attention": ("residual", "second-order"),
    "solver": ("second-order",),
}
"""The blocks that have a key, where not all have it."""


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class NetworkSpec(Section):
    """A U-Net and its blocks: `residual` is the one of DDPM, all others stand in the plain skeleton.

    Blocks of arrays have a `cell` (as a circuit spec has), a `stop` time, and a plan of `integration`: methods and
    steps, each until a share of the training has passed; the last also samples.
    """

    block: Literal["conv", "cellnn", "m-cellnn", "residual", "second-order", "second-order-cellnn"]
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
    trainable: Annotated[tuple[Literal["C", "L", "V1", "area", "x0"], ...], BeforeValidator(_as_tuple)] = ()
    """What is trained of the cells beside A and B."""
    depth: Annotated[int, whole(1, 16)] = 2
    """Residual blocks at each resolution on the way down; there is one more on the way up."""
    attention: Annotated[tuple[Channels, ...], BeforeValidator(_as_tuple)] = ()
    """Where there is self-attention: at the resolutions with so many rows."""
    solver: Solver = Solver()
    """How blocks of second order are solved."""

    @model_validator(mode="after")
    def _fits(self) -> NetworkSpec:
        if not self.channels:
            raise InputError("channels", [], "a list of at least one number of channels")
        for key in sorted(self.model_fields_set & OWN.keys()):
            if self.block not in OWN[key]:
                hint = f"use block: {' or '.join(OWN[key])}"
                raise InputError(key, getattr(self, key), f"no {key} with block: {self.block}", hint)
        if self.block == "second-order":
            self._second_order_fits()
        if self.block in CIRCUITS:
            self._cell_fits(CIRCUITS[self.block])
        return self

    def _second_order_fits(self) -> None:
        for width in self.channels:
            if width % 2:
                raise InputError("channels", width, "even numbers: half of the planes are positions, half velocities")
        if self.dropout:
            raise InputError("dropout", self.dropout, "0: what drives an equation is the same at all times")

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
            if name == "L" and circuit != "second-order":
                raise InputError("trainable", name, "C or V1: these cells have no inductor")
