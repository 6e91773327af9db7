"""The compiled sweeps of a cell: generated from its normalised equations and their exact slopes."""

from __future__ import annotations

from ast import literal_eval
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ....circuits.cells import CellCircuit
from ....devices.codegen.modules import fingerprint, load_module, remembered_source
from ....devices.codegen.passing import passed
from ....devices.parameter import flat_parameters
from ....simulator.batched.cell_loops import in_single
from .. import equations
from . import sweeps
from .rows import BLOCK

DECORATOR = '@njit(inline="always", error_model="numpy")'


def needs_drive(trained: tuple[str, ...]) -> bool:
    """Whether a slope by what is trained depends on what drives the cells."""
    return "C" in trained or "L" in trained


@cache
def _generator() -> str:
    files = [Path(equations.__file__), *sorted(Path(__file__).parent.glob("*.py"))]
    return fingerprint(*(file.read_bytes() for file in files))


def sweep_module(cell: CellCircuit, dtype: np.dtype, trained: tuple[str, ...]) -> tuple[ModuleType, np.dtype]:
    """The module with `forward`, `outputs`, `begin` and `backward` of `sweeps`, and the type of its parameters.

    `trained` are the cell's parameters by which `backward` sums derivatives up, in this order. Cells with exponentials
    are computed in double precision whatever is stored: their factors leave the range of single where the product
    does not.
    """
    key = equations.equations_key(cell, "fused", _generator(), *trained)
    functions = remembered_source(key, lambda: _functions(cell, trained, "{}"))
    single = in_single(functions, dtype)
    if single:
        single_key = equations.equations_key(cell, "fused single", _generator(), *trained)
        functions = remembered_source(single_key, lambda: _functions(cell, trained, "float32({})"))
    return load_module(_sweeps(cell, trained, functions, single)), np.dtype(np.float32 if single else np.float64)


def _functions(cell: CellCircuit, trained: tuple[str, ...], number: str) -> str:
    """The scalar functions (this is what needs sympy)."""
    from ....devices.codegen.printer import emit_function

    form = equations.normalised_cell(cell)
    constants = list(form.parameters)
    states = [state.name for state in form.states]
    outer, inner = [states[0], *constants], ["d", *states, *constants]
    wanted = {place: slope for place, slope in form.slopes.items() if place[1] in ("d", *states, *trained)}
    text = {
        "output": (outer, [form.output]),
        "output_slope": (outer, [form.output_slope]),
        "rates": (inner, form.rates),
        "slopes": (inner, list(wanted.values())),
    }
    options: dict[str, Any] = {
        "decorator": DECORATOR, "constants": constants, "number": number, "parameters": constants,
    }  # fmt: skip
    body = "\n\n".join(
        emit_function(name, arguments, expressions, **options) for name, (arguments, expressions) in text.items()
    )
    return f"SLOPES = {tuple(wanted)!r}\n\n\n{body}"


def _sweeps(cell: CellCircuit, trained: tuple[str, ...], functions: str, single: bool) -> str:
    """The loops, with rows of `work`: 0 the drive, then the states, then as named here."""
    count = len(cell.states)
    rate, new, pull = 1 + count, 1 + 2 * count, 1 + 3 * count
    first_trained = pull + 1 + count
    names = [f"p{n}" for n in range(len(flat_parameters(cell)))]
    slopes = literal_eval(functions.partition("\n")[0].removeprefix("SLOPES = "))
    rows = {"d": pull, **{name: pull + 1 + n for n, name in enumerate(equations.state_names(cell))}}
    rows |= {name: first_trained + n for n, name in enumerate(trained)}
    lines = []
    for name, row in rows.items():
        terms = [f"g{k} * slope_{k}_{by}" for k, by in slopes if by == name]
        lines.append(f"work[W{row} + c] = {' + '.join(terms) or '0.0'}")
    pulled = [f"g{k} = work[W{new + k} + c]" for k in range(count)] + lines
    size, block = first_trained + len(trained), int(BLOCK)
    fill = {
        "count": count, "size": size * block, "block": block, "RATE": rate, "NEW": new, "PULL": pull,
        "TRAINED": first_trained, "trained": len(trained), "type": "np.float32" if single else "np.float64",
        "values": ", ".join(names), "passed": passed(names),
        "unpacked": "\n        ".join(
            f"{name} = p[{n}, plane % p.shape[1]]" for n, name in enumerate(names)
        ),
        "states_c": ", ".join(f"work[W{1 + q} + c]" for q in range(count)),
        "rates_c": ", ".join(f"work[W{rate + q} + c]" for q in range(count)),
        "slopes_c": ", ".join(f"slope_{k}_{by}" for k, by in slopes),
        "pulled": "\n        ".join(pulled),
        "with_drive": needs_drive(trained), "x": cell.states.index("x") if "x" in cell.states else -1,
    }  # fmt: skip
    # where rows begin, of the type of the cells' counter: a signed number would make the sum a float
    places = "\n".join(f"W{row} = np.uint64({row * block})" for row in range(size))
    header = sweeps.HEADER.format(generator=_generator(), places=places)
    return header + functions + (sweeps.FORWARD + sweeps.BACKWARD).format(**fill)
