"""The cross-check: a circuit in the grid simulator and in ngspice, and whether the two agree."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator

from ..circuits.array import Array, CellArray
from ..circuits.circuit import Circuit
from ..circuits.spec.models import FIXED_STEP
from ..devices.errors import InputError
from ..simulator.simulate import simulate
from .analysis import Accuracy, Signal, nodes_of, signals
from .cells import has
from .deck import one_sample
from .export import export_deck
from .measure import Tolerance, rms_normalised
from .running import Waves, run_deck
from .running.batch import executable
from .running.run import Engine, check
from .window import Window
from .windowed import largest_change, window_deck

LARGE = {False: 1024, True: 256}
"""Cells beyond which an array is checked on a window; with memristors, which cost ngspice far more."""
WINDOW = {False: 8, True: 5}
"""Rows and columns of the window."""
LEVELS = (Accuracy(1e-5, 100.0), Accuracy(1e-6, 800.0), Accuracy(1e-7, 6400.0))
"""How accurately ngspice is asked, one after the other."""
NEIGHBOURS = 1001
"""Times, at least, at which a window hears of its neighbours: waveforms between few points are not theirs."""
NEIGHBOURS_SIZE = 2**25
"""Numbers that these waveforms may take up, all cells together."""
TIGHT = 1e-9
"""The grid simulator's tolerance, unless the spec asks for a tighter one, or for equal steps."""
VARIABLES = {"v": "state", "y": "output", "x": "memristor"}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """One variable of one layer: waveforms [V], of memristor states [1], (times, channels, rows, columns) of the
    window, and the measure of each cell."""

    layer: str
    variable: str
    window: Window
    times: Array
    ours: Array
    theirs: Array
    rms: Array
    unit: float
    """What the absolute tolerance counts: V1 [V], of memristor states 1."""


@dataclass(frozen=True)
class Verdict:
    """What a cross-check found."""

    comparisons: list[Comparison]
    tolerance: Tolerance
    cellnn_seconds: float
    ngspice_seconds: float
    ngspice_version: str
    level: Accuracy | None
    """How accurately ngspice was asked in the end; None for a deck of the caller's, which says so itself."""
    own_error: float | None
    """ngspice's distance to itself at the accuracy before, by the same measure; None after a single run."""
    notes: list[str] = field(default_factory=list)

    @property
    def worst(self) -> Comparison:
        """The variable that differs most."""
        return max(self.comparisons, key=lambda one: float(one.rms.max()))

    @property
    def rms(self) -> float:
        """The measure of the worst cell."""
        return float(self.worst.rms.max())

    @property
    def passed(self) -> bool:
        """Whether every cell's measure is below 1."""
        return self.rms < 1.0

    def summary(self) -> dict[str, Any]:
        """What `--json` writes."""
        worst = self.worst
        channel, row, column = (int(k) for k in np.unravel_index(worst.rms.argmax(), worst.rms.shape))
        volts = [np.abs(one.ours - one.theirs).max() for one in self.comparisons if one.variable != "memristor"]
        cells = sum(one.rms.size for one in self.comparisons if one.variable == "state")
        return {
            "passed": self.passed,
            "rms_normalised": self.rms,
            "max_abs_volts": float(max(volts)),
            "cells": cells,
            "cellnn_seconds": self.cellnn_seconds,
            "ngspice_seconds": self.ngspice_seconds,
            "speedup": self.ngspice_seconds / self.cellnn_seconds,
            "reltol": self.tolerance.reltol,
            "abstol": self.tolerance.abstol,
            "worst_cell": {
                "layer": worst.layer,
                "variable": worst.variable,
                "channel": channel,
                "row": row + worst.window.rows[0],
                "column": column + worst.window.columns[0],
            },
            "windows": {one.layer: str(one.window) for one in self.comparisons},
            "ngspice_version": self.ngspice_version,
            "ngspice_reltol": None if self.level is None else self.level.reltol,
            "ngspice_own_error": self.own_error,
            "notes": self.notes,
        }


