"""Reports whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from cellnn.diffusion.parameters.evaluate.evaluate import compared


def made_up(count: int, new: int) -> dict[str, Any]:
    """Of `count` originals, `new` generated ones, far from all of them, and as many copies with a little noise: random
    numbers of variance 1, each of which decides one picture."""
    rng = np.random.default_rng(0)
    originals = rng.normal(size=(count, 400))
    groups = {"original": originals, "generated": rng.normal(size=(new, 400))}
    groups["noise 0.1"] = originals[rng.integers(0, count, new)] + 0.1 * rng.normal(size=(new, 400))
    scores = {name: (values < 1.0).astype(float) for name, values in groups.items()}
    vectors = {name: torch.from_numpy(values) for name, values in groups.items()}
    return compared(scores, vectors, torch.ones(400), "accuracy", 0)
