"""Calibration of one given chip: biases, gains and offsets from measurements of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..networks.blocks.cells import blocks_of
from ..networks.watch import watched
from .array import DeployedArray
from .network import DeployedBlock
from .noised import Questions

Array = NDArray[Any]
Correct = Literal["nothing", "channels", "cells"]
STEP = 0.05
"""By how much biases are moved to see what that does, in units of V1."""
PRIOR = 8.0
"""A cell's own gain and offset are held to those of its channel as if so many more pictures had said so."""


@dataclass(frozen=True)
class Calibrated:
    """The relative rms error of a block's outputs, on the pictures it was calibrated with."""

    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Met:
    """What an array meets in the ideal network, and what it answers there: all in units of V1."""

    u: Array
    gain: Array
    bias: Array
    y: Array


def calibrate(ideal: nn.Module, chip: nn.Module, asked: Questions, correct: Correct) -> dict[str, Calibrated]:
    """Make the chip's arrays answer what the ideal network's do, block by block, and say how well that went.

    Each block is asked what the ideal network asks it under these questions. The bias of every channel moves by what
    takes its outputs nearest to the ideal ones (least squares, one Gauss-Newton step from a measured slope); then the
    gain and the offset with which it is read are fitted: of `channels`, or of all `cells`, whose own R and C differ.
    """
    if correct == "nothing":
        return {}
    met = met_by(ideal, asked)
    found = {}
    for name, module in chip.named_modules():
        if isinstance(module, DeployedBlock):
            found[name] = _calibrate(module.array, met[name], correct)
    return found


def _calibrate(array: DeployedArray, met: Met, correct: Correct) -> Calibrated:
    first = array.read(met.u, met.gain, met.bias)
    moved = array.read(met.u, met.gain, met.bias + STEP)
    slope = (moved - first) / STEP
    axes = (0, 2, 3)
    array.trim = ((met.y - first) * slope).sum(axes) / np.maximum(np.square(slope).sum(axes), 1e-12)
    y = array.read(met.u, met.gain, met.bias)
    a, b = fit_channels(y, met.y)
    if correct == "cells":
        a, b = fit_cells(y, met.y, a, b)
    readout, offset = array.readout, array.offset
    array.readout, array.offset = readout * a, readout * b + offset
    return Calibrated(*(_relative(found, met.y) for found in (first, a * y + b)))


def fit_channels(y: Array, target: Array) -> tuple[Array, Array]:
    """a, b (1, channels, 1, 1) of the least squares a y + b = target, both (n, channels, rows, columns)."""
    axes = (0, 2, 3)
    mean, wanted = y.mean(axes, keepdims=True), target.mean(axes, keepdims=True)
    spread = np.square(y - mean).mean(axes, keepdims=True)
    a = ((y - mean) * (target - wanted)).mean(axes, keepdims=True) / np.maximum(spread, 1e-12)
    a = np.where(spread > 1e-12, a, 1.0)
    return a, wanted - a * mean


def fit_cells(y: Array, target: Array, a0: Array, b0: Array) -> tuple[Array, Array]:
    """a, b (1, channels, rows, columns), as `fit_channels`, with `PRIOR` pictures' worth of a0, b0.

    That is ridge regression around the channel's line: a cell that is hardly ever active keeps its channel's.
    """
    size = np.square(y).mean((0, 2, 3), keepdims=True)
    left = target - a0 * y - b0
    n, sum_y = len(y), y.sum(0, keepdims=True)
    p, q, r = np.square(y).sum(0, keepdims=True) + PRIOR * size, sum_y, n + PRIOR
    s, t = (left * y).sum(0, keepdims=True), left.sum(0, keepdims=True)
    below = np.maximum(p * r - q * q, 1e-12)
    return a0 + (r * s - q * t) / below, b0 + (p * t - q * s) / below


@torch.no_grad()
def met_by(ideal: nn.Module, asked: Questions) -> dict[str, Met]:
    """What the blocks of the ideal network meet under these questions, by their names."""
    given: dict[str, tuple[Tensor, Tensor]] = {}
    answers: dict[str, Tensor] = {}
    blocks = blocks_of(ideal)
    arrays = {name: block.dynamics for name, block in blocks.items()}
    with (
        watched(blocks, lambda name, inputs, _: given.update({name: inputs})),
        watched(arrays, lambda name, _, y: answers.update({name: y})),
    ):
        ideal(asked.x, asked.t, asked.label)
    found = {}
    for name, (u, condition) in given.items():
        gain, bias = blocks[name].gain_and_bias(condition)
        found[name] = Met(u.numpy(), gain.numpy(), bias.numpy(), answers[name].double().numpy())
    return found


def _relative(found: Array, expected: Array) -> float:
    return float(np.sqrt(np.square(found - expected).mean() / max(np.square(expected).mean(), 1e-30)))
