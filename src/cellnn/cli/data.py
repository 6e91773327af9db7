"""`cellnn data`: the data sets, whether their files are at hand and whole; fetching them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, progress_bar, write_json


def data(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A data set, such as fashion-mnist.")] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="F", help="Where its files lie, or are put by --download.")
    ] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch the files that are missing.")] = False,
    json_file: JsonOption = None,
) -> None:
    """List the data sets, or check the files of one: every file is read."""
    from ..devices.errors import InputError
    from ..devices.files import check_writable
    from ..diffusion.data.sets import find_data_set

    if json_file not in (None, "-"):
        check_writable(json_file)
    if name is None:
        if folder is not None or download:
            raise InputError("NAME", "nothing", "the name of a data set", "`cellnn data` lists them")
        content: Any = _list()
    else:
        data_set = find_data_set(name)
        if download:
            from ..diffusion.data.download import download as fetch

            with progress_bar() as report:
                folder = fetch(name, folder, report)
        content = _check(data_set, folder)
    if json_file is not None:
        write_json(content, json_file)
    if json_file != "-":
        _print(content) if name is not None else _print_list(content)


def _list() -> dict[str, Any]:
    from ..diffusion.data.sets import DATA_SETS

    return {
        name: {
            "about": data_set.about,
            "counts": data_set.counts,
            "shape": data_set.shape,
            "folder": None if (place := data_set.place(None)) is None else str(place),
            "embedded": data_set.embedded,
        }
        for name, data_set in DATA_SETS.items()
    }


def _check(data_set: Any, folder: Path | None) -> dict[str, Any]:
    from ..diffusion.data.sources import CONTENTS

    known = CONTENTS.get(data_set.name, {})
    files: dict[str, Any] = {}
    counts = {}
    for split in data_set.counts:
        pictures = data_set.read(split, folder)
        counts[split] = len(pictures.images)
        files |= {
            name: {"sha256": digest, "published": known[name] == digest if name in known else None}
            for name, digest in pictures.files.items()
        }
    place = data_set.place(folder)
    return {
        "name": data_set.name,
        "about": data_set.about,
        "folder": None if place is None else str(place),
        "counts": counts,
        "shape": data_set.shape,
        "classes": data_set.classes,
        "files": files,
    }


def _print_list(content: dict[str, Any]) -> None:
    width = max(map(len, content))
    for name, entry in content.items():
        where = "at hand" if entry["embedded"] else entry["folder"] or "not found"
        print(f"{name:{width}}  {entry['about']}: {where}")
    print("\n`cellnn data NAME` reads and checks the files of one, `--download` fetches them.")


def _print(content: dict[str, Any]) -> None:
    print(f"{content['name']}: {content['about']}\n")
    if content["folder"] is not None:
        print(f"folder:   {content['folder']}")
    channels, rows, columns = content["shape"]
    counts = ", ".join(f"{count} {split}" for split, count in content["counts"].items())
    print(f"pictures: {counts}; {channels} x {rows} x {columns}")
    print(f"classes:  {', '.join(content['classes'])}\n")
    said = {True: "as published", False: "NOT as published", None: "whole; no published sum to compare with"}
    width = max(map(len, content["files"]))
    for name, entry in content["files"].items():
        print(f"{name:{width}}  {entry['sha256'][:16]}  {said[entry['published']]}")
