"""What is at fault in a study is told before anything runs: in its base, or in a value of what varies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..devices.errors import InputError
from .axes import Numbers
from .engine import renamed_values
from .names import MEASURES
from .places import overlap
from .study import Study
from .work import Work

Tried = Callable[[Mapping[str, Any]], object]


def check(study: Study, work: Work, names: Mapping[str, str]) -> Callable[[float], int]:
    """InputError for a base or a value that is at fault; the points of one run, by the bytes a worker has for them."""
    if work.kind == "deployment":
        from .deployments import check

        check(study, work, names)
        return lambda memory: 1
    from .circuits import CircuitRunner, batch_size

    runner = CircuitRunner(work)
    try_values(study, names, runner.spec)
    first = renamed_values(study.points.at(0), dict(names))
    try:
        spec, circuit = runner.spec(first), runner.circuit(first)
    except InputError as error:
        raise _blamed(study, study.points.at(0), error) from None
    _check_engine(study, work, circuit)
    for name in work.measures:
        if MEASURES[name].settles and spec.run.settle is None:
            told = "run.settle in the base, which says what rest is"
            raise study.at_fault(InputError("measures", name, told, "run: {settle: 0.01}"))
    return lambda memory: batch_size(spec, memory)


def try_values(study: Study, names: Mapping[str, str], tried: Tried) -> None:
    """InputError where `tried` raises one: for a value that is at fault, at its place in `vary`, else for the base.

    The first point is tried, then every value with the first of all others; of a grid, of what is random and of chips
    the least and the most.
    """
    first = study.points.at(0)
    try:
        tried(renamed_values(first, dict(names)))
    except InputError as error:
        raise _blamed(study, first, error) from None
    for axis in study.points.axes:
        for place, values in axis.places.items():
            for value in _telling(study, place, values):
                try:
                    tried(renamed_values(first | {place: value}, dict(names)))
                except InputError as error:
                    raise _of_value(study, place, value, error) from None


def _telling(study: Study, place: str, values: Sequence[Any]) -> Sequence[Any]:
    how = study.spec.vary.get(place)
    if isinstance(how, Numbers):
        return [*how.in_unit(values[0]), min(values), max(values)]
    if isinstance(values, range):
        return [min(values), max(values)]
    return values


def _blamed(study: Study, values: Mapping[str, Any], error: InputError) -> InputError:
    """The error of a value where it is about what that is in, or holds; else it is the base's."""
    for place, value in values.items():
        if error.place and overlap(place, error.place):
            return _of_value(study, place, value, error)
    return study.base_at_fault(error)


def _of_value(study: Study, place: str, value: Any, error: InputError) -> InputError:
    told = error.expected if error.place in (place, "") else f"{error.place}: {error.expected}"
    return study.at_fault(InputError(f"vary.{place}", value, told, error.hint))


def _check_engine(study: Study, work: Work, circuit: Any) -> None:
    """InputError for a precision or a method that no engine has for such a circuit."""
    from ..simulator.batched.integrate import explicit_method
    from ..simulator.engines import check_noisy

    if circuit.noise is not None:
        try:
            check_noisy("cpu", work.precision, circuit.run)
        except InputError as error:
            raise (study.at_fault if error.place == "precision" else study.base_at_fault)(error) from None
    elif any(array.own is not None for array in circuit.arrays):
        try:
            explicit_method(circuit.run)
        except InputError as error:
            raise study.base_at_fault(error) from None
