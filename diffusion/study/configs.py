"""The configs that are compared: one set of three, and the same for other data."""

from __future__ import annotations

from pathlib import Path

from ...devices.errors import InputError
from ..data.sets import find_data_set
from ..training import ConfigText, read_config

BASELINE = "conv"
BLOCKS = (BASELINE, "cellnn", "m-cellnn")
"""In the order they are shown."""
TEMPLATE_DATA = "mnist-5k"
_SHORT = {"mnist-5k": "mnist", "mnist": "mnist-60k", "fashion-mnist": "fashion", "cifar-10": "cifar"}


def short_name(data: str) -> str:
    """How a data set is called in the names of runs and pictures. Raises InputError for one that is not known."""
    return _SHORT.get(find_data_set(data).name, data)


def run_name(data: str, block: str) -> str:
    """`mnist-m-cellnn`: a run's name and its folder's."""
    return f"{short_name(data)}-{block}"


def read_templates(folder: Path) -> dict[str, ConfigText]:
    """train-mnist-BLOCK.yaml of a folder, by block. Raises InputError for one that is missing or of another block."""
    found = {}
    for block in BLOCKS:
        path = folder / f"train-{run_name(TEMPLATE_DATA, block)}.yaml"
        found[block] = read_config(path)
        named = found[block].config.network.block
        if named != block:
            raise InputError("network.block", named, block, file=str(path))
    return found


def config_for(template: ConfigText, data: str, folder: Path | None = None) -> ConfigText:
    """The template's config with other data and the name that follows; `folder` holds the data set's files."""
    name = run_name(data, template.config.network.block)
    if (template.config.name, template.config.data.name) == (name, data) and folder is None:
        return template
    document = template.document
    about_data = {"name": data} | ({} if folder is None else {"folder": str(folder.resolve())})
    return read_config({**document, "name": name, "data": about_data})
