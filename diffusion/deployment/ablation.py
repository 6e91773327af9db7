"""Which effect costs what: each by itself, all together, all but one."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ...circuits.hardware import Hardware

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
