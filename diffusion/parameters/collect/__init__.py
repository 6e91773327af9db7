"""Collecting: a base network is trained, then checkpoints of some of its parameters are kept."""

from .collect import Collected, collect
from .config import CollectConfig, read_collect_config

__all__ = ["CollectConfig", "Collected", "collect", "read_collect_config"]
