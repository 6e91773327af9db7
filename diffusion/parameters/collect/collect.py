"""The two stages of a collection."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn, optim

from ....devices.errors import InputError
from ...training.failures import TrainingError
from ...training.provenance import commit, machine, versions
from ...training.read_config import ConfigText
from ..chips.collect import ChipSeries
from ..sources import Source, open_source
from ..sources.classify import Classification
from ..vectors import Collection, Layout
from .config import CollectConfig
from .of_chips import collect_chips
from .state import State

Watch = Callable[[int, int, float], None]
"""Called after every step with the steps done, all steps, and the loss."""


@dataclass(frozen=True)
class Collected:
    """How a collection ended: with all checkpoints (`collection`), or interrupted (None), after so many steps."""

    collection: Collection | None
    step: int
    steps: int


def collect(
    source: ConfigText[CollectConfig],
    output: Path,
    *,
    go_on: bool = False,
    watch: Watch = lambda step, steps, loss: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Collected:
    """Train the source's network, then keep checkpoints of the chosen parameters in the file `output`.

    First all parameters are trained, as the source says (a model that comes trained skips this). Then all but the
    chosen ones are frozen and these are trained on at a constant learning rate, without weight decay; after `settle`
    steps a checkpoint is kept every `every` steps (Wang et al., arXiv 2402.13144, section 3.1). What is done so far is
    kept beside the output every `save_every` steps; with `go_on` a collection goes on from there, to the same bits.

    Raises InputError before anything is trained, and TrainingError when numbers stop being finite.
    """
    config = source.config
    opened = _open(source)
    network = opened.network
    layout = Layout.chosen(network, config.parameters)
    state = State(network, layout, output, source.document)
    held: dict[int, dict[str, Tensor]] = {}
    if not go_on and state.partial.exists():
        hint = "--resume goes on with what was begun; or remove it"
        raise InputError("", str(state.partial), "no collection begun under this name", hint)
    if config.chips is not None:
        return _collect_chips(source, opened, layout, output, state.partial, watch, interrupted)
    if go_on and state.partial.exists():
        held = state.read()
    base = opened.base_steps
    steps = base + config.settle + config.every * config.checkpoints
    while state.step < steps:
        if interrupted():
            state.save()
            return Collected(None, state.step, steps)
        if state.optimizer is None or state.step == base:
            state.optimizer = _optimizer(config, opened, layout, state.step < base)
            if held and state.step != base:  # at the turn the second stage's optimizer begins anew
                _restore(state.optimizer, held)
            held = {}
        loss = _step(config, opened, state)
        done = state.step - base - config.settle
        if done > 0 and done % config.every == 0:
            state.collected.append(layout.of(network))
        if state.step % config.save_every == 0 and state.step != steps and state.step != base:
            state.save()
        watch(state.step, steps, loss)
    collection = Collection(layout, torch.stack(state.collected), rest_of(opened), _about(source, opened))
    collection.write(output)
    state.partial.unlink(missing_ok=True)
    return Collected(collection, state.step, steps)


def _collect_chips(
    source: ConfigText[CollectConfig],
    opened: Source,
    layout: Layout,
    output: Path,
    partial: Path,
    watch: Watch,
    interrupted: Callable[[], bool],
) -> Collected:
    """As `collect`, with a set of parameters for each simulated chip in place of checkpoints."""
    config = source.config
    assert config.chips is not None
    opened.network.eval().requires_grad_(False)
    series = ChipSeries(config.chips, opened, layout)
    found = collect_chips(series, config.checkpoints, partial, source.document, watch, interrupted)
    if found is None:
        return Collected(None, 0, config.checkpoints)
    collection = Collection(layout, found[0], rest_of(opened), _about(source, opened), found[1])
    collection.write(output)
    partial.unlink(missing_ok=True)
    return Collected(collection, config.checkpoints, config.checkpoints)


def _open(source: ConfigText[CollectConfig]) -> Source:
    config = source.config
    seeds = config.seed.weights, config.seed.data
    try:
        return open_source(config.source, config.data, source.data_folder, seeds, source.folder)
    except InputError as error:
        known = error.file or error.place.startswith(("data", "source"))
        raise error if known else error.at("data") from None


def _optimizer(config: CollectConfig, source: Source, layout: Layout, base: bool) -> optim.Optimizer:
    """AdamW over all parameters in the first stage, over the chosen ones in the second; the others are frozen."""
    chosen: list[nn.Parameter] = []
    for name, parameter in source.network.named_parameters():
        parameter.requires_grad_(base or name in layout.shapes)
        if parameter.requires_grad:
            chosen.append(parameter)
    decay = config.source.classifier.training.weight_decay if base and config.source.classifier else 0.0
    return optim.AdamW(chosen, lr=config.learning_rate, weight_decay=decay)


def _restore(optimizer: optim.Optimizer, held: dict[int, dict[str, Tensor]]) -> None:
    whole = optimizer.state_dict()
    optimizer.load_state_dict({**whole, "state": held})


def _step(config: CollectConfig, source: Source, state: State) -> float:
    optimizer = state.optimizer
    assert optimizer is not None
    first = state.step < source.base_steps
    for group in optimizer.param_groups:
        group["lr"] = source.base_rate(state.step) if first else config.learning_rate
    optimizer.zero_grad(set_to_none=True)
    loss = source.loss(state.step)
    loss.backward()  # type: ignore[no-untyped-call]
    value = float(loss.detach())
    if not math.isfinite(value):
        rate = "source.classifier.training.learning_rate" if first else "learning_rate"
        raise TrainingError(f"step {state.step + 1}: the loss is not finite any more; try a lower {rate}")
    optimizer.step()
    state.step += 1
    return value


def rest_of(source: Source) -> dict[str, Tensor]:
    """The whole network of now where it comes from a collection; of a model that is elsewhere nothing."""
    if not isinstance(source, Classification):
        return {}
    return {name: value.detach().clone() for name, value in source.network.state_dict().items()}


def _about(source: ConfigText[CollectConfig], opened: Source) -> dict[str, Any]:
    return {
        "cellnn": 1,
        "name": source.config.name,
        "config": source.document,
        "measure": opened.measure,
        "source": opened.about(),
        "seeds": source.config.seed.model_dump(),
        "versions": versions(),
        "commit": commit(),
        "machine": machine(torch.device("cpu")),
    }
