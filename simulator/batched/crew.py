"""Threads that share the work of a step."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType


class Crew:
    """As many threads as asked for, the caller's own among them; the work itself must let go of the interpreter's lock.

    numba's own parallel loops would do, but not all of their threading layers may be used by several threads at once.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def share(self, work: Callable[[int, int, int], None], count: int) -> None:
        """Call work(part, first, last) for ranges that make up range(count), each in a thread; done when all are."""
        parts = min(self.threads, count)
        if self._pool is None or parts <= 1:
            work(0, 0, count)
            return
        ends = [count * part // parts for part in range(parts + 1)]
        others = [self._pool.submit(work, part, ends[part], ends[part + 1]) for part in range(1, parts)]
        work(0, 0, ends[1])
        for other in others:
            other.result()

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()
