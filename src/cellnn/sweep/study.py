"""STUDY.yaml: what is to be computed, and what is asked of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ..circuits.spec.fields import Section, quantity, whole
from ..circuits.spec.messages import input_error, on_one_line
from ..circuits.spec.quantity import parse_quantity
from ..circuits.spec.yaml_file import line_of, parse_yaml, read_text, steps_of
from ..devices.errors import MISSING, InputError, did_you_mean
from .axes import CHIPS, SEEDS, RandomAxis, Vary, parse_vary
from .names import MEASURES, OF_CIRCUITS, OF_DEPLOYMENTS
from .places import overlap, steps
from .points import Points, points_of
from .saltelli import check_draws


class LimitSpec(Section):
    """What a measure must keep."""

    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _some(self) -> LimitSpec:
        if self.below is None and self.above is None:
            raise InputError("", {}, "below, above or both: the limits of the measure")
        return self


class SensitivitySpec(Section):
    """How much of a measure's variance comes from what."""

    method: Literal["sobol", "rbd-fast"] = "sobol"
    samples: Annotated[int, whole(2, 1_000_000)] = 64
    """Of Saltelli's base design: there are (factors + 2) times as many points. A power of 2 is best."""
    resamples: Annotated[int, whole(10, 100_000)] = 200
    """Of the bootstrap behind the confidence intervals."""

    @field_validator("samples", mode="after")
    @classmethod
    def _power(cls, samples: int) -> int:
        if samples & (samples - 1):
            near = 1 << samples.bit_length()
            raise InputError("", samples, f"a power of 2, such as {near}", "Sobol points are balanced only then")
        return samples


class DeploymentPart(Section):
    """A trained model on chips: the base is its HARDWARE.yaml."""

    model: str
    hardware: str | dict[str, Any]
    pictures: Annotated[int, whole(1, 100_000)] = 16
    seed: Annotated[int, whole(0, 2**62)] = 0
    steps: Annotated[int, whole(1, 100_000)] | None = None
    sampler: str | None = None
    folder: str | None = None


