"""Where a run stands: the places of its numbers and counts, its possible ends, and the constants of its control."""

from __future__ import annotations

T, LOST, H, LAST_ERROR, SHORTEST, LONGEST, RATIO, STOP, PEAK = range(9)
"""Places in `numbers`: time [s] and the part of it below its last digit, next step, error of the last step, shortest
and longest step, error of the last try (of fixed steps: the largest |v|), end [s], the
largest |v| at a saved time."""

STATUS, CURRENT, STEPS, REJECTED, NEXT_SAVE, REJECTIONS, REFUSED, WHERE, TRIES = range(9)
"""Places in `counts`: one of the ends below; which of two states is the present one; steps taken and rejected; the next
saved time; rejections in a row; whether the last try was refused; the worst cell; tries."""

RUNNING, DONE, PAUSED, SETTLED, NOT_FINITE, RAN_AWAY, COLLAPSED, TOO_MANY = range(8)

SAFETY, SHRINK, GROW, BETA = 0.9, 0.2, 10.0, 0.04
MAX_STEPS = 2_000_000
MAX_REJECTIONS = 300
SHORTEST_STEP = 1e-250
"""Seconds: bounded exponentials ask for no shorter one; what does has run away."""
