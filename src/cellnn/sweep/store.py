"""Where results go: a folder that one study at a time writes, of which nothing that was written is ever lost.

    FOLDER/results.zarr    the table of all points, in the order of the study, once a study has ended
    FOLDER/parts/          what came in since, a file for each task; gone when it is in the table

Every result has the key of its work (`work.py`), so that it does not matter where it comes from, or in which order. A
file of `parts/` is named by the hash of its bytes, says what it has measured, and appears under its name at once; the
table is written beside the old one, which it then replaces. What is damaged is told, and counts as not there; what
cannot be taken is never removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError
from ..devices.files import require_plain_file, write_atomically
from .table import Table, read_table, require_measures, shortened, write_table

Row = tuple[NDArray[np.float64], str]
"""The measures of a point, and how it failed."""
TABLE, NEW, OLD, PARTS = "results.zarr", "results.zarr.new", "results.zarr.old", "parts"


class Store:
    """The results in a folder, by key; a context, as only one process at a time may have it."""

    def __init__(self, folder: Path, measures: Sequence[str], note: Callable[[str], None]) -> None:
        self.folder, self._measures, self._note = folder, tuple(measures), note
        self._rows: dict[bytes, Row] = {}
        self._parts: list[Path] = []
        self._lock: Any = None

    def __enter__(self) -> Store:
        try:
            (self.folder / PARTS).mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / ".lock").open("w")
        except OSError as error:
            raise InputError("", str(self.folder), "a folder that can be written", error.strerror or "") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise InputError("", str(self.folder), "a folder of its own", "another study is writing here") from None
        try:
            self._recover()
            self._read()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def __getitem__(self, key: bytes) -> Row:
        return self._rows[key]

    def add(self, keys: Sequence[bytes], values: NDArray[np.float64], failures: Sequence[str]) -> None:
        """Write the results of a task, at once and for good. Raises InputError when they cannot be written."""
        failures = [shortened(told) for told in failures]
        data = _packed(keys, values, failures, self._measures)
        path = self.folder / PARTS / f"{hashlib.sha256(data).hexdigest()}.npz"
        write_atomically(path, data)
        self._parts.append(path)
        self._take(keys, values, failures)

    def close(
        self, keys: Sequence[bytes], coordinates: Mapping[str, NDArray[Any]], attributes: Mapping[str, Any]
    ) -> Path:
        """Put everything into the table: the points of this study in its order, then what older ones left, by key.

        Raises InputError when it cannot be written; the parts and the table before are there then, and no half table.
        """
        wanted = set(keys)
        others = sorted(key for key in self._rows if key not in wanted)
        order = [*keys, *others]
        values = np.array([self._rows[key][0] for key in order], np.float64).reshape(len(order), len(self._measures))
        table = Table(
            np.frombuffer(b"".join(order), np.uint8).reshape(-1, 32), values,
            [self._rows[key][1] for key in order], len(keys), self._measures, coordinates, attributes,
        )  # fmt: skip
        new, old, path = (self.folder / name for name in (NEW, OLD, TABLE))
        try:
            write_table(new, table)
            if path.exists():
                path.rename(old)
            new.rename(path)
        except OSError as error:
            if old.exists() and not path.exists():
                old.rename(path)
            shutil.rmtree(new, ignore_errors=True)
            raise InputError("", str(path), "a table that can be written", error.strerror or str(error)) from None
        shutil.rmtree(old, ignore_errors=True)
        for part in self._parts:
            part.unlink(missing_ok=True)
        self._parts.clear()
        return path

    def _recover(self) -> None:
        """What a study that was stopped while it replaced the table has left."""
        new, old, path = (self.folder / name for name in (NEW, OLD, TABLE))
        if old.exists() and not path.exists():  # the new one is whole: it was to be renamed next
            (new if new.exists() else old).rename(path)
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        for left in (self.folder / PARTS).glob(".cellnn-*"):
            left.unlink(missing_ok=True)

    def _read(self) -> None:
        path = self.folder / TABLE
        if path.exists():
            table, damage = read_table(path, self._measures)
            for told in damage:
                self._note(f"{path}: {told}; what is missing is computed again")
            for key, values, failure in table:
                self._rows[key] = values, failure
        for part in sorted((self.folder / PARTS).glob("*.npz")):
            self._read_part(part)

    def _read_part(self, part: Path) -> None:
        try:
            require_plain_file(part)
            data = part.read_bytes()
        except OSError as error:
            raise InputError("", str(part), "a readable file of results", error.strerror or str(error)) from None
        if hashlib.sha256(data).hexdigest() != part.stem:
            self._note(f"{part}: damaged, its bytes are not those that were written; computed again")
            part.unlink(missing_ok=True)
            return
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if "measures" not in file:
                raise InputError("", str(part), "results that say what they measure", "or another -o")
            require_measures(_unjoined(file["measures"]), self._measures)
            self._take([row.tobytes() for row in file["keys"]], file["values"], _unjoined(file["failures"]))
        self._parts.append(part)

    def _take(self, keys: Iterable[bytes], values: NDArray[np.float64], failures: Iterable[str]) -> None:
        self._rows |= {key: (row, told) for key, row, told in zip(keys, values, failures, strict=True)}


def _packed(
    keys: Sequence[bytes], values: NDArray[np.float64], failures: Sequence[str], measures: Sequence[str]
) -> bytes:
    buffer = io.BytesIO()
    arrays: dict[str, NDArray[Any]] = {
        "keys": np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 32), "values": np.asarray(values, np.float64),
        "failures": _joined(failures), "measures": _joined(measures),
    }  # fmt: skip
    with zipfile.ZipFile(buffer, "w") as file:  # np.savez, but without the time
        for name, array in arrays.items():
            part = io.BytesIO()
            np.save(part, array, allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), part.getvalue())
    return buffer.getvalue()


def _joined(lines: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _unjoined(data: NDArray[np.uint8]) -> list[str]:
    return data.tobytes().decode().split("\n")
