"""What a training step costs, measured in turn: the seconds of logs are those of a machine that others share."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from ..data import ImageData
from ..training.config import TrainingConfig
from ..training.learning_rate import learning_rate
from ..training.provenance import machine
from ..training.start import choose_device, make_trainee
from ..training.step import ExampleSource, gradient_norms, gradients, update
from .cache import remembered
from .clock import Clock, Phase
from .configs import BASELINE
from .runs import Run

ROUNDS = 7
SHORTEST = 0.05
"""A step that takes less than so many seconds is timed as the mean of several."""


def measure_clocks(runs: Mapping[str, Run], data: ImageData, rounds: int = ROUNDS) -> dict[str, Clock]:
    """The clock of each block's run, from steps in turn in this process; remembered beside the baseline's run."""
    key = {
        "networks": {block: run.config.network.model_dump(mode="json") for block, run in runs.items()},
        "training": {block: run.config.training.model_dump(mode="json") for block, run in runs.items()},
        "picture": list(data.picture),
        "machine": {**machine(choose_device(runs[BASELINE].config)), "model": processor()},
        "rounds": rounds,
    }
    path = runs[BASELINE].path / "study" / "costs.json"
    found = remembered(path, key, lambda: _measured({block: run.config for block, run in runs.items()}, data, rounds))
    return {
        block: Clock(runs[block].config.training.steps, tuple(Phase(**part) for part in parts))
        for block, parts in found.items()
    }


def _measured(configs: Mapping[str, TrainingConfig], data: ImageData, rounds: int) -> dict[str, list[dict[str, Any]]]:
    variants: list[tuple[str, float, str, Callable[[], None]]] = []
    for block, config in configs.items():
        plan = config.network.integration if block != BASELINE else ()
        begin = 0.0
        for part in plan:
            many = f", {part.steps} step{'' if part.steps == 1 else 's'}"
            how = part.method + ("" if part.method == "dopri5" else many)
            variants.append((block, part.until, how, training_step(config, data, begin)))
            begin = part.until
        if not plan:
            variants.append((block, 1.0, "", training_step(config, data, 0.0)))
    times = in_turn([step for *_, step in variants], rounds)
    base = times[[block for block, *_ in variants].index(BASELINE)]
    found: dict[str, list[dict[str, Any]]] = {block: [] for block in configs}
    for (block, until, how, _), own in zip(variants, times, strict=True):
        ratios = [mine / theirs for mine, theirs in zip(own, base, strict=True)]
        phase = Phase(until, how, statistics.median(own), statistics.median(ratios), min(ratios), max(ratios))
        found[block].append(asdict(phase))
    return found


def training_step(config: TrainingConfig, data: ImageData, share: float) -> Callable[[], None]:
    """A function that takes one step, all of it, as the loop does when this share of the training has passed."""
    device = choose_device(config)
    trainee = make_trainee(config, device)
    trainee.network.integrate_as_at(share)
    source, count = ExampleSource(config, data), iter(range(10**9))
    rate = learning_rate(config.training, 0)

    def step() -> None:
        number = next(count)
        with torch.random.fork_rng(devices=[]):
            gradients(config, trainee.network, source.of_step(number), number, device)
        norm = torch.linalg.vector_norm(gradient_norms(trainee.network)[1])
        update(trainee.network, trainee.optimizer, rate, norm, config.training.gradient_clip)
        trainee.average.update(trainee.network)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return step


def in_turn(calls: list[Callable[[], None]], rounds: int) -> list[list[float]]:
    """Seconds of each call in each round: all are called once in a round, after two calls each to warm up.

    Python's garbage collection, which else comes when it likes, comes between rounds.
    """
    repeats = []
    for call in calls:
        call()
        repeats.append(max(1, round(SHORTEST / max(_seconds(call, 1), 1e-6))))
    table = []
    for _ in range(rounds):
        gc.collect()
        gc.disable()
        try:
            table.append([_seconds(call, n) for call, n in zip(calls, repeats, strict=True)])
        finally:
            gc.enable()
    return [list(column) for column in zip(*table, strict=True)]


def _seconds(call: Callable[[], None], repeats: int) -> float:
    """Mean seconds of a call."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def processor() -> str:
    """The processor's name and the number of its cores that are there."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'a processor'}, {os.cpu_count()} cores"
