"""Fetching a data set's files: checked against a checksum, written under a temporary name, renamed."""

from __future__ import annotations

import hashlib
import tarfile
import urllib.request
import zlib
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO

from ...devices.errors import CellnnError, InputError
from ...devices.files import replacing
from .cifar import FILES
from .folders import own_folder
from .sources import REMOTE, Remote

_CHUNK = 1 << 18
_MOST = 1 << 28
"""No file is longer than this [bytes]."""
Progress = Callable[[str, float], None]


class DownloadError(CellnnError):
    """A file could not be fetched, or is not the published one."""


def download(name: str, folder: Path | None = None, progress: Progress | None = None) -> Path:
    """Fetch the files of a data set into `folder`, by default `$CELLNN_DATA/NAME` or the user's data folder.

    Returns the folder. Files that are there stay. `progress` is called with a file's name and the share that is
    done. Raises InputError for a data set that is not fetched, DownloadError when the network or a checksum fails.
    """
    if name not in REMOTE:
        raise InputError("", name, f"one of {', '.join(REMOTE)}", "others come with the program")
    place = own_folder(name) if folder is None else folder
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("folder", str(place), "a folder that can be written", error.strerror or str(error)) from None
    for remote in REMOTE[name]:
        wanted = [file for files in FILES.values() for file in files] if name == "cifar-10" else [remote.name]
        if all((place / file).is_file() for file in wanted):
            continue
        target = place / remote.name
        _fetch(remote, target, progress)
        if name == "cifar-10":
            try:
                _unpack(target, place, wanted)
            finally:
                target.unlink()
    return place


def _fetch(remote: Remote, target: Path, progress: Progress | None) -> None:
    failures = []
    for address in remote.addresses:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer, replacing(target) as temporary:
                length = int(answer.headers.get("Content-Length") or 0)
                with temporary.open("wb") as file:
                    md5 = _copy(answer, file, length, lambda done: progress and progress(remote.name, done))
                if md5 != remote.md5:
                    raise DownloadError(f"its MD5 is {md5}, not {remote.md5}")
            return
        except InputError:
            raise
        except (OSError, ValueError, HTTPException, DownloadError) as error:  # URLError is an OSError
            failures.append(f"{address}: {error}")
    raise DownloadError(f"cannot fetch {remote.name}: {'; '.join(failures)}")


def _copy(source: IO[bytes], target: IO[bytes], length: int, report: Callable[[float], object]) -> str:
    """The MD5 of what was copied."""
    digest, copied = hashlib.md5(usedforsecurity=False), 0
    while chunk := _read(source):
        copied += len(chunk)
        if copied > _MOST:
            raise DownloadError(f"it is longer than {_MOST >> 20} MiB")
        digest.update(chunk)
        target.write(chunk)
        if length:
            report(min(copied / length, 1.0))
    return digest.hexdigest()


def _read(source: IO[bytes]) -> bytes:
    """The next bytes; a network that fails is told apart from a disk that does."""
    try:
        return source.read(_CHUNK)
    except (OSError, HTTPException, zlib.error, EOFError) as error:
        raise DownloadError(f"it ends too early: {error}") from None


def _unpack(archive: Path, place: Path, wanted: list[str]) -> None:
    """Take the wanted files out of a tar archive, whatever folder they are in there, and nothing else."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = {Path(member.name).name: member for member in tar if member.isfile()}
            for name in wanted:
                if name not in members:
                    raise DownloadError(f"{archive}: holds no {name}")
                source = tar.extractfile(members[name])
                assert source is not None  # a plain file
                with replacing(place / name) as temporary, temporary.open("wb") as file:
                    _copy(source, file, 0, lambda done: None)
    except (tarfile.TarError, EOFError) as error:
        raise DownloadError(f"{archive}: {error}") from None
