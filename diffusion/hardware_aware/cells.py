"""Cells that are faster or slower than designed: what R, C and the stop of a run do to the states at the stop."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from ...circuits.cells import SecondOrder
from ...circuits.hardware import Hardware
from ...devices.errors import InputError
from ..layers import ArrayDynamics


def rate_spread(hardware: Hardware) -> float:
    """The relative standard deviation of a cell's time constant RC."""
    return math.hypot(*(hardware.parameters[name].local for name in ("R", "C") if name in hardware.parameters))


def common_rate_spread(hardware: Hardware) -> float:
    """That of all cells of a chip, and of the time at which a run stops."""
    parts = [hardware.parameters[name].common for name in ("R", "C") if name in hardware.parameters]
    return math.hypot(*parts, hardware.jitter)


def check_spreads(dynamics: ArrayDynamics, hardware: Hardware) -> None:
    """InputError where cells differ in ways that `shifts` does not know: with an inductor, an error of R or C is no
    error of a clock."""
    for name in ("R", "C", "L"):
        if isinstance(dynamics.cell, SecondOrder) and name in hardware.parameters:
            hint = "train without it: deployed networks have it all the same"
            raise InputError(f"hardware.mismatch.{name}", "a spread", "no spread in training second-order cells", hint)


def shifts(
    dynamics: ArrayDynamics, states: Tensor, feed: Tensor, A: Tensor, hardware: Hardware, late: float = 0.0
) -> Tensor | float:
    """What to add to v/V1 at the stop: -epsilon stop dv/dt, to first order in the relative error epsilon of RC.

    epsilon is drawn for every cell of every picture, its common part for every picture, around `late`, by which all
    cells are behind; 0.0 where nothing is to be drawn. dv/dt, taken at the end of the run, is a number for gradients.
    """
    own, common = rate_spread(hardware), common_rate_spread(hardware)
    if own == common == late == 0.0:
        return 0.0
    with torch.no_grad():
        equations = replace(dynamics.equations(feed), A=A.detach())
        rate = equations.rates(tuple(states.detach().unbind(0)))[0]
        error = late + own * torch.randn_like(rate)
        if common:
            error += common * torch.randn(len(rate), 1, 1, 1, dtype=rate.dtype, device=rate.device)
        return -dynamics.stop * error * rate
