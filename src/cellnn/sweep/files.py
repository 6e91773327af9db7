"""The files a base names, as bytes that travel with it: workers need not see the client's disk."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..circuits.sources.pictures import SUFFIXES
from ..devices.errors import InputError
from ..devices.files import require_plain_file, write_atomically

KINDS = (".npy", ".safetensors", *SUFFIXES)


def named(document: Any) -> Iterator[str]:
    """Texts in the document that are names of files."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key != "name":  # what a circuit or a layer is called
                yield from named(value)
    elif isinstance(document, (list, tuple)):
        for value in document:
            if isinstance(value, (str, dict, list, tuple)):
                yield from named(value)
    elif isinstance(document, str) and Path(document).suffix.lower() in KINDS:
        yield document


def read_files(document: Any, folder: Path) -> dict[str, bytes]:
    """The bytes of every file the document names, by name. Raises InputError for one that is missing."""
    found = {}
    for name in sorted(set(named(document))):
        try:
            require_plain_file(folder / name)
            found[name] = (folder / name).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError("", str(folder / name), "a readable file", reason) from None
    return found


def renamed(document: Any, names: Mapping[str, str]) -> Any:
    """A copy of the document with files called by their names in `names`."""
    if isinstance(document, dict):
        return {key: value if key == "name" else renamed(value, names) for key, value in document.items()}
    if isinstance(document, list):
        return [renamed(value, names) for value in document] if any(named(document)) else document
    return names.get(document, document) if isinstance(document, str) else document


def plain_names(files: Mapping[str, bytes]) -> dict[str, str]:
    """A name for each file that holds its content's hash and no folder."""
    return {name: hashlib.sha256(data).hexdigest()[:24] + Path(name).suffix.lower() for name, data in files.items()}


def unpacked(files: Mapping[str, bytes]) -> Path:
    """A folder on this machine, of this user alone, with these files, whose names hold the hashes of their contents.

    Raises InputError where its name is taken.
    """
    folder = Path(tempfile.gettempdir()) / f"cellnn-sweep-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()  # anyone may make anything in a common folder: what is there may be another's, or a link
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise InputError("", str(folder), "a folder of this user, for files of studies", "set TMPDIR to another place")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    for name, data in files.items():
        put_file(folder / name, data)
    return folder


def put_file(path: Path, data: bytes) -> None:
    """Write the bytes at once, unless it is they that are there."""
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)
