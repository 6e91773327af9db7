"""What compiled functions are told, in named tuples: numbers that stay the same during a run, and shared arrays."""

from __future__ import annotations

from typing import Any, NamedTuple


class Sizes(NamedTuple):
    """The array and its blocks in the workspace."""

    channels: int
    states: int
    rows: int
    columns: int
    reach_rows: int
    """How far a tap reaches."""
    reach_columns: int
    wp: int
    """Cells of a padded row."""
    hb: int
    """Rows of a block."""
    bs: int
    """Cells of a plane of a block: padded rows and what rounds them up."""
    ys: int
    """Cells of a plane of outputs: with the rows above and below."""
    confined: Any
    """By state: whether it is held to [0, 1]."""


class Tile(NamedTuple):
    """A rectangle of cells that one thread computes; [lo, hi) and [cl, ch) with what its stages need beyond it."""

    r0: int
    r1: int
    c0: int
    c1: int
    lo: int
    hi: int
    cl: int
    ch: int
    blocks: int
    hb: int
    """Rows of a block."""
    whole: bool
    """Whether one block holds all rows of the array."""
    wraps: bool
    """Whether columns are taken round the edge of a periodic array."""


class Layout(NamedTuple):
    """Where blocks lie in the workspace: first places, and how many blocks of each kind are kept at a time."""

    g: Any
    g_depth: Any
    k: Any
    k_depth: Any
    y: Any
    y_depth: int
    f: int
    f_depth: int
    w: int
    w_depth: int
    drive: int
    scratch: int
    zero: int


class Method(NamedTuple):
    """A step as a chain of stages: stage s starts from stage base[s] and adds weighted rates.

    Row stages + 1 of `used` and `count` is the error estimate. Rate `stages` is that at the end of the step, rate
    stages + 1 (of a stiff method) that at its start. `by_h` says which rates are multiplied by the step; the others are
    increments already.
    """

    stages: int
    stored: bool
    """Whether the rate at the end of a step is kept for the next one."""
    stiff: bool
    base: Any
    used: Any
    count: Any
    raw: Any
    solve_used: Any
    solve_count: Any
    solve_raw: Any
    by_h: Any
    dense_used: Any
    dense_count: int
    dense: Any
    gamma: float
    steps: int
    """Steps of the run in the chain."""


class Step(NamedTuple):
    """The step at hand: written by the first thread, read by all."""

    weights: Any
    solve: Any
    numbers: Any
    """[1 / (gamma h), time at the start, rtol]"""
    atol: Any


class Taps(NamedTuple):
    """The weights that are not zero, by receiving channel: first[c] .. first[c + 1]."""

    first: Any
    shifts: Any
    """Where a tap's output lies, from the start of a block of outputs."""
    weights: Any


class Edge(NamedTuple):
    """What lies beyond the array."""

    kind: int
    value: float


class Saves(NamedTuple):
    """The saved times within the step at hand, and the trajectories they go to."""

    now: Any
    """[how many, the first of them]"""
    weights: Any
    at_end: Any
    times: Any
    states: Any
    stride: int
    """From one state's trajectory to the next's."""
    start: int
    outputs: Any
    outputs_start: int
    past_caches: bool
    """Whether they are too long to stay in a cache: see `streaming`."""


class Settle(NamedTuple):
    """When a cell rests: the rates of its states times `counted` below the bound [V/s] (0: not asked), and since
    when."""

    bound: float
    since: Any
    counted: Any
    """By state: `CellCircuit.settling`."""
