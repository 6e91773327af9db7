"""Where the files of a data set are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import platformdirs

from ...devices.errors import InputError

SHARED = Path("/usr/share/datasets")
"""Where Debian's packages put data sets."""


def own_folder(name: str) -> Path:
    """Where a download goes: `$CELLNN_DATA/NAME`, else NAME in cellnn's folder of the user's data."""
    root = os.environ.get("CELLNN_DATA") or platformdirs.user_data_dir("cellnn")
    return Path(root) / name


def candidates(name: str, folder: Path | None) -> list[Path]:
    """The folders to look in, in this order; only the one that is given, if one is."""
    if folder is not None:
        return [folder]
    usual = [own_folder(name), Path(platformdirs.user_data_dir("cellnn")) / name, SHARED / name]
    return list(dict.fromkeys(usual))


def find_folder(name: str, folder: Path | None, inner: Iterable[str], files: Iterable[str]) -> Path | None:
    """The first folder that holds any of the files, itself or in one of the folders `inner` inside it.

    Raises InputError for a folder that cannot be looked into.
    """
    wanted = list(files)
    for place in _places(candidates(name, folder), inner):
        try:
            if any((place / file).exists() for file in wanted):
                return place
        except (OSError, ValueError) as error:  # a name too long, a folder that may not be looked into
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError("folder", str(place), "a folder that can be read", reason) from None
    return None


def _places(outer: Iterable[Path], inner: Iterable[str]) -> Iterator[Path]:
    names = list(inner)
    for place in outer:
        yield place
        yield from (place / name for name in names)


def missing(name: str, folder: Path | None, files: Iterable[str]) -> InputError:
    """The error when no folder holds the data set."""
    looked = ", ".join(str(place) for place in candidates(name, folder))
    return InputError(
        "",
        name,
        f"{', '.join(files)} in {looked}",
        f"put them there, name their folder, or run `cellnn data {name} --download` where there is a network",
    )
