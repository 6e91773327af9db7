"""Generated source as importable modules, kept in a cache folder so that numba can cache them too.

The folder is `$CELLNN_CACHE_DIR`, else `cellnn` in the user's cache folder, else (where that cannot be
written) a temporary one. A module's file name is the hash of its text, and a file is only imported when
its text is the expected one.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import platformdirs

from ..files import write_atomically


def fingerprint(*parts: str | bytes) -> str:
    """A short hash of the parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:24]


@cache
def cache_directory() -> Path:
    """The folder for generated code and prepared data; made when missing."""
    wanted = os.environ.get("CELLNN_CACHE_DIR") or platformdirs.user_cache_dir("cellnn")
    path = Path(wanted)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="cellnn-"))
        atexit.register(shutil.rmtree, path, ignore_errors=True)
        warnings.warn(f"{wanted} cannot be written: compiling anew in each run (set CELLNN_CACHE_DIR)", stacklevel=2)
    return path


_importing = threading.RLock()


def load_module(source: str, afresh: bool = False) -> ModuleType:
    """The module of this source text, imported once per process; `afresh` drops what was compiled from it."""
    with _importing:  # no thread may meet a module that another is still importing
        return _load_module(source, afresh)


def _load_module(source: str, afresh: bool) -> ModuleType:
    name = f"cellnn_generated_{fingerprint(source)}"
    path = cache_directory() / "code" / f"{name}.py"
    if afresh:
        sys.modules.pop(name, None)
        for compiled in (path.parent / "__pycache__").glob(f"{name}.*"):
            compiled.unlink(missing_ok=True)
    if name in sys.modules:
        return sys.modules[name]
    data = source.encode()
    # an unchanged file keeps its time stamp, by which numba knows its own cache to be valid
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def remembered_source(key: str, build: Callable[[], str]) -> str:
    """The text `build` made for this key before, or makes now (it is what needs sympy)."""
    path = cache_directory() / "source" / f"{key}.txt"
    try:
        stored = path.read_text()
        checksum, _, text = stored.partition("\n")
        if checksum == fingerprint(text):
            return text
    except (OSError, UnicodeDecodeError):  # not there, or damaged
        pass
    text = build()
    write_atomically(path, f"{fingerprint(text)}\n{text}".encode())
    return text
