"""Which pictures come when, and how they are varied."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from cellnn.diffusion.training.batches import Order, Variation
from cellnn.diffusion.training.streams import stream


@pytest.mark.parametrize(("count", "batch"), [(50, 8), (50, 50), (5, 16), (7, 7), (1, 3)])
def test_every_picture_comes_once_in_every_epoch(count, batch):
    order = Order(count, batch, seed=3)
    steps = 3 * count
    drawn = torch.cat([order.of_step(step) for step in range(steps)])
    epochs = [drawn[e * count : (e + 1) * count] for e in range(steps * batch // count)]
    for epoch in epochs:
        assert epoch.sort().values.tolist() == list(range(count))
    if count == 50:
        assert not torch.equal(epochs[0], epochs[1])
        assert not torch.equal(epochs[0], Order(count, count, seed=4).of_step(0))


def test_a_step_asked_for_alone_is_the_same():
    order = Order(40, 16, seed=1)
    drawn = [order.of_step(step) for step in range(9)]
    for step in (7, 0, 3):
        assert torch.equal(Order(40, 16, seed=1).of_step(step), drawn[step])


def test_streams_are_told_apart_by_seed_purpose_and_number():
    drawn = {tuple(torch.rand(4, generator=stream(*key)).tolist())
             for key in [(0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1), (2**63 - 1, "a", 0)]}  # fmt: skip
    assert len(drawn) == 5
    assert torch.equal(torch.rand(4, generator=stream(5, "a", 2)), torch.rand(4, generator=stream(5, "a", 2)))


def test_shifts_are_scipys():
    x = torch.randn(200, 2, 6, 7, generator=stream(0, "x"))
    shifted = Variation(shifts=2).apply(x, stream(0, "shift"))
    found = set()
    for before, after in zip(x.numpy(), shifted.numpy(), strict=True):
        moves = [
            (r, c)
            for r in range(-2, 3)
            for c in range(-2, 3)
            if np.array_equal(ndimage.shift(before, (0, r, c), order=0, mode="nearest"), after)
        ]
        assert len(moves) == 1
        found.add(moves[0])
    assert len(found) == 25  # each is missed with probability 25 (24/25)^200 < 0.01, and the seed is fixed


def test_half_of_the_pictures_are_mirrored():
    x = torch.randn(400, 1, 3, 4, generator=stream(0, "x"))
    flipped = Variation(flips=True).apply(x, stream(0, "flip"))
    mirrored = [torch.equal(after, before.flip(-1)) for before, after in zip(x, flipped, strict=True)]
    same = [torch.equal(after, before) for before, after in zip(x, flipped, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 140 < sum(mirrored) < 260  # 6 standard deviations


def test_nothing_is_varied_unless_asked():
    x = torch.randn(3, 1, 4, 4)
    assert Variation().apply(x, stream(0, "x")) is x
