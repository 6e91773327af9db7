"""`cellnn templates`: the library of published templates, and one of them in full."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

from ..circuits.boundary import Boundary
from .output import JsonOption, write_json


def templates(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A template, such as EDGE.")] = None,
    json_file: JsonOption = None,
) -> None:
    """List the template library, or show one: its numbers, setting and source."""
    from ..circuits.library import read_template, template_names

    content: Any
    if name is None:
        content = {known: read_template(known).summary for known in template_names()}
    else:
        content = _describe(read_template(name))
    if json_file is not None:
        write_json(content, json_file)
    if json_file == "-":
        return
    if name is not None:
        _print_template(content)
        return
    width = max(map(len, content))
    for known, summary in content.items():
        print(f"{known:{width}}  {summary}")
    print("\n`cellnn templates NAME` shows numbers, setting and source.")


def _describe(template: Any) -> dict[str, Any]:
    content = {field.name: getattr(template, field.name) for field in dataclasses.fields(template)}
    content["setting"] = dict(content["setting"])
    return content


def _print_template(content: dict[str, Any]) -> None:
    print(f"{content['name']}: {content['summary']}\n")
    for key in ("A", "B"):
        rows = content[key]
        if not isinstance(rows, (list, tuple)):
            print(f"{key} = {rows or 0:g}")
            continue
        for k, row in enumerate(rows):
            start, end = f"{key} = [" if k == 0 else "     ", " ]" if k == len(rows) - 1 else ""
            print(start, "  ".join(f"{weight:6g}" for weight in row) + end)
    print(f"z = {content['z']:g}\n")
    setting = content["setting"]
    print(f"setting:   input {setting['input']}, initial {setting['initial']}, "
          f"boundary {Boundary.parse(setting['boundary'])}")  # fmt: skip
    print(f"output:    {content['output']}")
    duration = f"{content['duration']:g} RC"
    if content["duration_per_cell"]:
        duration += f", and {content['duration_per_cell']:g} RC for every cell a wave has to travel"
    print(f"duration:  {duration}")
    if content["discrete_time"]:
        print("time:      made for synchronous steps v <- A y + B u + z, not for a continuous-time array")
    if content["notes"]:
        print(f"notes:     {content['notes']}")
    print(f"source:    {content['source']}")
