"""The memristors by name: those of this folder, and those a user registers."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import InputError, did_you_mean
from .linear_ion_drift import LinearIonDrift, LinearIonDriftBiolek, LinearIonDriftJoglekar
from .memristor import Memristor
from .mladenov_a9 import MladenovA9
from .parameter import parameters_of, require_known
from .strachan_taox import StrachanTaOx
from .threshold import Threshold
from .vteam import Vteam
from .yakopcic import Yakopcic

Model = TypeVar("Model", bound=type[Memristor])

_MODELS: dict[str, type[Memristor]] = {}


def register(cls: Model) -> Model:
    """Make a memristor class known by its `name`; also works as a decorator.

    Raises InputError for a class that is no finished memristor, for a bad name and for a name already taken.
    """
    place = getattr(cls, "__qualname__", "class")
    if not (isinstance(cls, type) and issubclass(cls, Memristor)):
        raise InputError(place, cls, "a class derived from Memristor")
    if inspect.isabstract(cls):
        raise InputError(place, cls, f"the methods {', '.join(sorted(cls.__abstractmethods__))}")
    if "__dataclass_params__" not in vars(cls):
        raise InputError(place, cls, "a frozen dataclass", "put @dataclass(frozen=True) above the class")
    for attribute in ("name", "title", "paper"):
        if not isinstance(getattr(cls, attribute, None), str):
            raise InputError(place, getattr(cls, attribute, None), f"the class attribute {attribute}, a text")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cls.name) or cls.name == "custom":
        raise InputError(
            f"{place}.name", cls.name, "small letters, digits and single hyphens, a letter first, not `custom`"
        )
    if cls.name in _MODELS:
        raise InputError(f"{place}.name", cls.name, "a name not taken yet", f"it is {_MODELS[cls.name].__qualname__}")
    odd = [f.name for f in dataclasses.fields(cls) if "parameter" not in f.metadata or f.name == "set"]
    if odd:
        raise InputError(f"{place}.{odd[0]}", odd[0], "fields made by parameter(...), none of them called `set`")
    for chosen in cls.parameter_sets.values():
        require_known(chosen, parameters_of(cls), f"parameter of {cls.name}")
    _MODELS[cls.name] = cls
    return cls


for _model in (
    StrachanTaOx,
    MladenovA9,
    Vteam,
    Threshold,
    Yakopcic,
    LinearIonDrift,
    LinearIonDriftJoglekar,
    LinearIonDriftBiolek,
):
    register(_model)


def memristor_names() -> list[str]:
    """The names of all memristor models, sorted."""
    return sorted(_MODELS)


def memristor_class(name: str) -> type[Memristor]:
    """The memristor class of this name."""
    try:
        return _MODELS[name]
    except (KeyError, TypeError):
        raise InputError("model", name, "the name of a memristor model", did_you_mean(str(name), _MODELS)) from None


def make_memristor(name: str, parameters: Mapping[str, Any] | str | None = None) -> Memristor:
    """A memristor by its model's name and parameters.

    The parameters are values by name, with `set` perhaps naming one of the published parameter sets, which the
    others then override; or they are the name of a set alone.
    """
    model = memristor_class(name)
    given = {} if parameters is None else {"set": parameters} if isinstance(parameters, str) else parameters
    if not isinstance(given, Mapping):
        raise InputError("parameters", given, "values by name, or the name of a parameter set")
    chosen: Mapping[str, float] = {}
    if "set" in given:
        sets = model.parameter_sets
        if not isinstance(given["set"], str) or given["set"] not in sets:
            known = did_you_mean(given["set"], sets) if sets else f"{name} has no published sets"
            raise InputError("parameters.set", given["set"], f"a parameter set of {name}", known)
        chosen = sets[given["set"]]
    own = {key: value for key, value in given.items() if key != "set"}
    try:
        require_known(own, parameters_of(model), f"parameter of {name}")
        return model(**{**chosen, **own})
    except InputError as error:
        raise error.at("parameters") from None
