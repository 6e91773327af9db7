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
from .begun import check_begun, partial_of
from .config import CollectConfig
from .of_chips import Watch, collect_chips
from .state import State


@dataclass(frozen=True)
class Collected:
    """How a collection ended: with all checkpoints (`collection`), or interrupted (None), after so many steps - of
    chips: after so many chips. Both numbers are 0 where it was whole before."""

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
    kept beside the output every `save_every` steps; with `go_on` a collection goes on from there, to the same bits, and
    one that is whole stays as it is. With `chips` there is a set of parameters for each simulated chip instead.

    Raises InputError before anything is trained, and TrainingError when numbers stop being finite.
    """
    config = source.config
    whole = check_begun(output, source.document, go_on)
    if whole is not None:
        return Collected(whole, 0, 0)
    conditions: list[Tensor] = []
    try:
        opened = _open(source)
        layout = Layout.chosen(opened.network, config.parameters)
        series = None if config.chips is None else ChipSeries(config.chips, opened, layout)
    except InputError as error:
        raise source.placed(error) from None
    if series is not None:
        kept, steps = partial_of(output), config.checkpoints
        vectors, conditions = collect_chips(series, steps, kept, source.document, watch, interrupted)
        done = sum(map(len, vectors))
    else:
        vectors, done, steps = _checkpoints(source, opened, layout, output, watch, interrupted)
    if done < steps:
        return Collected(None, done, steps)
    told = torch.cat(conditions) if conditions else None
    collection = Collection(layout, torch.cat(vectors), rest_of(opened), _about(source, opened), told)
    collection.write(output)
    partial_of(output).unlink(missing_ok=True)
    return Collected(collection, done, steps)


def _open(source: ConfigText[CollectConfig]) -> Source:
    """The config's source; with chips its network stays as it is."""
    config = source.config
    try:
        folder = source.data_folder
    except InputError as error:
        raise error.at("data") from None
    seeds = config.seed.weights, config.seed.data
    opened = open_source(config.source, config.data, folder, seeds, source.folder)
    if config.chips is not None:
        opened.network.eval().requires_grad_(False)
    return opened


def _checkpoints(
    source: ConfigText[CollectConfig],
    opened: Source,
    layout: Layout,
    output: Path,
    watch: Watch,
    interrupted: Callable[[], bool],
) -> tuple[list[Tensor], int, int]:
    """The checkpoints (1, size) each, the steps that are done and all steps: fewer when `interrupted` said so."""
    config = source.config
    state = State(opened.network, layout, output, source.document)
    held = state.read() if state.partial.exists() else {}
    base = opened.base_steps
    steps = base + config.settle + config.every * config.checkpoints
    while state.step < steps:
        if interrupted():
            state.save()
            break
        if state.optimizer is None or state.step == base:
            state.optimizer = _optimizer(config, opened, layout, state.step < base)
            if held and state.step != base:  # at the turn the second stage's optimizer begins anew
                _restore(state.optimizer, held)
            held = {}
        loss = _step(config, opened, state)
        done = state.step - base - config.settle
        if done > 0 and done % config.every == 0:
            state.collected.append(layout.of(opened.network))
        if state.step % config.save_every == 0 and state.step != steps and state.step != base:
            state.save()
        watch(state.step, steps, loss)
    return [vector[None] for vector in state.collected], state.step, steps


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
