"""Points that are circuits: specs loaded once, chips drawn from them, runs shared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..circuits.circuit import Circuit, build_circuit
from ..circuits.spec.memory import memory_need
from ..circuits.spec.messages import input_error
from ..circuits.spec.models import CircuitSpec, SeedSpec
from ..devices.errors import InputError, SimulationError
from .axes import SEEDS
from .batch import run_all
from .files import unpacked
from .measures import measured
from .names import MEASURES
from .places import put
from .ran import Ran
from .work import Work

SHARED = 24 * 2**20
"""Bytes of weights and states of all chips of one run: beyond what caches hold, more chips gain nothing."""
LEAST = 4
"""Chips of one run where memory has room for them: from two on, a run costs a fifth less (8 channels, 28 x 28)."""
MOST = 64
"""Chips of one run, at most."""


class CircuitRunner:
    """Runs points of one work in this process. Raises InputError for a point that is no valid circuit."""

    def __init__(self, work: Work) -> None:
        self._work, self._folder = work, unpacked(work.files)
        self._specs: tuple[str, CircuitSpec | None] = "", None
        self._ideals: tuple[str, Ran | None] = "", None
        self._needs_ideal = any(MEASURES[name].ideal for name in work.measures)

    def run(self, points: Sequence[Mapping[str, Any]]) -> list[list[float] | SimulationError]:
        """The measures of each point, or how its run failed."""
        circuits = [self.circuit(values) for values in points]
        found: list[list[float] | SimulationError] = []
        for values, ran in zip(points, run_all(circuits, self._work.precision), strict=True):  # type: ignore[arg-type]
            if isinstance(ran, Ran):
                ideal = self._ideal(values) if self._needs_ideal else None
                found.append(ideal if isinstance(ideal, SimulationError) else measured(self._work.measures, ran, ideal))
            else:
                found.append(ran)
        return found

    def circuit(self, values: Mapping[str, Any]) -> Circuit:
        """The circuit of a point. Raises InputError."""
        return build_circuit(self.spec(values), self._folder)

    def spec(self, values: Mapping[str, Any]) -> CircuitSpec:
        """Its spec; chips of the same spec share all but their seeds."""
        rest = {place: value for place, value in values.items() if place not in SEEDS}
        name = json.dumps(rest, sort_keys=True)
        if self._specs[0] != name or self._specs[1] is None:
            self._specs = name, checked(put(self._work.document, rest))
        spec = self._specs[1]
        assert spec is not None
        seeds = {place.removeprefix("seed."): value for place, value in values.items() if place in SEEDS}
        if not seeds:
            return spec
        try:
            made = SeedSpec.model_validate(spec.seed.model_dump() | seeds)
        except ValidationError as error:
            raise input_error(error).at("seed") from None
        return spec.model_copy(update={"seed": made})

    def _ideal(self, values: Mapping[str, Any]) -> Ran | SimulationError:
        """The run of the designed circuit, kept for the next point."""
        designed = {place: value for place, value in values.items() if place.split(".")[0] not in ("hardware", "seed")}
        name = json.dumps(designed, sort_keys=True)
        if self._ideals[0] != name or self._ideals[1] is None:
            document = put({key: value for key, value in self._work.document.items() if key != "hardware"}, designed)
            ran = run_all([build_circuit(checked(document), self._folder)], self._work.precision)[0]  # type: ignore[arg-type]
            if isinstance(ran, SimulationError):
                return SimulationError(f"the ideal circuit: {ran}")
            self._ideals = name, ran
        assert self._ideals[1] is not None
        return self._ideals[1]


def checked(document: Any) -> CircuitSpec:
    """The spec of a document. Raises InputError that names the place in it."""
    try:
        return CircuitSpec.model_validate(document)
    except ValidationError as error:
        raise input_error(error) from None


def chip_bytes(spec: CircuitSpec) -> float:
    """Bytes that one more chip in a run takes."""
    need = memory_need(spec)
    return sum(bytes for place, bytes in need.items() if place != "program")


def batch_size(spec: CircuitSpec, memory: float) -> int:
    """Chips of one run, where a worker may use so many bytes for them. Raises InputError where not even one fits."""
    one = chip_bytes(spec)
    if one > memory:
        told = f"a worker with {one / 2**30:.3g} GiB for one circuit"
        raise InputError("", f"{memory / 2**30:.3g} GiB a worker", told, "fewer workers, or a smaller run.save or grid")
    return int(max(1, min(MOST, max(LEAST, SHARED // one), memory // one)))
