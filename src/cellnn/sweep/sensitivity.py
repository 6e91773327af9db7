"""How much of a measure's variance comes from each thing that varies at random, through SALib."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.variability.streams import key_of
from .axes import RandomAxis
from .points import Points
from .saltelli import HARMONICS, problem
from .study import StudySpec

Array = NDArray[np.float64]


def sensitivity(spec: StudySpec, points: Points, values: Array) -> dict[str, Any]:
    """Shares of the variance by place, of one case's values (draws,).

    `sobol`: first-order and total indices (A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010)) of the mean over
    the chips; `rbd-fast`: first-order indices of free draws (S. Tarantola et al., Reliab. Eng. Syst. Saf. 91, 717
    (2006)), the chips' own scatter being what is left. Each with its half-width at the study's confidence. Empty, with
    `why`, where the variance is 0, draws are without a value, or are too few for numbers.
    """
    how = spec.sensitivity
    assert how is not None
    random = {place: axis for place, axis in spec.vary.items() if isinstance(axis, RandomAxis)}
    if how.method == "sobol":
        values = values.reshape(-1, points.chips).mean(axis=1)
    if not np.isfinite(values).all():
        return {"method": how.method, "shares": {}, "why": "some points have no value"}
    if float(np.std(values)) <= 1e-12 * max(1e-300, float(np.abs(values).max())):
        return {"method": how.method, "shares": {}, "why": "the measure does not vary"}
    asked, values = problem(random), (values - values.mean()) / values.std()
    common = {"num_resamples": how.resamples, "conf_level": spec.confidence, "seed": _seed(spec.seed)}
    names = {"first": "S1", "first_half_width": "S1_conf"}
    with np.errstate(divide="ignore", invalid="ignore"):  # resamples whose values are all equal: told below
        if how.method == "sobol":
            from SALib.analyze import sobol

            found = sobol.analyze(asked, values, calc_second_order=False, **common)
            names |= {"total": "ST", "total_half_width": "ST_conf"}
        else:
            from SALib.analyze import rbd_fast

            drawn = np.array([[points.at(k)[place] for place in random] for k in range(len(values))], np.float64)
            found = rbd_fast.analyze(asked, drawn, values, M=HARMONICS, **common)
    if not all(np.isfinite(np.asarray(found[key], float)).all() for key in names.values()):
        return {"method": how.method, "shares": {}, "why": "too few points differ for shares that are numbers"}
    shares = {
        place: {name: float(found[key][k]) for name, key in names.items()} for k, place in enumerate(random)
    }  # fmt: skip
    return {"method": how.method, "shares": shares, "why": ""}


def _seed(seed: int) -> int:
    """Of the bootstrap: never 0, which SALib takes for none."""
    return key_of(seed, "sweep", "bootstrap") | 1
