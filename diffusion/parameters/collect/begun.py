"""What of a collection is there already: nothing, a part, or all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....devices.errors import InputError
from ..vectors import Collection, read_collection

OTHER = "what is there has another config: go on with that one, or choose another name"


def partial_of(output: Path) -> Path:
    """The file beside the output that keeps what is done so far."""
    return output.with_name(output.name + ".partial")


def check_begun(output: Path, document: dict[str, Any], go_on: bool) -> Collection | None:
    """The whole collection where there is one to go on with; None where there is something to do.

    Raises InputError where a new one would overwrite what is there, where there is nothing to go on with, and where
    what is there has another config.
    """
    partial = partial_of(output)
    for path in (output, partial):
        if path.exists() and not go_on:
            hint = "--resume goes on with it; or choose another name, or remove it"
            raise InputError("", str(path), "a name that is free", hint)
    if output.exists():
        collection, _ = read_collection(output)
        check_config(collection.about.get("config"), document, output)
        partial.unlink(missing_ok=True)  # of a process killed after its last step
        return collection
    if go_on and not partial.exists():
        raise InputError("", str(output), "a collection to resume", "without --resume a new one begins")
    return None


def check_config(there: Any, document: dict[str, Any], path: Path) -> None:
    """InputError unless the config of what is there is this one."""
    if there != document:
        raise InputError("", path.name, "a collection of this config", OTHER, str(path))
