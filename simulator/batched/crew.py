"""Threads that share the work of a step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

import numpy as np
from numba import njit

from ..compiled.barrier import atomic_load, yield_core

Work = Callable[[int, int, int], None]


TURNS, IMPATIENT = 3000, 300
"""Looks at whether there is work (or it is done) before a thread goes to sleep: about a millisecond, the length of a
step; after the first few it lets others have its core between looks."""


@njit(cache=True, nogil=True)
def look_out(count, last):  # type: ignore[no-untyped-def]
    """Wait a while for count[0] to be another number than the last."""
    for turn in range(TURNS):
        if atomic_load(count, 0) != last:
            return
        if turn > IMPATIENT:
            yield_core()


class Crew:
    """As many threads as asked for, the caller's own among them; the work itself must let go of the interpreter's lock.

    numba's own parallel loops would do, but not all of their threading layers may be used by several threads at once.
    An executor would do, but takes 75 us to hand over a piece of work, a tenth of a step. Threads here look out for
    work for a while before they sleep; the system tends to wake a sleeper on the core of who wakes it, which is busy.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._others = [_Other(part) for part in range(1, threads)]

    def share(self, work: Work, count: int) -> None:
        """Call work(part, first, last) for ranges that make up range(count), each in a thread; done when all are."""
        parts = max(1, min(self.threads, count))
        ends = [count * part // parts for part in range(parts + 1)]
        busy = self._others[: parts - 1]
        for other in busy:
            other.begin(work, ends[other.part], ends[other.part + 1])
        try:
            work(0, 0, ends[1])
        finally:
            errors = [other.end() for other in busy]
        for error in errors:
            if error is not None:
                raise error

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for other in self._others:
            other.leave()


class _Other:
    """A thread that waits for work. Both locks are taken at the start: releasing one lets the other side pass."""

    def __init__(self, part: int) -> None:
        self.part = part
        self._work: Work | None = None
        self._range = 0, 0
        self._error: BaseException | None = None
        self._begun, self._ended = np.zeros((2, 1), np.int64)
        self._go, self._done = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._done.acquire()
        threading.Thread(target=self._run, name=f"cellnn-{part}", daemon=True).start()

    def begin(self, work: Work, first: int, last: int) -> None:
        self._work, self._range, self._error = work, (first, last), None
        self._begun[0] += 1
        self._go.release()

    def end(self) -> BaseException | None:
        """Wait until the work is done; what went wrong in it."""
        look_out(self._ended, self._begun[0] - 1)
        self._done.acquire()
        return self._error

    def leave(self) -> None:
        self._work = None
        self._begun[0] += 1
        self._go.release()

    def _run(self) -> None:
        while True:
            look_out(self._begun, self._ended[0])
            self._go.acquire()
            if self._work is None:
                return
            try:
                self._work(self.part, *self._range)
            except BaseException as error:  # noqa: BLE001  (raised again where the work was shared out)
                self._error = error
            self._ended[0] += 1
            self._done.release()
