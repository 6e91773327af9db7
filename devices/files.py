"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, renamed to it when the block ends well; gone otherwise.

    Raises InputError when the folder is missing or cannot be written.
    """
    target = Path(path)
    try:
        check_writable(target)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix)
        os.close(handle)
    except OSError as error:
        raise _cannot_write(target, error) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise _cannot_write(target, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike[str]) -> None:
    """InputError when no file can be written at this path: asked before long work, not after."""
    target = Path(path)
    if target.is_dir():
        raise InputError("", str(target), "the name of a file", "this is a folder")
    folder = target.parent
    if not folder.is_dir():
        raise InputError("", str(target), "a file in a folder that exists", f"mkdir -p {folder}")
    if not os.access(folder, os.W_OK):
        raise InputError("", str(target), "a file in a folder that can be written")


def write_atomically(path: Path, data: bytes) -> None:
    """Write the bytes to `path` at once; its folder is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _cannot_write(target: Path, error: OSError) -> InputError:
    return InputError("", str(target), "a file that can be written", error.strerror or str(error))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
