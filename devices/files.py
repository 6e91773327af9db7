"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path beside `path`, with its suffix, renamed to it when the block ends well; gone otherwise.

    A link keeps pointing to its file, which is what is replaced. Raises InputError as `check_writable` does,
    and when writing fails.
    """
    check_writable(path)
    target = Path(path).resolve()
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".cellnn-", suffix=target.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike[str]) -> None:
    """InputError when no file can be written at this path: asked before long work, not after.

    What exists and is no plain file - a folder, a device, a pipe - is never replaced.
    """
    shown = os.fspath(path)
    try:
        target = Path(path).resolve()
        if target.is_dir():
            raise InputError("", shown, "the name of a file", "this is a folder")
        if target.exists() and not target.is_file():
            raise InputError("", shown, "the name of a plain file", "this is a device or a pipe")
        folder = target.parent
        if not folder.is_dir():
            raise InputError("", shown, "a file in a folder that exists", f"mkdir -p {folder}")
        if not os.access(folder, os.W_OK):
            raise InputError("", shown, "a file in a folder that can be written")
        if len(os.fsencode(target.name)) > os.pathconf(folder, "PC_NAME_MAX"):
            raise InputError("", shown, "a shorter name")
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, a loop of links, a null byte
        if isinstance(error, InputError):
            raise
        raise _cannot_write(path, error) from None


def require_plain_file(path: Path) -> None:
    """OSError unless a plain file is there to read: reading a pipe would wait for ever."""
    path.stat()
    if not path.is_file():
        raise OSError(errno.EINVAL, "this is a folder, a device or a pipe")


def check_apart(*paths: str | os.PathLike[str] | None) -> None:
    """InputError when two of the paths are the same file: one would overwrite the other."""
    seen: set[Path] = set()
    for path in paths:
        if path is None:
            continue
        target = Path(path).resolve()
        if target in seen:
            raise InputError("", os.fspath(path), "a file of its own", "another file of this command has this name")
        seen.add(target)


def write_atomically(path: Path, data: bytes) -> None:
    """Write the bytes to `path` at once; its folder is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _cannot_write(path: str | os.PathLike[str], error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError("", os.fspath(path), "a file that can be written", reason)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
