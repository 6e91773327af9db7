"""A circuit, loaded and complete: the arrays in sequence, what goes in, and the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..devices.errors import InputError
from .array import Array, CellArray
from .boundary import Boundary
from .hardware import Chip, Hardware
from .library import LibraryTemplate
from .noise import ThermalNoise
from .sources import Source, batch_size, read_source
from .spec.memory import check_memory
from .spec.models import CircuitSpec, RunSpec
from .spec.template_source import nesting
from .template import Template


@dataclass(frozen=True)
class Circuit:
    """What `cellnn.load` returns and `cellnn.simulate` takes.

    `input` is normalised, (channels, rows, columns) in [-1, 1], of a batch (samples, channels, rows, columns); `text`
    is the spec as it was written (JSON, which is YAML too, where it came as data), `hash` that of its content,
    whatever its order and layout.
    """

    name: str
    arrays: tuple[CellArray, ...]
    input: Array
    run: RunSpec
    seeds: dict[str, int]
    notes: tuple[str, ...] = ()
    """What a user may want to know, such as a template run outside its published setting."""
    text: str = ""
    hash: str = ""
    noise: ThermalNoise | None = None
    """The thermal noise of every cell; None for ideal hardware."""
    hardware: Hardware | None = None
    """What made arrays differ in from designed ones: `arrays` are as they were made; converters and the clock are not
    in them."""


def build_circuit(spec: CircuitSpec, folder: Path) -> Circuit:
    """Resolve templates, pictures and starts. Raises InputError for files, shapes and values that do not
    fit, and for a run whose memory need exceeds what the machine has, before anything is allocated."""
    check_memory(spec, batch_size(spec.input, folder))
    size = spec.grid.rows, spec.grid.columns
    cell, seeds = spec.cell.circuit_of_cell(), spec.seed.model_dump()
    hardware = None
    if spec.hardware is not None:
        _placed("hardware", spec.hardware.check_circuit)
        hardware = _placed("hardware", spec.hardware.hardware, cell)
    numbers = [_placed(f"layers[{k}].template", layer.template.numbers, folder) for k, layer in enumerate(spec.layers)]
    planes = _input_planes(spec, numbers[0]["B"], folder)
    arrays: list[CellArray] = []
    for k, layer in enumerate(spec.layers):
        inputs = arrays[-1].channels if arrays else planes.shape[-3]
        template = _placed(
            f"layers[{k}].template", Template.of, **numbers[k], channels=layer.channels, input_channels=inputs
        )
        initial = _start(spec.initial, "initial", -1.0, template, size, folder)
        x0 = None
        if spec.cell.memristor is not None:
            x0 = _start(spec.cell.memristor.x0, "cell.memristor.x0", 0.0, template, size, folder)
        designed = CellArray(layer.name, cell, template, spec.grid.boundary, *size, initial, x0)
        arrays.append(designed if hardware is None else Chip(designed, hardware, seeds).at())
    notes = tuple(_setting_notes(spec))
    return Circuit(spec.name, tuple(arrays), planes, spec.run, seeds, notes, noise=spec.noise, hardware=hardware)


def _placed(place: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """The call's result, its InputErrors placed in the spec."""
    try:
        return call(*arguments, **named)
    except InputError as error:
        raise error.at(place) from None


def _input_planes(spec: CircuitSpec, feedforward: Any, folder: Path) -> Array:
    """The first layer's input; a number fills as many planes as its B takes."""
    planes = len(feedforward[0]) if nesting(feedforward) == 4 else spec.layers[0].channels
    value = _placed("input", read_source, spec.input, folder, low=-1.0, high=1.0, colour=planes == 3, allow_batch=True)
    size = spec.grid.rows, spec.grid.columns
    if isinstance(value, float):
        return np.full((planes, *size), value)
    _check_size(value, "input", size)
    return value


def _start(
    source: Source, place: str, low: float, template: Template, size: tuple[int, int], folder: Path
) -> float | Array | None:
    """A start value: a number, planes that fit the array, or None for the layer's input."""
    channels, inputs = template.A.shape[0], template.B.shape[1]
    value = _placed(place, read_source, source, folder, low=low, high=1.0, colour=channels == 3)
    if isinstance(value, float):
        return value
    if value is None:
        if inputs not in (1, channels):
            raise InputError(place, "input", f"a start of 1 or {channels} channel(s); the input has {inputs}")
        return None
    _check_size(value, place, size)
    if value.shape[0] not in (1, channels):
        raise InputError(place, f"{value.shape[0]} channels", f"1 or {channels} channel(s), as the layer has")
    # the -1 .. 1 of a picture is the 0 .. 1 of a memristor
    return 0.5 * (value + 1.0) if low == 0.0 and source.is_picture else value


def _check_size(value: Array, place: str, size: tuple[int, int]) -> None:
    if value.shape[-2:] != size:
        rows, columns = value.shape[-2:]
        hint = f"resize it, or set grid: {{rows: {rows}, columns: {columns}}}"
        raise InputError(place, f"{rows} x {columns}", f"{size[0]} rows x {size[1]} columns, as the grid has", hint)


def _setting_notes(spec: CircuitSpec) -> list[str]:
    """Notes on library templates that run in another setting than the published one."""
    notes = []
    for layer in spec.layers:
        published = layer.template.published
        if published is not None:
            name = f"layer {layer.name}: {published.name}"
            notes += [f"{name} is published for {text}" for text in _differences(spec, published)]
    return notes


def _differences(spec: CircuitSpec, published: LibraryTemplate) -> Iterator[str]:
    if published.discrete_time:
        yield "synchronous steps, which no continuous-time array takes"
    edge, here = Boundary.parse(published.setting["boundary"]), spec.grid.boundary
    if edge != here:
        yield f"grid.boundary: {edge}; here it is {here}"
    start = published.setting["initial"]
    given = f"{spec.initial.value:g}" if spec.initial.kind == "number" else f"from a {spec.initial.kind}"
    if isinstance(start, str) and spec.initial.kind == "number":
        yield f"initial: the {start}; here it is {given}"
    elif not isinstance(start, str) and (spec.initial.kind != "number" or spec.initial.value != start):
        yield f"initial: {start:g}; here it is {given}"
