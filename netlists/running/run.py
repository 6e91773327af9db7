"""One deck in, its waveforms out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from ...devices.errors import InputError, did_you_mean
from . import batch, evidence, shared
from .attempt import Attempt
from .errors import SpiceError
from .judge import judge
from .processes import Children
from .waves import Waves

Engine = Literal["batch", "shared"]

ENGINES: dict[str, Callable[[str, float | None, Children], Attempt]] = {
    "batch": batch.attempt,
    "shared": shared.attempt,
}


def run_deck(
    text: str,
    *,
    stop: float,
    expect: Sequence[str] | None = None,
    engine: Engine = "batch",
    timeout: float | None = 600.0,
    keep: Path | None = None,
) -> Waves:
    """Run a complete deck - title, elements, .tran, .end, without .control - and check what comes back.

    `stop` [s] is the time the transient has to reach, `expect` the nodes it has to have, `timeout` [s] how long it may
    take (None: for ever). `engine` is `batch`, `ngspice -b` in a process of its own, or `shared`, its library in a
    worker process that later runs use again. Deck and log are written to the folder `keep`; without it they stay, in
    a folder the error names, only when the run fails.

    Raises SpiceError when ngspice is missing, fails, stops early, crashes, takes too long, or returns what is not
    finite or not complete; InputError when an argument is at fault.
    """
    check(text, stop, engine, timeout, keep)
    return run_checked(text, stop, expect, engine, timeout, keep, Children())


def check(text: str, stop: float, engine: str, timeout: float | None, keep: Path | None) -> None:
    """InputError for what no engine should be given."""
    if engine not in ENGINES:
        raise InputError("engine", engine, "batch or shared", did_you_mean(engine, ENGINES))
    if not 0 < stop < math.inf:
        raise InputError("stop", stop, "a time in seconds above 0")
    if timeout is not None and not 0 < timeout < math.inf:
        raise InputError("timeout", timeout, "seconds above 0, or None")
    if not text.split("\n", 1)[0].strip():
        raise InputError("text", text[:40], "a deck whose first line is its title")
    if "\0" in text:
        raise InputError("text", text[:40], "a deck without null characters")
    if re.search(r"^\s*\.control\b", text, re.I | re.M):
        raise InputError("text", ".control", "a deck without a .control block", "a .tran line alone runs")
    if keep is not None:
        evidence.check_folder(Path(keep))


def run_checked(
    text: str,
    stop: float,
    expect: Sequence[str] | None,
    engine: str,
    timeout: float | None,
    keep: Path | None,
    children: Children,
) -> Waves:
    """As `run_deck`, for arguments that have been checked; `children.kill()` ends it from another thread."""
    attempt = ENGINES[engine](text, timeout, children)
    if children.killed:
        raise SpiceError("ngspice was stopped")
    verdict = judge(attempt, engine, stop, expect)
    folder = None if keep is None else Path(keep)
    if isinstance(verdict, str):
        raise evidence.failure(verdict, text, attempt, folder)
    if folder is not None:
        evidence.write(folder, text, attempt)
    return verdict
