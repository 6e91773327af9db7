"""What each method is worth over chips: accuracies, shares of what another recovers, and times."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..evaluate.resampling import interval, shares
from .methods import GENERATED, NOMINAL, REGRESSED, TUNED

RESAMPLES = 2000
NOTHING = 1e-9
"""A gain in accuracy that is rounding."""


def compared(
    accuracy: dict[str, list[float]], seconds: dict[str, list[float]], reference: str, seed: int
) -> dict[str, Any]:
    """By method: mean, best and worst accuracy over chips, what it gains over nominal parameters, and the median
    seconds; of generated ones the shares of what `reference` and fine-tuning gain, and of their time.

    Intervals are 95 % over other chips (bootstrap, chips resampled with all that was measured of each). A share is a
    ratio: it is None unless the whole interval of what it is a share of is above 0.
    """
    each = {name: np.asarray(values) for name, values in accuracy.items()}
    chips = len(each[NOMINAL])
    drawn = shares(chips, seed, RESAMPLES)
    found: dict[str, Any] = {}
    for name, values in each.items():
        gain = values - each[NOMINAL]
        found[name] = {
            "mean": float(values.mean()),
            "mean_interval": interval(drawn @ values),
            "best": float(values.max()),
            "worst": float(values.min()),
            "gain": float(gain.mean()),
            "gain_interval": interval(drawn @ gain),
            "seconds": float(np.median(seconds[name])),
        }
    new = found[GENERATED]
    for key, name in (("calibrated", reference), ("fine_tuned", TUNED)):
        whole, part = found[name], drawn @ (each[GENERATED] - each[NOMINAL])
        new[f"share_of_{key}"] = new[f"share_of_{key}_interval"] = None
        if whole["gain_interval"][0] > NOTHING:
            gains = drawn @ (each[name] - each[NOMINAL])
            new[f"share_of_{key}"] = new["gain"] / whole["gain"]
            new[f"share_of_{key}_interval"] = interval(part[gains > NOTHING] / gains[gains > NOTHING])
        new[f"time_of_{key}"] = new["seconds"] / max(whole["seconds"], 1e-9)
    beyond = each[GENERATED] - each[REGRESSED]
    new["beyond_regression"] = float(beyond.mean())
    new["beyond_regression_interval"] = interval(drawn @ beyond)
    return found
