"""What `cellnn export` says of a deck it has written."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .output import write_json


def tell(
    output: Path, cells: int, nodes: int, elements: int, json_file: str | None, more: Mapping[str, Any] | None = None
) -> None:
    """How large the deck is, and how to run it; the same as JSON where that is asked for."""
    run = f"ngspice -b -r {shlex.quote(output.stem + '.raw')} {shlex.quote(str(output))}"
    if json_file is not None:
        content = {"written": str(output), "cells": cells, "nodes": nodes, "elements": elements, "run": run}
        write_json({**content, **(more or {})}, json_file)
    if json_file != "-":
        print(f"wrote {output}: {cells} cells, {nodes} nodes, {elements} elements; run it: {run}")
