"""Writing pictures: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from matplotlib.figure import Figure

from ..devices.errors import InputError

FIGURE_KINDS = (".png", ".pdf", ".svg")
"""Extensions `save_figure` writes."""


def check_extension(path: str | Path, kinds: Collection[str] = FIGURE_KINDS) -> str:
    """The extension of `path` in lower case; InputError when it is none of `kinds`."""
    extension = Path(path).suffix.lower()
    if extension not in kinds:
        raise InputError("", str(path), f"a file name that ends in {' or '.join(kinds)}")
    return extension


@contextmanager
def written_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """A file to write to, which takes the name `path` when all went well and is removed when not.

    Raises InputError when the folder is missing or cannot be written, or `path` is a folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise InputError("", str(path), "a file in a folder that exists", f"there is no folder {path.parent}")
    if path.is_dir():
        raise InputError("", str(path), "a file name", "this is a folder")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise InputError("", str(path), "a file that can be written", error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def save_figure(figure: Figure, path: str | Path, dpi: float = 150) -> None:
    """Write a figure as PNG, PDF or SVG, by the extension of `path`; a file of that name is replaced.

    Raises InputError when the extension is another or the file cannot be written.
    """
    kind = check_extension(path)[1:]
    with written_whole(path) as file:
        figure.savefig(file, format=kind, dpi=dpi)
