"""Train a LeNet for the measures: `python -m cellnn.diffusion.measures.train_lenet mnist-5k -o lenet.safetensors`.

The same seed gives the same weights on the same machine with the same number of threads (OMP_NUM_THREADS=1).
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from ...devices.errors import CellnnError, InputError
from ...devices.files import check_writable
from ..data import DATA_SETS, ImageData, load_images
from .classifier import save_classifier
from .lenet import LeNet, outputs


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a picture: degrees, share of its size, pixels, whether it may be mirrored."""

    rotation: float
    scale: float
    shift: float
    mirror: bool


@dataclass(frozen=True)
class Training:
    """Adam with decoupled weight decay, the learning rate warmed up for a tenth and then decayed as a cosine."""

    epochs: int
    augmentation: Augmentation
    batch: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    seed_weights: int = 0
    seed_data: int = 1


_DIGITS, _OBJECTS = Augmentation(15.0, 0.15, 2.5, False), Augmentation(0.0, 0.0, 1.0, True)
TRAININGS = {
    "mnist-5k": Training(100, _DIGITS, weight_decay=1e-2),
    "digits": Training(100, Augmentation(5.0, 0.05, 0.5, False)),
    "mnist": Training(12, _DIGITS),
    "fashion-mnist": Training(25, _OBJECTS),
    "cifar-10": Training(25, _OBJECTS),
}


def train(data: ImageData, training: Training) -> LeNet:
    """A LeNet trained on the pictures."""
    torch.manual_seed(training.seed_weights)
    network = LeNet(data.picture, len(data.classes))
    stream = torch.Generator().manual_seed(training.seed_data)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay, betas=(0.9, 0.99)
    )
    batches = math.ceil(len(data) / training.batch)
    steps = batches * training.epochs
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(data), generator=stream)
        index = order[(step % batches) * training.batch :][: training.batch]
        rate = min(1.0, (step + 1) / (0.1 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimiser.param_groups[0]["lr"] = training.learning_rate * rate
        images = change(data.normalised(index), training.augmentation, stream)
        loss = functional.cross_entropy(network(images), data.labels[index])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        if (step + 1) % batches == 0:
            print(f"epoch {(step + 1) // batches} of {training.epochs}: loss {loss.item():.4f}", file=sys.stderr)
    return network.eval()


def change(images: Tensor, augmentation: Augmentation, stream: torch.Generator) -> Tensor:
    """Each picture (n, channels, rows, columns) turned, scaled, shifted and mirrored at random."""
    n, (rows, columns) = len(images), images.shape[-2:]
    draws = torch.rand(n, 4, generator=stream) * 2 - 1
    angle = draws[:, 0] * math.radians(augmentation.rotation)
    size = 1 + draws[:, 1] * augmentation.scale
    mirror = torch.rand(n, generator=stream).lt(0.5).float() * -2 + 1 if augmentation.mirror else torch.ones(n)
    shift = draws[:, 2:] * augmentation.shift * 2 / torch.tensor([columns, rows])
    cosine, sine = angle.cos() * size, angle.sin() * size
    matrix = torch.stack(
        [torch.stack([cosine * mirror, -sine, shift[:, 0]], 1), torch.stack([sine * mirror, cosine, shift[:, 1]], 1)], 1
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def accuracy(network: LeNet, data: ImageData) -> float:
    """The share of pictures whose class is recognised."""
    _, probabilities = outputs(network, data.normalised())
    return float((probabilities.argmax(1) == data.labels).double().mean())


def main(arguments: list[str] | None = None) -> int:
    """Train, test and write; returns the exit status."""
    parser = argparse.ArgumentParser(prog="train_lenet", description=__doc__)
    parser.add_argument("data", metavar="NAME", help=f"the data set: {', '.join(DATA_SETS)}")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--folder", type=Path, help="where the data set's files lie")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.output.suffix != ".safetensors":
            raise InputError("--output", str(chosen.output), "a file name that ends in .safetensors")
        check_writable(chosen.output)
        data, test = (load_images(chosen.data, split, chosen.folder) for split in ("train", "test"))
        training = TRAININGS[data.name]
        network = train(data, training)
        description = save_classifier(
            chosen.output,
            network,
            {
                "picture": data.picture,
                "classes": data.classes,
                "accuracy": accuracy(network, test),
                "accuracy_count": len(test),
                "data": {"name": data.name, "train": len(data), "files": data.files | test.files},
                "training": asdict(training),
                "versions": {"python": platform.python_version(), "torch": torch.__version__},
            },
        )
    except CellnnError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    print(f"{description.accuracy:.2%} of {description.accuracy_count} test pictures; wrote {chosen.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
