"""Training: a config in, the folder of a model out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ....devices.files import replacing
from ...training.loop import Outcome, train
from ...training.read_config import ConfigText
from .config import ParametersConfig
from .subject import PARAMETERS

COLLECTED = "collected.safetensors"
"""The parameters a model was learned from, beside it: what it draws is used and measured with them."""


def train_parameters(source: ConfigText[ParametersConfig], folder: str | os.PathLike[str], **options: Any) -> Outcome:
    """Train the model of a config in a run's folder, by the loop and with the options of `training.train`.

    Raises InputError before anything is trained, and TrainingError when a run fails.
    """
    outcome = train(source, folder, subject=PARAMETERS, **options)
    collected = source.folder / Path(source.config.data.file).expanduser()
    with replacing(Path(folder) / COLLECTED) as temporary:
        temporary.write_bytes(collected.read_bytes())
    return outcome
