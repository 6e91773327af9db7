"""Binary test pictures: no symmetry, square and not, sparse and dense, touching the edges and not."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SEVEN = """
    ..............
    .##########...
    .##########...
    .......###....
    ......###.....
    .....###..#...
    ....###.......
    ...###........
    ...##.....##..
    ...##....#..#.
    .........#..#.
    ..#.......##..
    ..............
"""
ISLANDS = """
    #...#####..
    ....#...#..
    .##.#.#.#.#
    .##.#...#.#
    ....#####..
    #.........#
    ##..#.#....
    .#...#...##
"""


def drawn(text: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in line] for line in text.split()])


def scattered(rows: int, columns: int, density: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, columns)) < density


def blobs(rows: int, columns: int, seed: int) -> np.ndarray:
    return ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(rows, columns)), 1.2) > 0.03


def smooth(rows: int, columns: int, seed: int) -> np.ndarray:
    """A grey picture, in [-1, 1]."""
    picture = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(rows, columns)), 1.5)
    return picture / np.abs(picture).max()


def framed(picture: np.ndarray) -> np.ndarray:
    """With a frame of white pixels around."""
    return np.pad(picture, 1)


BINARY = {
    "seven": drawn(SEVEN),
    "islands": drawn(ISLANDS),
    "sparse": scattered(9, 16, 0.2, 1),
    "half": scattered(12, 10, 0.5, 2),
    "dense": scattered(8, 15, 0.8, 3),
    "blobs": blobs(14, 11, 4),
    "row": scattered(1, 12, 0.6, 5),
    "white": np.zeros((5, 7), bool),
    "black": np.ones((6, 4), bool),
}
