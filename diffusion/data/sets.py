"""The data sets by name."""

from __future__ import annotations

from ...devices.errors import InputError, did_you_mean
from .cifar import CifarFolder
from .data_set import DataSet
from .embedded import Embedded
from .idx import IdxFolder

_DIGITS = tuple("0123456789")
_CLOTHES = (
    ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat")
    + ("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
)  # fmt: skip
_THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_MNIST_COUNTS = {"train": 60000, "test": 10000}

DATA_SETS: dict[str, DataSet] = {
    data_set.name: data_set
    for data_set in (
        Embedded("mnist-5k", "5,000 digits of MNIST, always at hand", _DIGITS, (1, 28, 28),
                 {"train": 4500, "test": 500}),
        Embedded("digits", "1,797 small handwritten digits (UCI), always at hand", _DIGITS, (1, 8, 8),
                 {"train": 1621, "test": 176}),
        IdxFolder("mnist", "handwritten digits (LeCun, Cortes, Burges)", _DIGITS, (1, 28, 28), _MNIST_COUNTS,
                  ("MNIST/raw", "raw")),
        IdxFolder("fashion-mnist", "clothes (Xiao, Rasul, Vollgraf 2017)", _CLOTHES, (1, 28, 28), _MNIST_COUNTS,
                  ("FashionMNIST/raw", "raw")),
        CifarFolder("cifar-10", "things and animals in colour (Krizhevsky 2009), binary version", _THINGS, (3, 32, 32),
                    {"train": 50000, "test": 10000}),
    )
}  # fmt: skip
"""Every data set `load_images` knows. To add one: README.md in this folder."""


def find_data_set(name: str) -> DataSet:
    """The data set of this name. Raises InputError for another name."""
    if name not in DATA_SETS:
        raise InputError("name", name, "the name of a data set", did_you_mean(name, DATA_SETS))
    return DATA_SETS[name]
