"""A deployed layer as a circuit of its own: the chip's array under what it meets at one diffusion step."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....circuits.array import CellArray
from ....circuits.circuit import Circuit
from ....circuits.own_values import OwnValues
from ....circuits.spec.models import RunSpec
from ....circuits.template import Template
from ....simulator.engines import integrate
from ....simulator.problem import Problem
from ..array import DeployedArray
from .met import Met

Array = NDArray[Any]
POINTS = 201
"""Times of a run that are saved, steps of RK4 in between, and corners of what a deck's neighbours put out. Steps that
choose themselves would shrink at each of some ten thousand corners of rectifying outputs."""


@dataclass(frozen=True, eq=False)
class LayerRun:
    """A layer as a circuit (one array, its own values in every cell), and its run in the grid simulator.

    times [s] (n,); states (states, n, channels, rows, columns): v [V], and x [1] or w [V]; outputs [V] (n, channels,
    rows, columns).
    """

    name: str
    circuit: Circuit
    times: Array
    states: Array
    outputs: Array

    @property
    def array(self) -> CellArray:
        """The array as it was made, with the step's gain and bias."""
        return self.circuit.arrays[0]

    @property
    def planes(self) -> Array:
        """What its converters put at its input, normalised, (in, rows, columns)."""
        return self.circuit.input

    def waves(self, kind: str) -> Array:
        """Waveforms (times, channels, rows, columns) of v, w or y [V], or of x [1]."""
        return self.outputs if kind == "y" else self.states[self.array.cell.states.index(kind)]


def layer_run(
    name: str, array: DeployedArray, met: Met, *, points: int = POINTS, threads: int | None = None
) -> LayerRun:
    """The layer under what it meets, integrated in far more steps than a generation takes.

    The grid simulator gets what drives the cells as the deployment sums it up (`DeployedArray.driven`); the circuit, of
    which decks are made, has the weights of B and the inputs instead. What comes in during a run - thermal noise, the
    jitter of its end - is left out, and read noise is that of the chip's first run.
    """
    planes = array.border.driven(met.u[np.newaxis])[0]
    stop = array.folded.stop * array.hardware.time_scale
    run = RunSpec(stop=stop, method="rk4", step=stop / (points - 1), save=points)
    circuit = Circuit(name, (_under(array, met),), planes, run, dict(array.seeds))
    exact = still(array)
    # sums of a thousand products in single precision are further off than the cross-check tolerates
    exact.integration = replace(exact.integration, precision="double")
    driven = exact.driven(*met.batch())
    silent = np.zeros((1, driven.input_channels, driven.rows, driven.columns))
    found = integrate(Problem(driven, silent), run, threads=threads)
    return LayerRun(name, circuit, found.times, found.states[:, 0], found.outputs[0])


def still(array: DeployedArray) -> DeployedArray:
    """The same array, about to run for the first time, without what comes in during a run."""
    quiet = copy.copy(array)
    quiet.hardware = replace(array.hardware, thermal=None, jitter=0.0)
    quiet.border = replace(array.border, hardware=replace(array.border.hardware, thermal=None, jitter=0.0))
    quiet.runs = 0
    return quiet


def _under(array: DeployedArray, met: Met) -> CellArray:
    """The array whose own B and bias are those of the diffusion step.

    gain (B*u) + gain shift + bias: the amplifier behind the feedforward sum, and the converter of the bias, become part
    of what they multiply and add to. Both act at the cell's summing node, whose gain and offset are the chip's.
    """
    made = array.chip.at(0)
    own = made.own or OwnValues()
    bias = (met.gain * array.folded.shift + met.bias + array.trim)[:, np.newaxis, np.newaxis]
    z = array.chip.node_gain * bias if array.hardware.gain.active else np.broadcast_to(bias, (1, *made.shape))
    if own.z is not None:
        z = z + own.z
    B = None if own.B is None else own.B * met.gain.reshape(1, -1, 1, 1, 1, 1, 1)
    if B is not None:
        B.flags.writeable = False  # handed over: no copy is made of it
    weights = made.template.B * met.gain[:, np.newaxis, np.newaxis, np.newaxis]
    template = Template.of(A=made.template.A, B=weights, z=made.template.z, channels=made.channels)
    return replace(made, template=template, own=OwnValues(own.A, B, z, own.parameters))
