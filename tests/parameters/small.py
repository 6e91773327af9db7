"""Configs small enough to run within a second or two."""

from __future__ import annotations

from typing import Any


def collect_config(**changes: Any) -> dict[str, Any]:
    """A classifier of 8 x 8 digits; some of its parameters, 12 checkpoints."""
    config: dict[str, Any] = {
        "cellnn": 1,
        "name": "small",
        "source": {"classifier": {"channels": [3, 4], "steps": 2, "training": {"epochs": 1}}},
        "data": {"name": "digits", "held_out": 100, "batch": 40},
        "parameters": ["layers.0", "layers.1.gain"],
        "checkpoints": 12,
        "every": 2,
        "settle": 3,
        "save_every": 5,
    }
    return config | changes
