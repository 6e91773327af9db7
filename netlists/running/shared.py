"""The engine `shared`: ngspice's library in worker processes that live on between runs."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from .attempt import Attempt
from .batch import version_in
from .errors import INSTALL, SpiceError
from .messages import complaint
from .pipe import Pipe
from .processes import Children, ending, kill_group, start

_START = 60.0
"""Seconds a worker may take to start: Python, PySpice and the library, from a slow disk."""


class Worker:
    """A worker process, ours to talk to. Raises SpiceError where the library cannot be had."""

    def __init__(self, children: Children) -> None:
        self.library = os.environ.get("NGSPICE_LIBRARY_PATH")
        self.printed = tempfile.TemporaryFile()  # noqa: SIM115 - it has no name, and lives as long as the worker
        self.process = start(
            [sys.executable, "-P", "-W", "ignore", "-m", __package__ + ".worker", str(os.getpid())],
            cwd="/",
            env={**os.environ, "LC_ALL": "C", **_absolute("NGSPICE_LIBRARY_PATH", self.library)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.printed,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.pipe = Pipe(self.process.stdout.fileno(), self.process.stdin.fileno())
        for descriptor in (self.pipe.incoming, self.pipe.outgoing):
            os.set_blocking(descriptor, False)
        try:
            with children.watching(self.process):
                hello, _ = self.pipe.receive(time.monotonic() + _START)
        except (EOFError, TimeoutError, ValueError) as error:
            self.kill()
            raise SpiceError(f"the process that holds ngspice's library did not start: {self._death(error)}") from None
        except BaseException:
            self.kill()
            raise
        if "path" not in hello:
            self.kill()
            raise SpiceError(_missing(hello["missing"], hello["trouble"], self.library))
        self.path, self.banner = str(hello["path"]), str(hello["banner"])
        self._printed()  # what Python has said about PySpice on the way is not ngspice's

    def run(self, text: str, timeout: float | None) -> Attempt:
        """Run a deck. After a trouble the worker is dead."""
        began = time.perf_counter()
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            self.pipe.send({}, text.encode("utf-8"), deadline)
            reply, data = self.pipe.receive(deadline)
        except TimeoutError:
            return Attempt("", self.kill(), f"time-out: ngspice had not ended after {timeout:g} s")
        except (EOFError, ValueError) as error:
            return Attempt("", self.kill(), self._death(error))
        stderr = "\n".join(filter(None, (reply["stderr"], self._printed())))
        return Attempt(
            reply["stdout"],
            stderr,
            reply["trouble"],
            tuple(reply["names"]),
            np.frombuffer(data, np.float64).reshape(reply["shape"]) if reply["names"] else None,
            reply["seconds"],
            time.perf_counter() - began,
            version_in(self.banner) or "unknown",
        )

    def kill(self) -> str:
        """End the process and its group: what it printed past ngspice's interface, as a crash does."""
        kill_group(self.process)
        self.process.wait()
        printed = "" if self.printed.closed else self._printed()
        self._release()
        return printed

    def close(self) -> None:
        """Let the process end by itself; kill it when it does not."""
        with suppress(OSError):
            self.process.stdin.close()  # type: ignore[union-attr]
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(2.0)
        self.kill()

    def forget(self) -> None:
        """Close our side only: in a fork, the worker is the parent's."""
        self._release()
        self.process.returncode = 0  # it is no child of this process

    def _release(self) -> None:
        for stream in (self.process.stdin, self.process.stdout, self.printed):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _printed(self) -> str:
        """What was printed since the last time."""
        size = os.fstat(self.printed.fileno()).st_size
        text = os.pread(self.printed.fileno(), min(size, 1 << 16), max(0, size - (1 << 16))).decode("utf-8", "replace")
        os.ftruncate(self.printed.fileno(), 0)
        os.lseek(self.printed.fileno(), 0, os.SEEK_SET)  # the worker writes through the same place
        return text.strip()

    def _death(self, error: Exception) -> str:
        if isinstance(error, EOFError):
            return ending(self.process.wait()) or "ngspice's process ended in the middle of a run"
        return "no answer" if isinstance(error, TimeoutError) else f"ngspice's process sent garbage: {error}"


_idle: list[Worker] = []
_lock = threading.Lock()


def attempt(text: str, timeout: float | None, children: Children) -> Attempt:
    """Run a deck on an idle worker, or on a new one. Raises SpiceError where the library cannot be had."""
    began = time.perf_counter()
    worker = _take(children)
    try:
        with children.watching(worker.process):
            result = worker.run(text, timeout)
    except BaseException:
        worker.kill()
        raise
    if result.trouble or complaint(result.stdout, result.stderr):
        worker.kill()  # after an error ngspice may keep pieces of the circuit, and refuse the next one
    else:
        with _lock:
            _idle.append(worker)
    return Attempt(**{**vars(result), "total_seconds": time.perf_counter() - began})


def close_workers() -> None:
    """End the idle workers; the next run starts one again."""
    with _lock:
        workers, _idle[:] = list(_idle), []
    for worker in workers:
        worker.close()


def report() -> tuple[str, str]:
    """The path of the library, and what it says of itself. Raises SpiceError where it cannot be had."""
    worker = _take(Children())
    with _lock:
        _idle.append(worker)
    return worker.path, worker.banner


def _take(children: Children) -> Worker:
    while True:
        with _lock:
            worker = _idle.pop() if _idle else None
        if worker is None:
            return Worker(children)
        if worker.process.poll() is None and worker.library == os.environ.get("NGSPICE_LIBRARY_PATH"):
            return worker
        worker.kill()


def _missing(module: str, trouble: str, library: str | None) -> str:
    if module:
        return f"the Python package {module} is missing (pip install PySpice), or run ngspice with engine='batch'"
    if library:
        return f"$NGSPICE_LIBRARY_PATH is {library!r}, which cannot be loaded: {trouble}"
    return f"ngspice's shared library is missing ({INSTALL}; or set $NGSPICE_LIBRARY_PATH): {trouble}"


def _absolute(name: str, path: str | None) -> dict[str, str]:
    """The variable for a process in another folder."""
    return {name: str(Path(path).absolute())} if path and Path(path).exists() else {}


def _forget_workers() -> None:
    global _lock
    _lock = threading.Lock()  # another thread may have held it
    for worker in _idle:
        worker.forget()
    _idle.clear()


atexit.register(close_workers)
os.register_at_fork(after_in_child=_forget_workers)
