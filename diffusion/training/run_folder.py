"""The folder of a run: what lies where, one process at a time in it, and nothing of a killed one left behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...devices.errors import InputError
from ...devices.files import replacing
from .checkpoint import numbered, step_of
from .tensor_files import to_disk

FOLDERS = ("checkpoints", "snapshots", "samples")


class RunFolder:
    """config.yaml, log.csv, model.safetensors and model.json; checkpoints/, snapshots/ and samples/.

    A run in latents has its autoencoder.safetensors too.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.config, self.log = self.path / "config.yaml", self.path / "log.csv"
        self.autoencoder = self.path / "autoencoder.safetensors"
        self.checkpoints, self.snapshots, self.samples = (self.path / name for name in FOLDERS)

    @property
    def holds_run(self) -> bool:
        """Whether a run was begun here."""
        return self.config.exists()

    def check_free(self) -> None:
        """InputError unless a new run can be begun here: in a folder that is new, or empty."""
        self._check_name()
        shown = str(self.path)
        if self.holds_run:
            raise InputError("", shown, "a folder without a run", "--resume goes on with it; or choose another name")
        if self.path.exists() and not self.path.is_dir():
            raise InputError("", shown, "the name of a folder", "this is a file")
        if self.path.is_dir() and any(not path.name.startswith(".cellnn-") for path in self.path.iterdir()):
            raise InputError("", shown, "a new or empty folder", "there are other files in it")

    def check_run(self) -> None:
        """InputError unless there is a run to go on with."""
        self._check_name()
        if not self.holds_run:
            raise InputError("", str(self.path), "the folder of a run to resume", "without --resume a new one begins")

    def _check_name(self) -> None:
        """InputError for names that no folder can have, and for folders that may not be looked into."""
        try:
            self.config.exists()
            if self.path.is_dir():
                next(self.path.iterdir(), None)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError("", str(self.path), "the name of a folder", reason) from None

    def keep_config(self, text: str) -> None:
        """Keep the config's text: from now on the folder holds a run."""
        with replacing(self.config) as temporary:
            temporary.write_text(text, encoding="utf-8")
            to_disk(temporary)
        for folder in (self.checkpoints, self.snapshots, self.samples):
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise InputError("", str(folder), "a folder of the run", error.strerror or str(error)) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, and keep other processes out of it until the block ends, or this process does."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError("", str(self.path), "a folder that can be written", reason) from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError("", str(self.path), "a run nobody trains just now", "another process does") from None
            except OSError:  # some network file systems lock no folders
                pass
            yield
        finally:
            os.close(descriptor)

    def clean(self, step: int) -> None:
        """Remove what a killed process left half-written, and what was kept of steps after this one."""
        for folder in (self.path, self.checkpoints, self.snapshots, self.samples):
            for path in folder.glob(".cellnn-*"):  # temporary names of devices/files.py
                path.unlink()
        for folder in (self.snapshots, self.samples):
            for path in numbered(folder):
                if (step_of(path) or 0) > step:
                    path.unlink()
