"""Training: a config in, the folder of a model out."""

from __future__ import annotations

import os
from typing import Any

from ....devices.errors import InputError
from ...training.loop import Outcome, train
from ...training.read_config import ConfigText
from .config import ParametersConfig
from .subject import PARAMETERS


def train_parameters(source: ConfigText[ParametersConfig], folder: str | os.PathLike[str], **options: Any) -> Outcome:
    """Train the model of a config in a run's folder, by the loop and with the options of `training.train`.

    The folder gets the collected parameters before anything is trained: they belong to the model. Raises InputError
    before that, and TrainingError when a run fails.
    """
    try:
        return train(source, folder, subject=PARAMETERS, **options)
    except InputError as error:
        raise source.placed(error) from None
