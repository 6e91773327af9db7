"""What a run learns to draw: all in which runs of pictures and runs of anything else differ."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from .autoencoder import make_autoencoder
from .model import make_network
from .read_config import ConfigText, read_config
from .start import load_data


@dataclass(frozen=True)
class Subject:
    """Data are like `ImageData`: `len`, `normalised(index)` (n, ...), `labels`, `classes`, `name`, `files`, `picture`.

    Those whose `conditions` (n, ...) are no None tell the network these in place of classes. A config has what
    `TrainingConfig` has, but for the parts that the functions here read; a network has `integrate_as_at`.
    """

    read: Callable[[str | os.PathLike[str]], ConfigText[Any]]
    """From a config's file."""
    load: Callable[[ConfigText[Any]], tuple[Any, Any]]
    """What is learned from, and what is held out."""
    network: Callable[[Any, Any], Any]
    """Of a config and the data."""
    autoencoder: Callable[[Any, Any], nn.Module | None]
    """Likewise; None: the network works on the data themselves."""
    about: Callable[[Any], dict[str, Any]]
    """What is said of the data, beside name and files."""
    keep: Callable[[Any, Path], None] = lambda data, folder: None
    """Writes what a run needs of the data into its folder, before anything is trained."""


PICTURES = Subject(
    read=read_config,
    load=load_data,
    network=lambda config, data: make_network(config),
    autoencoder=lambda config, data: make_autoencoder(config),
    about=lambda data: {},
)
