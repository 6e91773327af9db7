"""Training: a config in, a run's folder out; and the trained models that draw samples."""

from .load_run import load_run
from .loop import Outcome, train
from .model import TrainedModel
from .read_config import ConfigText, read_config

__all__ = ["ConfigText", "Outcome", "TrainedModel", "load_run", "read_config", "train"]
