"""Make noisy-digit.png: digit 139 of mnist-5k with a tenth of its pixels turned to ink or paper at random."""

from pathlib import Path

import numpy as np
from PIL import Image

from cellnn.circuits.sources.datasets import dataset_picture

DIGIT, SHARE, SEED = 139, 0.10, 0


def noisy_copy() -> np.ndarray:
    """Grey values (28, 28), dark ink on light paper."""
    digit = dataset_picture("mnist-5k", DIGIT)[0]
    rng = np.random.default_rng(SEED)
    struck = rng.random(digit.shape) < SHARE
    noisy = np.where(struck, rng.choice([-1.0, 1.0], digit.shape), digit)
    return np.rint((1.0 - noisy) * 127.5).astype(np.uint8)


if __name__ == "__main__":
    target = Path(__file__).with_name("noisy-digit.png")
    Image.fromarray(noisy_copy()).save(target)
    print(target)
