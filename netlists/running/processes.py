"""Child processes that are never left behind: each leads a group of its own, which ends with it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Children:
    """The processes of one call: `kill` ends them all, with their groups, and those that would still start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen] = set()
        self.killed = False

    @contextmanager
    def watching(self, process: subprocess.Popen) -> Iterator[None]:
        """Have the process ended by `kill` while the block runs."""
        with self._lock:
            self._running.add(process)
            if self.killed:
                kill_group(process)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(process)

    def kill(self) -> None:
        """End them all, now and from now on."""
        with self._lock:
            self.killed = True
            for process in self._running:
                kill_group(process)


def start(command: list[str], **settings: Any) -> subprocess.Popen:
    """A child that leads a process group and a session of its own: Ctrl-C at the terminal does not reach it, we do."""
    return subprocess.Popen(command, start_new_session=True, **settings)


def kill_group(process: subprocess.Popen) -> None:
    """Kill the child and all it has started. Safe only before it is reaped: its number could be another's then."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses for a group of nothing but the dead
            os.killpg(process.pid, signal.SIGKILL)


def wait(process: subprocess.Popen, timeout: float | None) -> bool:
    """Wait for the child to end and then end what it left behind; False when the time is up, its group killed then."""
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        ended = _ends(process, deadline)
    finally:
        kill_group(process)
        process.wait()
    return ended


def _ends(process: subprocess.Popen, deadline: float | None) -> bool:
    """Whether it ends in time; it is not reaped where the system has another way to tell (Linux)."""
    remaining = None if deadline is None else max(0.0, deadline - time.monotonic())
    try:
        handle = os.pidfd_open(process.pid)  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        with suppress(subprocess.TimeoutExpired):
            process.wait(remaining)
        return process.returncode is not None
    try:
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        return bool(poller.poll(None if remaining is None else remaining * 1000))
    finally:
        os.close(handle)


def ending(status: int) -> str:
    """How a process ended, in words; empty for an ordinary end with status 0."""
    number = (
        -status if status < 0 else status - 128 if 128 < status < 160 else 0
    )  # a shell passes a signal on as 128 + n
    if number:
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = "unknown"
        return f"ngspice died of signal {number} ({name})"
    return f"ngspice ended with exit status {status}" if status else ""
