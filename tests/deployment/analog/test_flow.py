"""The loop against the closed-form flow of Gaussian data."""

import numpy as np
import pytest
import torch

from cellnn.diffusion.deployment.analog import Loop, analog_sample, find_ramp
from cellnn.diffusion.process import PREDICTIONS, SampleNoise, Schedule

from .gaussian import flow, gaussian

DOUBLE = torch.float64


def error(loop, schedule, prediction):
    shape = (2, 1, 4, 4)
    run = analog_sample(gaussian(schedule, prediction), schedule, prediction, shape, loop, seed=3, dtype=DOUBLE)
    start = SampleNoise(3, 0, 2, (1, 4, 4), double=True)()
    ramp = find_ramp(loop.ramp, schedule)
    ends = ramp.phi(torch.tensor([0.0, 1.0], dtype=DOUBLE)).tolist()
    return (run.pictures.double() - flow(start, *ends)).abs().max().item()


def slope(loops, schedule, prediction):
    errors = [error(loop, schedule, prediction) for loop in loops]
    return -np.polyfit(np.log([loop.answers for loop in loops]), np.log(errors), 1)[0], errors[-1]


CASES = [("angle", "v"), *(("log-snr", prediction) for prediction in PREDICTIONS), ("time", "v")]


@pytest.mark.parametrize("late", [False, True], ids=["waits", "late"])
@pytest.mark.parametrize(("ramp", "prediction"), CASES)
def test_held_answers_converge_with_order_one(ramp, prediction, late):
    loops = [Loop(answers=n, ramp=ramp, late=late, substeps=2) for n in (100, 200, 400)]
    order, last = slope(loops, Schedule("cosine"), prediction)
    assert abs(order - 1) < 0.15
    assert last < 2e-2


@pytest.mark.parametrize("late", [False, True], ids=["waits", "late"])
@pytest.mark.parametrize(("ramp", "prediction"), CASES[:-1])
def test_extrapolated_answers_converge_with_order_two(ramp, prediction, late):
    """Not on the ramp in time: there dphi/du has no bounded derivative at both ends of the cosine schedule."""
    loops = [Loop(answers=n, ramp=ramp, late=late, hold="extrapolated", substeps=2) for n in (100, 200, 400)]
    order, last = slope(loops, Schedule("cosine"), prediction)
    assert abs(order - 2) < 0.3
    assert last < 2e-3
