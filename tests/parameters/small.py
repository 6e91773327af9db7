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
    if "chips" in changes:  # which are fine-tuned as their own section says
        for name in ("every", "settle", "save_every"):
            del config[name]
    return config | changes


def model_config(file: str, **changes: Any) -> dict[str, Any]:
    """A generative model small enough to train within two seconds."""
    config: dict[str, Any] = {
        "cellnn": 1,
        "name": "small",
        "data": {"file": file},
        "latent": {"size": 6, "width": 2, "training": {"steps": 200, "learning_rate": 0.01}},
        "network": {"width": 48, "blocks": 2, "embedding": 16},
        "training": {
            "steps": 1000,
            "batch": 64,
            "warmup": 20,
            "ema": 0.98,
            "checkpoint_every": 1000,
            "evaluate_every": 0,
        },
        "sampling": {"sampler": "ddim", "steps": 25},
    }
    for key, value in changes.items():
        config[key] = {**config[key], **value}
    return config
