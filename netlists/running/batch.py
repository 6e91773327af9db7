"""The engine `batch`: `ngspice -b` in a process and a folder of its own for every run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path

from .attempt import Attempt
from .errors import INSTALL, SpiceError
from .processes import Children, ending, start, wait
from .rawfile import RawFileError, RawPlot, read_raw

_MOST_TEXT = 1 << 20
"""Bytes of either end of a stream that are read: a run that goes wrong can print for as long as it lasts."""


def executable() -> str:
    """The path of ngspice: $NGSPICE, else from PATH. Raises SpiceError where there is none."""
    asked = os.environ.get("NGSPICE")
    found = shutil.which(asked or "ngspice")
    if found is None and asked:
        raise SpiceError(f"$NGSPICE is {asked!r}, which is no program that can be run")
    if found is None:
        raise SpiceError(f"ngspice is missing: there is none on PATH, and $NGSPICE is not set ({INSTALL})")
    return str(Path(found).absolute())


def attempt(text: str, timeout: float | None, children: Children) -> Attempt:
    """Run a deck. Raises SpiceError where ngspice is missing."""
    program = executable()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="cellnn-ngspice-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "deck.cir").write_text(text, encoding="utf-8")
        # -n: a user's own .spiceinit would change what a deck means
        in_time, status = _run([program, "-n", "-b", "-r", "out.raw", "deck.cir"], folder, timeout, children)
        stdout, stderr = _text(folder / "stdout"), _text(folder / "stderr")
        trouble = ending(status) if in_time else f"time-out: ngspice had not ended after {timeout:g} s"
        plot = None
        if not trouble:
            try:
                plot = _transient(read_raw(folder / "out.raw"))
            except FileNotFoundError:
                trouble = "ngspice wrote no raw file: is there a .tran line?"
            except RawFileError as error:
                trouble = str(error)
    if plot is None:
        return Attempt(stdout, stderr, trouble, total_seconds=time.perf_counter() - began)
    total = time.perf_counter() - began
    version = version_in(stdout) or _version(program, Path(program).stat().st_mtime_ns)
    return Attempt(stdout, stderr, "", plot.names, plot.values, _seconds(stdout), total, version)


def _run(command: list[str], folder: Path, timeout: float | None, children: Children) -> tuple[bool, int]:
    settings = {**os.environ, "LC_ALL": "C", "SPICE_ASCIIRAWFILE": "0"}
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        try:
            process = start(command, cwd=folder, env=settings, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        except OSError as error:
            raise SpiceError(f"{command[0]} cannot be run: {error.strerror or error}") from None
    with children.watching(process):
        return wait(process, timeout), process.returncode


def _transient(plots: list[RawPlot]) -> RawPlot | None:
    found = [plot for plot in plots if plot.name.lower().startswith("transient")]
    if len(found) > 1:
        raise RawFileError(f"the raw file holds {len(found)} transients: one deck, one .tran line")
    if found and found[0].values.dtype != float:
        raise RawFileError("the raw file holds a transient of complex numbers")
    return found[0] if found else None


def _seconds(stdout: str) -> float | None:
    """The time of the analysis. ngspice prints milliseconds: its 0 is less than one, and nobody can divide by it."""
    printed = re.findall(r"^Total analysis time \(seconds\) = (\S+)", stdout, re.M)
    try:
        return max(float(printed[-1]), 1e-3) if printed else None
    except ValueError:
        return None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        data = file.read(_MOST_TEXT)
        if size > _MOST_TEXT:
            file.seek(max(_MOST_TEXT, size - _MOST_TEXT))
            data += b"\n[...]\n" + file.read()
    return data.decode("utf-8", "replace")


def version_in(text: str) -> str:
    """The version that a banner of ngspice names; empty where it names none."""
    found = re.search(r"\bngspice-(\d+(?:\.\d+)*\+?)", text)
    return found[1] if found else ""


def ask(command: list[str], files: dict[str, str] | None = None, timeout: float = 30.0) -> str:
    """What a command says on its standard output, run in a folder with these files; as far as it gets in time.

    Raises SpiceError when it cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="cellnn-ngspice-", ignore_cleanup_errors=True) as name:
        for file, content in (files or {}).items():
            (Path(name) / file).write_text(content, encoding="utf-8")
        _run(command, Path(name), timeout, Children())
        return _text(Path(name) / "stdout")


@lru_cache(maxsize=8)
def _version(program: str, changed: int) -> str:
    return version_in(ask([program, "--version"])) or "unknown"
