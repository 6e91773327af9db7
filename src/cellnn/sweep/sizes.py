"""How many points a task has: enough that handing it over costs little, and few enough that workers end together."""

from __future__ import annotations

TARGET = 4.0
"""Seconds of a task, unless others are asked for. Handing one over takes some 20 ms (docs/scale.md), so under 1 %."""
FIRST = 4
"""Points of the first tasks, of which nothing is known yet."""
LARGEST = 5_000
"""Points: what a lost worker has to do again, and what a message holds."""
AHEAD = 2
"""Tasks of each worker that are on their way: one runs, one waits."""


class Sizes:
    """Measures as it goes: begins with a few points, then takes as many as need `target` seconds."""

    def __init__(self, batch: int, target: float = TARGET) -> None:
        self._batch, self._target, self._seconds, self._points = batch, target, 0.0, 0

    def took(self, points: int, seconds: float) -> None:
        """Points of a task, and what a worker needed for them without what it does once."""
        self._seconds, self._points = self._seconds + seconds, self._points + points

    @property
    def seconds(self) -> float | None:
        """Of one point."""
        return self._seconds / self._points if self._points else None

    def next(self, left: int, workers: int) -> int:
        """Of the next task, where so many points are left for so many workers."""
        each = self.seconds
        if each is None:
            size = FIRST
        else:
            size = int(self._target / max(each, 1e-9))
            # towards the end tasks get smaller: a quarter of what each worker still has before it
            share = left // (AHEAD * 2 * max(workers, 1))
            size = min(size, max(share, int(self._target / 8 / max(each, 1e-9))))
        if size > self._batch:
            size -= size % self._batch
        return max(1, min(size, left, LARGEST))