class StudySpec(Section):
    """The keys of a study."""

    study: Literal[1]
    name: str = ""
    spec: str | dict[str, Any] | None = None
    deployment: DeploymentPart | None = None
    vary: dict[str, Any] = Field(default_factory=dict)
    measures: list[str]
    reduce: list[Literal["mean", "std", "least", "largest", "quantiles", "all"]] = [
        "mean", "std", "least", "largest", "quantiles",
    ]  # fmt: skip
    """What the report says of each measure; `all`: every value. The table has every value anyway."""
    quantiles: list[Annotated[float, quantity("1", 0.0, 1.0)]] = [0.05, 0.5, 0.95]
    specification: dict[str, LimitSpec] = Field(default_factory=dict)
    confidence: Annotated[float, quantity("1", 0.5, 0.9999)] = 0.95
    interval: Literal["clopper-pearson", "wilson"] = "clopper-pearson"
    sensitivity: SensitivitySpec | None = None
    precision: Literal["double", "single"] = "double"
    seed: Annotated[int, whole(0, 2**62)] = 0

    @field_validator("vary", mode="after")
    @classmethod
    def _axes(cls, vary: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for place, data in vary.items():
            if place != CHIPS:
                steps(place)
            try:
                found[place] = _once(parse_vary(place, data))
            except ValidationError as error:
                raise input_error(error).at(place) from None
            except InputError as error:
                raise error.at(place) from None
        _require_apart(found)
        return found

    @field_validator("specification", mode="before")
    @classmethod
    def _limits(cls, given: Any) -> Any:
        """Limits in the units of their measures."""
        if not isinstance(given, dict):
            return given
        return {
            name: _in_unit(name, limits, MEASURES[name].unit) if name in MEASURES else limits
            for name, limits in given.items()
        }

    @model_validator(mode="after")
    def _fits(self) -> StudySpec:
        if (self.spec is None) == (self.deployment is None):
            raise InputError("spec", MISSING, "a spec or a deployment: one of the two")
        known = OF_CIRCUITS if self.spec is not None else OF_DEPLOYMENTS
        for k, name in enumerate(self.measures):
            _known_measure(f"measures[{k}]", name, known)
            if name in self.measures[:k]:
                raise InputError(f"measures[{k}]", name, "each measure once")
        if not self.measures:
            raise InputError("measures", [], f"at least one of {', '.join(known)}")
        for name in self.specification:
            if name not in self.measures:
                hint = did_you_mean(name, self.measures)
                raise InputError("specification", name, f"a measure of this study: {', '.join(self.measures)}", hint)
        self._sensible()
        return self

    def _sensible(self) -> None:
        random = [place for place, how in self.vary.items() if isinstance(how, RandomAxis)]
        if self.sensitivity is None:
            return
        if not random:
            raise InputError("sensitivity", {}, "something random in vary", "add {random: {..}} at some place")
        if self.sensitivity.method == "sobol":
            if self.specification:
                hint = "ask for it in a study of its own, or use sensitivity: {method: rbd-fast}"
                raise InputError("specification", {}, "none beside a Sobol design: its points are no free draws", hint)
            for place in random:
                how = self.vary[place]
                if how.count is not None:
                    raise InputError(f"vary.{place}.random.count", how.count, "none: sensitivity.samples says it")

    @property
    def sobol(self) -> int | None:
        """Base samples of a Sobol design, where there is one."""
        return self.sensitivity.samples if self.sensitivity and self.sensitivity.method == "sobol" else None


@dataclass(frozen=True, eq=False)
class Study:
    """A study as it was read: its keys, and the base its points start from."""

    spec: StudySpec
    text: str
    path: Path
    """Files that values of `vary` name are looked up from its folder."""
    base: Any
    """The circuit spec, or the HARDWARE.yaml, as plain data."""
    base_path: Path
    """The study's own where the base stands in it. Files that the base names are looked up from its folder."""
    base_text: str
    points: Points

    @property
    def deployment(self) -> DeploymentPart | None:
        """The trained model, where the study is one of deployments."""
        return self.spec.deployment

    def at_fault(self, error: InputError) -> InputError:
        """The error, at a place in the study, with its file and line."""
        return _in_file(error, self.text, self.path)

    def base_at_fault(self, error: InputError) -> InputError:
        """The error, at a place in the base, with the file and line where that stands."""
        if self.base_path != self.path:
            return _in_file(error, self.base_text, self.base_path)
        return self.at_fault(error.at("spec" if self.deployment is None else "deployment.hardware"))


def read_study(path: str | os.PathLike[str]) -> Study:
    """Read a STUDY.yaml and its base. Raises InputError that names line, place, value and the way out."""
    path = Path(path)
    text = read_text(path)
    try:
        spec = _checked(parse_yaml(text))
        points = _at("vary", points_of, spec.vary, spec.seed, spec.sobol)
        if spec.sensitivity is not None:
            check_draws(spec.sensitivity.method, points.draws)
    except InputError as error:
        raise _in_file(error, text, path) from None
    where = spec.spec if spec.deployment is None else spec.deployment.hardware
    if isinstance(where, dict):
        return Study(spec, text, path, where, path, text, points)
    base_path = path.parent / str(where)
    base_text = read_text(base_path)
    try:
        base = parse_yaml(base_text)
        if not isinstance(base, dict):
            kind = "a circuit spec" if spec.deployment is None else "a HARDWARE.yaml"
            raise InputError("", base, f"{kind}: a mapping of keys to values")
    except InputError as error:
        raise _in_file(error, base_text, base_path) from None
    return Study(spec, text, path, base, base_path, base_text, points)


def _checked(document: Any) -> StudySpec:
    try:
        return StudySpec.model_validate(document)
    except ValidationError as error:
        raise input_error(error) from None


def _at(place: str, call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except InputError as error:
        raise error.at(place) from None


def _known_measure(place: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        kind = "deployments" if name in OF_DEPLOYMENTS else "circuits"
        hint = f"that is one of {kind}" if name in MEASURES else did_you_mean(name, known)
        raise InputError(place, name, f"one of {', '.join(known)}", hint)


def _once(how: Vary) -> Vary:
    """InputError for a value that stands twice in a list: its points would be the same twice."""
    seen = set()
    for k, value in enumerate(how if isinstance(how, tuple) else ()):
        try:
            name = json.dumps(value, sort_keys=True)
        except TypeError:  # keys of several kinds have no order
            raise InputError(f"list[{k}]", value, "a value whose keys are text") from None
        if name in seen:
            raise InputError(f"list[{k}]", value, "each value once: points that differ")
        seen.add(name)
    return how


def _require_apart(vary: Mapping[str, Vary]) -> None:
    """InputError where one place holds another: which value would stand there, the order of the file would say."""
    places = [(name, place) for name in vary for place in (SEEDS if name == CHIPS else (name,))]
    for (one, a), (other, b) in combinations(places, 2):
        if one != other and overlap(a, b):
            told = f"no {a} beside chips, which vary {b}" if other == CHIPS else f"no place in {one}, or around it"
            raise InputError(other, MISSING, told, "give such values together, in one list")


def _in_unit(name: str, limits: Any, unit: str) -> Any:
    """What a measure must keep, as numbers: quantities of its unit, of which V1 has none."""
    if not isinstance(limits, dict):
        return limits
    found = {}
    for key, value in limits.items():
        try:
            text = isinstance(value, str)
            found[key] = parse_quantity(value, unit if unit in ("V", "s", "J") else "1") if text else value
        except InputError as error:
            raise error.at(f"{name}.{key}") from None
    return found


def _in_file(error: InputError, text: str, path: Path) -> InputError:
    if error.file:
        return error
    line = _line(text, error.place)
    return on_one_line(error, f"{path}, line {line}" if line else str(path))


def _line(text: str, place: str) -> int | None:
    """The line of a place: keys of `vary` have dots themselves, so the longest key that is there is looked for."""
    if not place.startswith("vary."):
        return line_of(text, steps_of(place)) if place else None
    words = place.split(".")[1:]
    for end in range(len(words), 0, -1):
        steps = ("vary", ".".join(words[:end]))
        found = line_of(text, steps)
        if found is not None and found != line_of(text, ("vary",)):
            return line_of(text, (*steps, *words[end:]))
    return line_of(text, ("vary",))
