"""The benchmark's rival solves the layer's equations: outputs and gradients, written by other hands, are the same."""

import pytest
import torch

from benchmarks.layers.run import METHODS, case


@pytest.mark.parametrize("memristive", [False, True], ids=["plain", "taox"])
@pytest.mark.parametrize("method, rival, steps", METHODS)
def test_outputs_and_gradients(method, rival, steps, memristive):
    one = case(3, 6, memristive, method, rival, steps, batch=2)
    expected = one.theirs()
    by_feed, by_A = one.feed.grad, one.dynamics.A.grad
    for from_zero in (True, False):
        assert (one.ours(from_zero) - expected).abs().max() < 1e-5
        assert (one.feed.grad - by_feed).abs().max() < 1e-5 * by_feed.abs().max()
        assert (one.dynamics.A.grad - by_A).abs().max() < 1e-5 * by_A.abs().max()
    assert torch.isfinite(expected).all() and expected.abs().max() > 0.3
