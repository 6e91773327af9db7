"""Names by which the linker tells compiled functions apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def named_after(*form: int) -> Callable[[Any], Any]:
    """Put the form into the name of a function that is made anew for each form; goes under `njit`.

    Functions made in one place share a name, and numba numbers them in each process from the start. Two forms that two
    processes compiled may so carry the same symbol in their stored machine code, and where a third process loads both,
    the linker would take either for the other, without a word.
    """

    def rename(function: Any) -> Any:
        function.__name__ = "_".join([function.__name__, *map(str, form)])
        function.__qualname__ = "_".join([function.__qualname__, *map(str, form)])
        return function

    return rename
