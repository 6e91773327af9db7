"""ngspice's shared library through PySpice (GPL-3), which this file alone imports, in the worker process."""

from __future__ import annotations

import ctypes.util
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

logging.getLogger("PySpice").setLevel(logging.CRITICAL + 1)  # it logs every line that ngspice writes to stderr
from PySpice.Spice.NgSpice.Shared import NgSpiceShared, ffi  # type: ignore[import-untyped,unused-ignore]  # noqa: E402


class Ngspice(NgSpiceShared):
    """PySpice's NgSpiceShared that records what ngspice says and leaves the judgement to others.

    PySpice 1.5 takes every line on stderr but `Warning:` for an error and so refuses runs that went well, as those with
    gmin stepping, and every run of ngspice 42 and later.
    """

    def __init__(self, path: str) -> None:
        self.said: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self.gave_up = False
        self.LIBRARY_PATH = path.replace("{", "{{").replace("}", "}}")  # PySpice formats it
        super().__init__(0, False, False)

    @staticmethod
    def _send_char(message_c: Any, ngspice_id: int, user_data: Any) -> int:
        self = ffi.from_handle(user_data)
        stream, _, content = ffi.string(message_c).decode("utf-8", "replace").partition(" ")
        self.said["stderr" if stream == "stderr" else "stdout"].append(content)
        if stream != "stderr":
            self._stdout.append(content)
        return 0

    @staticmethod
    def _exit(exit_status: int, immediate: bool, quit_exit: bool, ngspice_id: int, user_data: Any) -> int:
        ffi.from_handle(user_data).gave_up = True
        return exit_status

    def transient(self, deck: str) -> tuple[dict[str, Any], np.ndarray]:
        """Run a deck: what was said, the seconds, the names; and the values (variables, points)."""
        self.said = {"stdout": [], "stderr": []}
        names: list[str] = []
        trouble, values, began = "", np.empty((0, 0)), time.perf_counter()
        try:
            self.load_circuit(deck)
            began = time.perf_counter()
            self.exec_command("run")
            seconds = time.perf_counter() - began
            names, values, trouble = self._values()
            said = dict(self.said)
            self.said = {"stdout": [], "stderr": []}
            self.destroy()  # without these two, ngspice keeps every circuit it has ever run
            self.remove_circuit()
        except NameError as error:  # PySpice's errors are NameErrors
            seconds, said = time.perf_counter() - began, self.said
            trouble = f"ngspice refused: {error}"
        if self.gave_up:
            trouble = "ngspice gave up and asked to be unloaded"
        reply = {key: "\n".join(lines) for key, lines in said.items()}
        return {**reply, "trouble": trouble, "seconds": seconds, "names": names}, values

    def _values(self) -> tuple[list[str], np.ndarray, str]:
        plots = [name for name in self.plot_names if name.startswith("tran")]
        if len(plots) != 1:
            return (
                [],
                np.empty((0, 0)),
                f"the deck left {len(plots)} transients: one deck, one .tran line" if plots else "",
            )
        vectors = self.plot(None, plots[0])
        waves = [vector._data for vector in vectors.values()]
        if len({len(wave) for wave in waves}) != 1:
            return [], np.empty((0, 0)), "the variables have different numbers of points"
        if any(np.iscomplexobj(wave) for wave in waves):
            return [], np.empty((0, 0)), "the transient is of complex numbers"
        return list(vectors), np.stack(waves), ""


def open_library() -> tuple[Ngspice, str]:
    """The library, loaded, and its path. Raises OSError, naming all that was tried, where none can be."""
    tried = []
    for candidate in _candidates():
        try:
            ffi.dlopen(candidate)
        except OSError as error:
            tried.append(str(error))
            continue
        with _without_user_settings():
            return Ngspice(candidate), _loaded(candidate)
    raise OSError("; ".join(dict.fromkeys(tried)))


def _candidates() -> list[str]:
    """PySpice's own names, then those of systems without the development package."""
    asked = os.environ.get("NGSPICE_LIBRARY_PATH")
    names = (
        ["libngspice.dylib", "libngspice.0.dylib"] if sys.platform == "darwin" else ["libngspice.so", "libngspice.so.0"]
    )
    if asked and Path(asked).is_dir():
        return [str(Path(asked).absolute() / name) for name in names]
    if asked:
        return [str(Path(asked).absolute()) if os.sep in asked else asked]
    folders = [os.environ.get("CONDA_PREFIX", sys.prefix) + "/lib", "/opt/homebrew/lib", "/usr/local/lib"]
    there = [str(Path(folder) / name) for folder in folders for name in names if (Path(folder) / name).exists()]
    found = ctypes.util.find_library("ngspice")
    return [*names, *([found] if found else []), *there]


@contextmanager
def _without_user_settings() -> Iterator[None]:
    """A user's .spiceinit would change what a deck means; ngspice looks for one as the library starts, takes the first.

    That is the current folder's, here an empty one: the folder of the user's account, which comes later (not $HOME),
    cannot be changed.
    """
    for name in ("SPICE_USERINIT_DIR", "USERPROFILE"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="cellnn-ngspice-") as folder:
        (Path(folder) / ".spiceinit").write_text("* nothing is set\n", encoding="utf-8")
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def _loaded(candidate: str) -> str:
    """The file that the loader has chosen, where the system tells (Linux)."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return candidate
    paths = [line.split(maxsplit=5)[-1] for line in maps.splitlines() if "ngspice" in Path(line).name]
    return paths[0] if paths else candidate
