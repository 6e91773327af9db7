"""Which effect costs what: each by itself, all together, all but one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import nn

from ...circuits.hardware import Hardware
from ...devices.errors import SimulationError
from .errors import relative
from .noised import Questions

GROUPS: dict[str, tuple[str, ...]] = {
    "quantisation": ("quantiser",),
    "programming": ("programming",),
    "drift": ("drift",),
    "faults": ("faults",),
    "read noise": ("read",),
    "mismatch of weights": ("weights", "gain", "offset"),
    "mismatch of cells": ("parameters", "x0"),
    "converters": ("into", "out"),
    "thermal noise": ("thermal",),
    "jitter": ("jitter",),
    "op-amps": ("op_amps",),
    "lines": ("lines",),
    "temperature": ("temperature",),
}
"""Names of effects, and the fields of `Hardware` they are."""


def ablations(hardware: Hardware) -> dict[str, Hardware]:
    """`only X` and `all but X` for every effect X that is on, beside `all`. Seeds, devices and the time scale stay, so
    an effect that is on in two of them is the same drawing in both; `only the time scale` is what it costs memristors.
    """
    none = replace(Hardware(), pair=hardware.pair, time_scale=hardware.time_scale)
    off = {field.name: getattr(none, field.name) for field in fields(Hardware)}
    on = [name for name, parts in GROUPS.items() if any(_differs(getattr(hardware, part), off[part]) for part in parts)]
    found = {"all": hardware}
    if hardware.time_scale != 1.0:
        found["only the time scale"] = none
    for name in on:
        found[f"only {name}"] = replace(none, **{part: getattr(hardware, part) for part in GROUPS[name]})
    for name in on if len(on) > 1 else ():
        found[f"all but {name}"] = replace(hardware, **{part: off[part] for part in GROUPS[name]})
    return found


def _differs(value: Any, off: Any) -> bool:
    return bool(value != off)


@dataclass(frozen=True)
class Ablated:
    """What is left of the answers with these effects only: the mean squared error against the right answers, and the
    relative rms difference from the ideal network, over all diffusion times. `frechet` is the distance of generated
    pictures from the data, with its interval, where some were asked for."""

    error: float | None
    difference: float | None
    frechet: Mapping[str, Any] | None = None
    failed: str | None = None
    """Why there are no answers: states ran away, say."""


@torch.no_grad()
def ablated(
    ideal: nn.Module,
    hardware: Hardware,
    made: Callable[[Hardware], nn.Module],
    asked: Questions,
    frechet: Callable[[nn.Module], Mapping[str, Any] | None],
    say: Callable[[float], None],
) -> dict[str, Ablated]:
    """Every case of `ablations`, and `none`; `made` makes a network on the chip with these effects."""
    expected = ideal(asked.x, asked.t, asked.label)
    found: dict[str, Ablated] = {}
    cases = {"none": Hardware(), **ablations(hardware)}
    for k, (name, chosen) in enumerate(cases.items()):
        try:
            network = made(chosen)
            got = network(asked.x, asked.t, asked.label)
            error = float((got - asked.answer).square().mean())
            found[name] = Ablated(error, relative(got, expected), frechet(network))
        except SimulationError as problem:
            found[name] = Ablated(None, None, None, str(problem))
        say((k + 1) / len(cases))
    return found
