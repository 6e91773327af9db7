"""From a YAML file, or plain data, to a circuit."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from ...devices.errors import MISSING, InputError
from ..circuit import Circuit, build_circuit
from .messages import input_error, on_one_line
from .models import CircuitSpec
from .yaml_file import MAX_DEPTH, MAX_DIGITS, line_of, parse_yaml, read_text, steps_of


def load(spec: str | os.PathLike[str] | Mapping[str, Any]) -> Circuit:
    """Load a circuit from a YAML file, or from the same keys and values as a mapping.

    Files named in it are looked up from the folder of the spec (of a mapping: the current folder).
    Raises InputError that names the place, the value, what was expected and the likely fix.
    """
    if isinstance(spec, Mapping):
        try:
            return _circuit(_plain(spec), None, Path.cwd())
        except InputError as error:
            raise on_one_line(error) from None
    path = Path(spec)
    text = read_text(path)
    try:
        return _circuit(parse_yaml(text), text, path.parent)
    except InputError as error:
        line = line_of(text, steps_of(error.place)) if error.place else None
        raise on_one_line(error, f"{path}, line {line}" if line else str(path)) from None


def _circuit(document: Any, text: str | None, folder: Path) -> Circuit:
    try:
        spec = CircuitSpec.model_validate(document)
    except ValidationError as error:
        raise input_error(error) from None
    except UnicodeEncodeError as error:  # pydantic, of half a surrogate pair in a key
        raise InputError("", error.object, "text of valid characters") from None
    circuit = build_circuit(spec, folder)
    # only now is everything in the document known to be plain
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    content_hash = hashlib.sha256(canonical.encode()).hexdigest()
    return replace(circuit, text=json.dumps(document, ensure_ascii=False) if text is None else text, hash=content_hash)


def _plain(value: Any, depth: int = 0) -> Any:
    """Arrays, numpy numbers, tuples and paths as the lists, numbers and text YAML would hold, within its bounds."""
    if depth > MAX_DEPTH:
        raise InputError("", MISSING, "a plain document", f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, int) and value.bit_length() > MAX_DIGITS * 3.32:
        raise InputError("", MISSING, "numbers that make sense", f"one has more than {MAX_DIGITS} digits")
    return os.fspath(value) if isinstance(value, os.PathLike) else value
