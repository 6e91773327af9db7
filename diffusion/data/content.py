"""The content of a file, plain or compressed, no longer than it may be."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

from ...devices.errors import InputError
from ...devices.files import require_plain_file


def read_content(path: Path, limit: int) -> bytes:
    """The file's content, uncompressed when its name ends in .gz; at most `limit` + 1 bytes of it are read, so
    that a file that unpacks to too much is told by its length. Raises InputError when it cannot be read.
    """
    try:
        require_plain_file(path)
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(limit + 1)  # gzip checks its sum at the end of a file, which is one byte further
    except EOFError:
        raise damaged(path, "a whole gzip file", "it ends too early") from None
    except (OSError, zlib.error, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise damaged(path, "a readable file", reason) from None


def damaged(path: Path, expected: str, what: str) -> InputError:
    """The error for a file that is not what it should be."""
    return InputError("", what, expected, "fetch the file anew", str(path))


def sha256(content: bytes) -> str:
    """The SHA-256 of the content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
