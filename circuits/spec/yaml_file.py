"""Reading YAML: safe, without the surprises of YAML 1.1, bounded, and with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ...devices.errors import MISSING, InputError
from ...devices.files import require_plain_file

MAX_BYTES = 64 * 1024 * 1024
MAX_NODES = 20_000_000  # after aliases are followed, so that a few lines cannot expand to gigabytes
MAX_DEPTH = 24
MAX_DIGITS = 400


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2: `1e-6` is a number, `on`, `12:30` and dates are text."""

    yaml_implicit_resolvers = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:  # even `!!int`: PyYAML trips over `!!bool maybe`
            raise yaml.composer.ComposerError(None, None, f"tags are not allowed: {event.tag}", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = getattr(key_node, "value", None)
            if isinstance(key, str) and key_node.tag != "tag:yaml.org,2002:merge" and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$",
     "-+.0123456789"),
    ("merge", r"^<<$", "<"),
):  # fmt: skip
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _decimal(loader: yaml.SafeLoader, node: Any) -> int:
    text = loader.construct_scalar(node)
    if len(text) > MAX_DIGITS:
        raise yaml.constructor.ConstructorError(
            None, None, f"a number of more than {MAX_DIGITS} digits", node.start_mark
        )
    return int(text)  # YAML 1.1 would read 010 as eight


_Loader.add_constructor("tag:yaml.org,2002:int", _decimal)


def parse_yaml(text: str) -> Any:
    """The value of a YAML text. Raises InputError for broken YAML, tags, repeated keys and documents that
    expand beyond all measure."""
    try:
        value = yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(where, MISSING, "valid YAML", problem) from None
    except (ValueError, RecursionError) as error:  # an impossible date or number, nesting without end
        raise InputError("", MISSING, "valid YAML", str(error) or type(error).__name__) from None
    _bound(value)
    return value


def read_text(path: Path) -> str:
    """The text of a UTF-8 file; InputError when there is none."""
    try:
        require_plain_file(path)
        if path.stat().st_size > MAX_BYTES:
            raise InputError(str(path), MISSING, f"a file of at most {MAX_BYTES >> 20} MiB")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(str(path), MISSING, "a UTF-8 text file", f"byte {error.start} is none") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(str(path), MISSING, "a readable file", reason) from None


def line_of(text: str, path: tuple[str | int, ...]) -> int | None:
    """The line (from 1) where the value at this path of keys and indices stands, or its closest parent."""
    try:
        node = yaml.compose(text, _Loader)
    except yaml.YAMLError:
        return None
    line = None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _bound(value: Any) -> None:
    """Refuse what aliases expand beyond all measure. Aliased values are shared, so each is looked at once."""
    measured: dict[int, tuple[int, int]] = {}

    def measure(item: Any) -> tuple[int, int]:
        """(nodes, depth) of the expanded value; one that contains itself meets its own mark, the limits."""
        if not isinstance(item, (dict, list)):
            return 1, 0
        if id(item) not in measured:
            measured[id(item)] = (MAX_NODES, MAX_DEPTH)
            children = [child for pair in item.items() for child in pair] if isinstance(item, dict) else item
            sizes = [measure(child) for child in children]
            measured[id(item)] = 1 + sum(size for size, _ in sizes), 1 + max((depth for _, depth in sizes), default=0)
        return measured[id(item)]

    nodes, depth = measure(value)
    if nodes > MAX_NODES or depth > MAX_DEPTH:
        raise InputError("", MISSING, "a plain document", "aliases or nesting expand it beyond all measure")


def steps_of(place: str) -> tuple[str | int, ...]:
    """("layers", 0, "template") for `layers[0].template`."""
    return tuple(int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)|\[(\d{1,18})\]", place))
