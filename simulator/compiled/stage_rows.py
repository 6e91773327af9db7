"""The source of a whole stage in one loop over a row: coupling, rate, the state of the next stage, its output.

    stage_rows(m, places, weights, parameters, taps, terms, first, last, mask, pitch, cells)

For one channel of cells of one state with at most nine taps, rows [first, last) in rings: row r of a plane lies at
(r & mask) * pitch from the plane's place. What a stage needs only itself stays in registers. `places` and `weights` are
filled as the names below say, `taps` says how many rows down each tap's outputs lie; `terms` is how many earlier rates
the next state adds, RATE_ONLY when there is no next stage.
"""

from __future__ import annotations

TAPS = 9
TERMS = 4
"""The most rates the next stage's state combines, apart from that of the stage itself."""
RATE_ONLY = -1

FEED, STATE, RATE, BASE, NEXT, OUTPUT, FIRST_TAP, FIRST_TERM = 0, 1, 2, 3, 4, 5, 6, 6 + TAPS
PLACES = FIRST_TERM + TERMS
"""Places: what drives the cells beside the coupling; state, rate; what the next state starts from, the next state and
its output; each tap's outputs; each earlier rate."""
OWN, FIRST_WEIGHT = TAPS, TAPS + 1
WEIGHTS = FIRST_WEIGHT + TERMS
"""Weights: the taps', that of the stage's own rate, those of the earlier rates."""


def stage_source(parameters: int) -> str:
    """The function for the module of a cell that has `output` and `rates` of so many parameters.

    Sums have the order of `rows.combine` and `rows.sum_taps`: the same bits, in one loop or in several.
    """
    p, taps = ", ".join(f"p{n}" for n in range(parameters)), range(TAPS)
    lines = [
        '@cfunc(STAGE_SIGNATURE, cache=True, error_model="numpy")',
        "def stage_rows(workspace, places, weights, parameters, taps, terms, first, last, mask, pitch, cells):",
        "    m, p, down = carray(workspace, MUCH), carray(parameters, MUCH), carray(taps, MUCH)",
        "    at, w = carray(places, MUCH), carray(weights, MUCH)",
        *(f"    p{n} = p[{n}]" for n in range(parameters)),
        *(f"    w{n} = w[{n}]" for n in range(WEIGHTS)),
        "    for r in range(first, last):",
        "        row = uint64(r & mask) * pitch",
        *(f"        a{n} = at[{n}] + row" for n in range(PLACES) if not FIRST_TAP <= n < FIRST_TERM),
        *(f"        a{FIRST_TAP + n} = at[{FIRST_TAP + n}] + uint64((r + down[{n}]) & mask) * pitch" for n in taps),
    ]
    total = f"read(m, a{FEED} + j)"
    for n in taps:
        total = f"fma(w{n}, read(m, a{FIRST_TAP + n} + j), {total})"
    for terms in range(RATE_ONLY, TERMS + 1):
        lines += [
            f"        if terms == {terms}:",
            "            for j in range(cells):",
            f"                rate = rates({total}, read(m, a{STATE} + j), {p})",
            f"                write(m, a{RATE} + j, rate)",
        ]
        if terms != RATE_ONLY:
            lines += [
                f"                state = {_next_state(terms)}",
                f"                write(m, a{NEXT} + j, state)",
                f"                write(m, a{OUTPUT} + j, output(state, {p}))",
            ]
    return "\n".join(lines) + "\n"


def _next_state(terms: int) -> str:
    base = f"read(m, a{BASE} + j)"
    if terms == 0:
        return f"fma(w{OWN}, rate, {base})"
    total = f"w{FIRST_WEIGHT} * read(m, a{FIRST_TERM} + j)"
    for n in range(1, terms):
        total = f"fma(w{FIRST_WEIGHT + n}, read(m, a{FIRST_TERM + n} + j), {total})"
    return f"{base} + fma(w{OWN}, rate, {total})"
