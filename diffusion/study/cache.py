"""Results that are kept: computed once for a key, read back from then on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...devices.files import write_atomically
from ..training.provenance import versions

STUDY = 2
"""Raised when the study's own code changes what results mean: results of another number are computed anew."""


def code_version() -> dict[str, Any]:
    """The part of every key that says which code computed a result."""
    return {"study": STUDY, **versions()}


def remembered(path: Path, key: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
    """The result in a file, if it was computed for this key; otherwise it is computed, and written there.

    Key and result hold what JSON does. A file that cannot be read is computed anew: it holds nothing but that.
    """
    wanted = json.loads(json.dumps({**key, "code": code_version()}, sort_keys=True))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["key"] == wanted:
            return content["result"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    result = json.loads(json.dumps(compute(), allow_nan=False))
    text = json.dumps({"key": wanted, "result": result}, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(path, (text + "\n").encode())
    return result
