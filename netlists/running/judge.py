"""What a run must have brought before anybody sees it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .attempt import Attempt
from .messages import complaint, warnings
from .waves import Waves, plain

_ROUNDING = 1e-6
"""ngspice may end this share of `stop` early: decks write times with so many digits."""


def judge(attempt: Attempt, engine: str, stop: float, expect: Sequence[str] | None) -> Waves | str:
    """The waveforms, or why they are none: in the order in which one cause explains the next."""
    said = complaint(attempt.stdout, attempt.stderr)
    if attempt.trouble.startswith(("time-out", "ngspice died")):
        return attempt.trouble
    if said:
        return f"ngspice reported: {said}"
    if attempt.trouble:
        return attempt.trouble
    if attempt.values is None or "time" not in (lowered := [name.lower() for name in attempt.names]):
        return "ngspice ended without a transient analysis: is there a .tran line?"
    row = lowered.index("time")
    time, values = attempt.values[row], np.delete(attempt.values, row, axis=0)
    names = tuple(plain(name) for k, name in enumerate(attempt.names) if k != row)
    if len(time) == 0:
        return "the transient has no points"
    known = set(names)
    if missing := [name for name in expect or () if plain(name) not in known]:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        return f"the transient has no {', '.join(missing[:5])}{more}: does the deck .save them?"
    finite = np.isfinite(values).all(axis=1)
    if not np.isfinite(time).all():
        return "the time of the transient is not finite everywhere"
    if not finite.all():
        worst = int(np.argmin(finite))
        when = time[int(np.argmin(np.isfinite(values[worst])))]
        return f"{names[worst]} is not finite at {when:.6g} s"
    if not (np.diff(time) > 0).all():
        return f"the time of the transient runs backwards or stands at {time[:-1][np.diff(time) <= 0][0]:.6g} s"
    if time[-1] < stop * (1 - _ROUNDING):
        return f"the transient ended early, at {time[-1]:.6g} s of {stop:.6g} s"
    return Waves(
        time,
        values,
        names,
        attempt.total_seconds if attempt.seconds is None else attempt.seconds,
        attempt.total_seconds,
        attempt.version,
        engine,
        attempt.log,
        warnings(attempt.stderr),
    )
