"""A memristor's equations, traced: expressions of i and g and their exact derivatives."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .modules import fingerprint

if TYPE_CHECKING:
    from ..memristor import Memristor

HERE = Path(__file__).parent
EQUATION_FILES = ("functions.py", "memristor.py", "text_equations.py")
"""What gives equations their meaning, beside their own text."""


@dataclass(frozen=True)
class TracedMemristor:
    """Expressions in the symbols v [V], x [1] and the parameters."""

    v: Any
    x: Any
    parameters: list[Any]
    current: Any
    rate: Any


def trace_memristor(device: Memristor) -> TracedMemristor:
    """Call the equations once with symbols."""
    from .symbolic import symbolic_instance, symbols

    twin, parameters = symbolic_instance(device)
    v, x = symbols(["v", "x"])
    return TracedMemristor(v, x, parameters, twin.bounded_current(v, x), twin.bounded_rate(v, x))


@cache
def generator_fingerprint() -> str:
    """Changes whenever the code that generates code does."""
    files = [*sorted(HERE.glob("*.py")), *(HERE.parent / name for name in EQUATION_FILES)]
    return fingerprint(*(file.read_bytes() for file in files))


def equations_fingerprint(owner: Any) -> str:
    """Changes whenever the equations of a device or cell class may have: its text, or its source file."""
    text = getattr(owner, "equations_text", None)
    if text is not None:
        return fingerprint(*text)
    if type(owner).__module__.startswith("cellnn."):
        return _class_fingerprint(type(owner).__qualname__, inspect.getfile(type(owner)))
    # a user's class may lean on other files of his: only its traced equations tell
    traced = trace_memristor(owner)
    return fingerprint(str(traced.parameters), str(traced.current), str(traced.rate))


@cache
def _class_fingerprint(name: str, file: str) -> str:
    return fingerprint(name, Path(file).read_bytes())
