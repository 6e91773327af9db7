"""A fit in words: for a table, for JSON, and as YAML for a circuit spec."""

from __future__ import annotations

import math
from typing import Any

import yaml

from ..parameter import parameters_of
from .fit import Fit

DIGITS = 8
"""Digits of a parameter in a spec."""
MANY = 3
"""More directions that the data do not determine than these are told together."""
RELATED = 0.95
"""Correlations beyond this are told."""


def describe(fit: Fit) -> dict[str, Any]:
    """The fit as plain data. Values are in SI units; an error of null is one that is not known."""
    parameters = {}
    places = {one.name: k for k, one in enumerate(fit.plan.unknowns)}
    for name, info in parameters_of(fit.device).items():
        parameters[name] = {
            "value": getattr(fit.device, name),
            "unit": info.unit,
            "start": getattr(fit.plan.device, name),
            "low": _finite(info.low),
            "high": _finite(info.high),
            "free": name in places,
            **_judged(fit, places.get(name)),
        }
    states = {}
    for trace, x0, given in zip(fit.measurements.traces, fit.x0, fit.plan.x0, strict=True):
        if trace.x is None:
            name = f"x0[{trace.name}]" if trace.name else "x0"
            states[name] = {"value": x0, "unit": "1", "free": given is None, **_judged(fit, places.get(name))}
    return {
        "model": fit.device.name,
        "points": fit.measurements.points,
        "traces": len(fit.measurements.traces),
        "parameters": parameters,
        "x0": states,
        "correlation": {
            "names": list(places),
            "matrix": [[_finite(float(c)) for c in row] for row in fit.uncertainty.correlation],
        },
        "r_squared": _finite(fit.r_squared),
        "rms_decades": fit.rms_decades,
        "noise": fit.noise,
        "i0_A": fit.i0,
        "chi": fit.chi,
        "loss": fit.loss,
        "starts": fit.starts,
        "agreed": fit.agreed,
        "seed": fit.seed,
        "notes": list(notes(fit)),
    }


def notes(fit: Fit) -> list[str]:
    """What a reader should know before using the values."""
    named = [one.name for one in fit.plan.unknowns]
    result = list(fit.plan.notes)
    directions = fit.uncertainty.directions
    if len(directions) > MANY:  # one by one they would be a riddle
        lost = [name for name, known in zip(named, fit.uncertainty.determined, strict=True) if not known]
        result.append(f"these data do not determine {', '.join(lost)}: hold some of them, such as {_hold(lost[0])}, or "
                      "measure more")  # fmt: skip
        directions = ()
    for direction in directions:
        names = [named[n] for n in direction]
        if len(names) == 1:
            result.append(f"{names[0]} is not determined by these data: hold it ({_hold(names[0])}), or measure more")
        else:
            result.append(
                f"of {', '.join(names[:-1])} and {names[-1]} only a combination is determined: hold one, such as "
                f"{_hold(names[0])}, or measure more"
            )
    for k, name in enumerate(named):
        if fit.uncertainty.at_bound[k]:
            result.append(f"{name} is at an end of its range: its error is not known")
        for m in range(k):
            correlation = fit.uncertainty.correlation[k, m]
            if abs(correlation) > RELATED and fit.uncertainty.determined[k] and fit.uncertainty.determined[m]:
                result.append(f"{named[m]} and {name} are correlated by {correlation:.3f}")
    if fit.agreed == 1 and fit.starts > 1:
        result.append(f"only one of {fit.starts} starts came to this minimum: try more (--starts) or others (--start)")
    if fit.chi is not None and fit.chi > 2:
        result.append(f"the misfit is {fit.chi:.1f} times the noise: the model, with what is held, does not describe "
                      "these data")  # fmt: skip
    low, high = fit.device.voltage_range
    seen = [float(v) for trace in fit.measurements.traces for v in (trace.voltage.min(), trace.voltage.max())]
    if min(seen) < low or max(seen) > high:
        result.append(f"the voltages go from {min(seen):g} V to {max(seen):g} V; the model was made for {low:g} V "
                      f"to {high:g} V")  # fmt: skip
    return list(dict.fromkeys(result))


def parameters_yaml(fit: Fit, source: str) -> str:
    """`memristor: {model: .., parameters: ..}` as YAML for the cell of a circuit spec, with comments on the fit."""
    values = {}
    for name, info in parameters_of(fit.device).items():
        rounded = float(f"{getattr(fit.device, name):.{DIGITS}g}")
        values[name] = min(max(rounded, info.low), info.high)
    lines = [
        f"fitted to {source}: {fit.measurements.points} points, {len(fit.measurements.traces)} trace(s)",
        f"rms {fit.rms_decades:.3g} decades, R^2 {fit.r_squared:.6g}",
    ]
    for k, one in enumerate(fit.plan.unknowns):
        what = f"{one.name}: {_error(fit, k)}"
        if one.name.startswith("x0"):
            what = f"{one.name} = {one.value(fit.z[k]):.4g}: {_error(fit, k)}"
        lines.append(what)
    comment = "".join("# " + "".join(c if c.isprintable() else "?" for c in line) + "\n" for line in lines)
    return comment + yaml.safe_dump({"memristor": {"model": fit.device.name, "parameters": values}}, sort_keys=False)


def verdict(fit: Fit, k: int) -> str:
    """What there is to say of the k-th unknown beside its value."""
    if fit.uncertainty.at_bound[k]:
        return "at its bound"
    return "" if fit.uncertainty.determined[k] else "not determined"


def _error(fit: Fit, k: int) -> str:
    unit = fit.plan.unknowns[k].unit
    known = f"+- {fit.uncertainty.of_values[k]:.2g}" + ("" if unit == "1" else f" {unit}")
    return verdict(fit, k) or known


def _judged(fit: Fit, k: int | None) -> dict[str, Any]:
    if k is None:
        return {"standard_error": None, "at_bound": False, "determined": None}
    return {
        "standard_error": _finite(float(fit.uncertainty.of_values[k])),
        "at_bound": fit.uncertainty.at_bound[k],
        "determined": fit.uncertainty.determined[k],
    }


def _hold(name: str) -> str:
    return "--x0" if name.startswith("x0") else f"--fix {name}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
