"""The engine's loops, compiled and kept: the texts of `tile`, `sweep` and `drive` as one module in the cache folder.

numba only compiles anew when the file of a function changes, not when that of a function it calls does. So the loops
are kept under a name made of all files of this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ...devices.codegen.modules import fingerprint, load_module
from ...devices.codegen.tracing import generator_fingerprint

HERE = Path(__file__).parent
MARK = "# --- compiled from here on ---\n"

HEADER = '''"""Collected by cellnn from simulator/compiled; edits are not read. Version {version}."""
import numpy as np
from numba import njit

from cellnn.devices.codegen.fast_math import from_bits
from cellnn.simulator.compiled.bare import bare
from cellnn.simulator.compiled.barrier import meet
from cellnn.simulator.compiled.blocks import apply_blocks, invert_blocks
from cellnn.simulator.compiled.cell_calls import call_block, call_stage
from cellnn.simulator.compiled.layout import Tile
from cellnn.simulator.compiled.rows import *  # noqa
from cellnn.simulator.compiled.stage_rows import *  # noqa
from cellnn.simulator.compiled.status import *  # noqa
from cellnn.simulator.compiled.streaming import leave, leave_within
from cellnn.simulator.compiled.sweep import DEEPEST, GROUP, LANES, RING

'''


@cache
def _source() -> str:
    version = fingerprint(generator_fingerprint(), *(file.read_bytes() for file in sorted(HERE.glob("*.py"))))
    texts = [(HERE / name).read_text().partition(MARK)[2] for name in ("tile.py", "sweep.py", "drive.py")]
    return HEADER.format(version=version) + "".join(texts)


_ready: dict[tuple[str, Any], Any] = {}


def engine_function(name: str, kind: Any, try_out: Callable[[Any], object]) -> Any:
    """`advance_adaptive` or `advance_fixed`, its machine code loaded, or compiled, for this kind of numbers.

    `try_out` is called with the function once per process, before threads meet in it: should what numba stored of it be
    damaged, in whatever way, it is compiled anew.
    """
    function = _ready.get((name, kind))
    if function is None:
        function = getattr(load_module(_source()), name)
        try:
            try_out(function)
        except Exception:  # noqa: BLE001
            function = getattr(load_module(_source(), afresh=True), name)
            try_out(function)
        _ready[name, kind] = function
    return function