def crosscheck(
    circuit: Circuit,
    *,
    tolerance: Tolerance | None = None,
    engine: Engine = "batch",
    window: str | None = None,
    deck: str | None = None,
    sample: int | None = None,
    timeout: float | None = 600.0,
    keep: Path | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Simulate the circuit both ways, and compare states, outputs and memristor states at the times the run saves.

    ngspice is asked more and more accurately, until the two agree or ngspice agrees with itself. Of arrays of more than
    1,024 cells (256 with memristors), a window is checked (`window`, as `8x8+10+12`; else where most happens), under
    the waveforms of its real neighbours. With `deck`, that text runs in place of the exported one. `engine`: `batch` or
    `shared`.

    Raises InputError for arguments at fault, and for what has no deck; SpiceError when ngspice fails; SimulationError
    when the grid simulator does.
    """
    tolerance = tolerance or Tolerance()
    planes = one_sample(circuit, sample)
    _check(circuit, tolerance, engine, deck, timeout, keep)
    named = None if window is None else _named(circuit, window, deck)
    tight, notes = _prepared(circuit, planes)
    if engine == "batch":
        executable()  # a missing ngspice is told before the grid simulator has run
    say = progress or (lambda text: None)
    say("grid simulator")
    simulate(tight)  # compiles what is not compiled yet: the clock is for the run
    begin = time.perf_counter()
    result = simulate(tight)
    ours_seconds = time.perf_counter() - begin
    windows = named or _windows(tight, result, deck)
    around = result if windows is None else _finely(tight, result, say, notes)
    previous: list[Comparison] | None = None
    levels = LEVELS if deck is None else (LEVELS[0],)
    for level in levels:
        say(f"ngspice, tolerance {level.reltol:g}")
        found, seconds, version = [], 0.0, ""
        for text, parts, offset in _decks(tight, around, windows, level, deck):
            expect = [name for signal, channels in parts for name in nodes_of(signal, channels)]
            end = offset(len(circuit.arrays) - 1) + tight.run.stop
            # windows of several layers are decks of their own
            folder = keep if keep is None or windows is None else keep / f"layer{parts[0][0][1]}"
            waves = run_deck(text, stop=end, expect=expect, engine=engine, timeout=timeout, keep=folder)
            seconds, version = seconds + waves.seconds, waves.version
            for signal, channels in parts:
                found.append(_compared(tight, result, signal, channels, waves, offset(signal[1]), tolerance))
        own = None if previous is None else _own_error(previous, found, tolerance)
        asked = level if deck is None else None
        verdict = Verdict(found, tolerance, ours_seconds, seconds, version, asked, own, notes)
        if verdict.passed:
            break
        if own is not None and own < 0.3:
            notes.append("ngspice agrees with itself at two accuracies, but not with the grid simulator")
            break
        previous = found
    else:
        if deck is None:
            notes.append("ngspice has not converged at its finest: the array amplifies differences")
    return verdict


def _prepared(circuit: Circuit, planes: Array) -> tuple[Circuit, list[str]]:
    """The circuit as both sides run it: one sample, no noise, to the end, tightly."""
    notes, run = [], circuit.run
    if circuit.noise is not None:
        notes.append("thermal noise is left out on both sides")
    if run.settle is not None:
        notes.append("both sides run to run.stop, settled or not")
    if circuit.hardware is not None and circuit.hardware.jitter:
        notes.append("both sides stop at run.stop: timing jitter is left out")
    update: dict[str, Any] = {"settle": None}
    if run.method not in FIXED_STEP:
        update |= {"rtol": min(run.rtol, TIGHT), "atol": min(run.atol, TIGHT * 1e-2)}
    return replace(circuit, input=planes, noise=None, hardware=None, run=run.model_copy(update=update)), notes


def _check(
    circuit: Circuit, tolerance: Tolerance, engine: str, deck: str | None, timeout: float | None, keep: Path | None
) -> None:
    """InputError for arguments at fault, before anything has run."""
    if not 0 <= tolerance.reltol < math.inf:
        raise InputError("reltol", tolerance.reltol, "a number from 0")
    if not 0 < tolerance.abstol < math.inf:
        raise InputError("abstol", tolerance.abstol, "a number above 0", "what is 0 V would have to agree in every bit")
    try:
        check("a deck\n" if deck is None else deck, circuit.run.stop, engine, timeout, keep)
    except InputError as error:
        raise InputError("deck", error.value, error.expected, error.hint) if error.place == "text" else error from None


def _named(circuit: Circuit, window: str, deck: str | None) -> list[Window]:
    """The window asked for, of every layer."""
    if deck is not None:
        raise InputError("window", window, "no window with a deck of your own")
    return [Window.parse(window, array, "window") for array in circuit.arrays]


def _windows(circuit: Circuit, result: xr.DataTree, deck: str | None) -> list[Window] | None:
    """A window for each layer; None for all of all."""
    cells = sum(array.channels * array.rows * array.columns for array in circuit.arrays)
    memristive = has(circuit.arrays[0].cell, "x")
    if cells <= LARGE[memristive] or deck is not None:
        return None
    size = WINDOW[memristive]
    return [largest_change(array, _group(result, array)["state"].values, size) for array in circuit.arrays]


def _group(result: xr.DataTree, array: CellArray) -> xr.Dataset:
    return result.children[array.name].to_dataset()


def _finely(circuit: Circuit, result: xr.DataTree, say: Progress, notes: list[str]) -> xr.DataTree:
    """The same run saved at more times, for the waveforms around a window."""
    cells = sum(array.channels * array.rows * array.columns for array in circuit.arrays)
    save = min(NEIGHBOURS, NEIGHBOURS_SIZE // (3 * cells))
    if save < NEIGHBOURS:
        notes.append(
            f"so large an array: the window hears of its neighbours at {max(save, circuit.run.save)} times only"
        )
    if save <= circuit.run.save:
        return result
    say("grid simulator, saving more times")
    return simulate(replace(circuit, run=circuit.run.model_copy(update={"save": save})))


Parts = list[tuple[Signal, int]]


def _decks(
    circuit: Circuit, around: xr.DataTree, windows: list[Window] | None, level: Accuracy, deck: str | None
) -> Iterator[tuple[str, Parts, Callable[[int], float]]]:
    """Texts, what each holds, and when in it a layer begins."""
    arrays, stop = circuit.arrays, circuit.run.stop
    if windows is None:
        whole = [(s, a.channels) for k, a in enumerate(arrays) for s in signals(a, k, Window.all_of(a))]
        yield deck or export_deck(circuit, accuracy=level), whole, lambda layer: layer * stop
        return
    for layer, (array, window) in enumerate(zip(arrays, windows, strict=True)):
        group = _group(around, array)
        planes = group["input"].values / array.cell.V1
        text = window_deck(circuit, layer, window, planes, group["time"].values, group["output"].values, level)
        yield text, [(signal, array.channels) for signal in signals(array, layer, window)], lambda layer: 0.0


def _compared(
    circuit: Circuit, result: xr.DataTree, signal: Signal, channels: int, waves: Waves, begin: float,
    tolerance: Tolerance,
) -> Comparison:  # fmt: skip
    kind, layer, window = signal
    array = circuit.arrays[layer]
    group = _group(result, array)
    times, values = group["time"].values, window.cut(group[VARIABLES[kind]].values)
    theirs = their_waves(array, signal, channels, waves, times + begin).reshape(values.shape)
    if begin == 0.0:
        theirs[0] = values[0]  # both start there: ngspice's first point is its first step
    unit = 1.0 if kind == "x" else array.cell.V1
    rms = rms_normalised(values, theirs, tolerance, unit)
    return Comparison(array.name, VARIABLES[kind], window, times, values, theirs, rms, unit)


def their_waves(array: CellArray, signal: Signal, channels: int, waves: Waves, times: Array) -> Array:
    """ngspice's waveforms of a signal at these times [s], (times, nodes) in the order of `nodes_of`."""
    kind, layer, window = signal
    direct = waves.stack(nodes_of(signal, channels))
    if kind != "y" or has(array.cell, "yn"):
        return _sampled(waves.time, direct, times)
    # an output has a corner where it saturates, and no curve between two points follows that: interpolated are the
    # states, and how far ngspice's output is from the output of its states
    kinds = ["v"] + ["x"] * has(array.cell, "x")
    states = [waves.stack(nodes_of((state, layer, window), channels)) for state in kinds]
    others = [0.0] * (len(array.cell.states) - len(states))  # a current, on which no output depends
    rest = _sampled(waves.time, direct - array.cell.output(*states, *others), times)
    sampled = [_sampled(waves.time, state, times) for state in states]
    return rest + np.asarray(array.cell.output(*sampled, *others))


def _sampled(points: Array, stacked: Array, times: Array) -> Array:
    """Waveforms (names, points) at these times (times, names): a cubic between ngspice's points without overshoot."""
    sampled = np.empty((len(times), len(stacked)))
    inside = np.clip(times, points[0], points[-1])
    for k in range(0, len(stacked), 64):  # in parts: the interpolant holds four numbers for each of its points
        with np.errstate(over="ignore", divide="ignore"):  # flat to the last digit: the slope there is 0
            sampled[:, k : k + 64] = PchipInterpolator(points, stacked[k : k + 64], axis=1)(inside).T
    return sampled


def _own_error(before: list[Comparison], now: list[Comparison], tolerance: Tolerance) -> float:
    """How far ngspice is from itself."""
    pairs = zip(before, now, strict=True)
    return max(float(rms_normalised(a.theirs, b.theirs, tolerance, b.unit).max()) for a, b in pairs)
