"""From a YAML file, or plain data, to a training config."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from ...circuits.spec.messages import input_error, on_one_line
from ...circuits.spec.yaml_file import line_of, parse_yaml, read_text, steps_of
from ...devices.errors import InputError
from .config import TrainingConfig

C = TypeVar("C", bound=BaseModel)


@dataclass(frozen=True)
class ConfigText(Generic[C]):
    """A config with the text it was read from and the folder its files are looked up from."""

    config: C
    text: str
    folder: Path
    file: str = ""
    """Its name as it was given; empty: it was no file."""

    def placed(self, error: InputError) -> InputError:
        """The error, of one of the config's places, with the file and the line it is in; any other as it is."""
        steps = steps_of(error.place)
        if error.file or not self.file or not steps or steps[0] not in type(self.config).model_fields:
            return error
        line = line_of(self.text, steps)
        return on_one_line(error, f"{self.file}, line {line}" if line else self.file)

    @property
    def document(self) -> dict[str, Any]:
        """The text's content: plain keys and values."""
        return parse_yaml(self.text)

    @property
    def data_folder(self) -> Path | None:
        """Where the data set's files are; None: where they usually are. Raises InputError for an unknown user's."""
        named = self.config.data.folder  # type: ignore[attr-defined]  # of configs that have data
        try:
            return None if named is None else self.folder / Path(named).expanduser()
        except RuntimeError as error:
            raise InputError("folder", named, "a folder that can be found", str(error)) from None


def read_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> ConfigText[TrainingConfig]:
    """A training config from a YAML file, or from the same keys and values as a mapping.

    Raises InputError that names the place, the value, what was expected and the likely fix.
    """
    return read_as(source, check_config)


def read_as(source: str | os.PathLike[str] | Mapping[str, Any], check: Callable[[Any], C]) -> ConfigText[C]:
    """As `read_config`, of what `check` makes of the document."""
    if isinstance(source, Mapping):
        try:
            text = json.dumps(dict(source), indent=2, ensure_ascii=False, default=_path)
            return ConfigText(check(parse_yaml(text)), text, Path.cwd())
        except InputError as error:
            raise on_one_line(error) from None
        except (TypeError, ValueError, RecursionError) as error:  # what is no JSON, or holds itself
            raise InputError("", type(source).__name__, "plain keys and values", str(error)) from None
    path = Path(source)
    text = read_text(path)
    try:
        return ConfigText(check(parse_yaml(text)), text, path.parent, str(path))
    except InputError as error:
        line = line_of(text, steps_of(error.place)) if error.place else None
        raise on_one_line(error, f"{path}, line {line}" if line else str(path)) from None


def _path(value: Any) -> str:
    """The text of a path in a mapping. TypeError for what is none, bytes among it."""
    if isinstance(value, os.PathLike) and isinstance(path := os.fspath(value), str):
        return path
    raise TypeError(f"{type(value).__name__} is no plain value")


def check_config(document: Any) -> TrainingConfig:
    """The config of a document; InputError at the place of the first problem."""
    return check_as(document, TrainingConfig)


def check_as(document: Any, model: type[C]) -> C:
    """As `check_config`, of another schema."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise input_error(error) from None
    except UnicodeEncodeError as error:  # pydantic, of half a surrogate pair in a key
        raise InputError("", error.object, "text of valid characters") from None


def first_difference(old: BaseModel, new: BaseModel) -> tuple[str, Any, Any] | None:
    """The first key, in the schema's order, whose values differ: its place, old and new value. None: the same."""
    return _difference("", old.model_dump(), new.model_dump())


def _difference(place: str, old: Any, new: Any) -> tuple[str, Any, Any] | None:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return None if old == new else (place, old, new)
    for key in {**old, **new}:
        found = _difference(f"{place}.{key}" if place else str(key), old.get(key), new.get(key))
        if found:
            return found
    return None
