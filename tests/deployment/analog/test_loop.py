"""The loop's clock and its waveforms; a trained model's pictures by it; the comparison and its section."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.deployment.analog import Integrator, Loop, NoiseSource, analog_sample
from cellnn.diffusion.process import Schedule

SCHEDULE = Schedule("cosine")


def counting(x, t, label):
    """Its own t, so that the held answers say when they were asked for."""
    return t.reshape(-1, 1, 1, 1).expand_as(x)


def run(**how):
    return analog_sample(counting, SCHEDULE, "v", (2, 1, 2, 3), Loop(answers=4, latency=1e-6, substeps=2, **how))


def times_of(windows):
    """Diffusion times at the beginning of windows of four, on the ramp in the angle."""
    ramp = Loop(answers=4).gains(SCHEDULE, "v").ramp
    return ramp.t(torch.tensor(windows, dtype=torch.float64) / 4).numpy()


def test_a_loop_that_waits():
    """Network, integrators, network, ..: 2 T in all; every window uses the answer to its own beginning."""
    found = run()
    assert found.asked == 4 and found.duration == pytest.approx(8e-6)
    assert found.held_from == pytest.approx([1e-6, 3e-6, 5e-6, 7e-6])
    assert found.held[:, 0, 0, 0] == pytest.approx(times_of([0, 1, 2, 3]), abs=1e-6)
    assert found.times[-1] == pytest.approx(found.duration)
    assert (np.diff(found.times) > 0).all()
    standing = np.isin(found.times.round(9), [1e-6, 3e-6, 5e-6, 7e-6])
    before = np.flatnonzero(standing) - 1
    assert np.array_equal(found.waveforms[standing], found.waveforms[before])


def test_a_loop_that_does_not_wait():
    """One answer before the ramp starts, then each window uses the answer to the beginning of the one before."""
    found = run(late=True)
    assert found.asked == 3 and found.duration == pytest.approx(5e-6)
    assert found.held_from == pytest.approx([1e-6, 2e-6, 3e-6, 4e-6])
    assert found.held[:, 0, 0, 0] == pytest.approx(times_of([0, 0, 1, 2]), abs=1e-6)
    assert found.times[-1] == pytest.approx(found.duration)


@pytest.mark.parametrize(("late", "reach", "windows"), [(False, 0.5, [0, 1, 2, 3]), (True, 1.5, [0, 0, 1, 2])])
def test_extrapolated_answers_lie_on_a_line_through_two(late, reach, windows):
    found, t = run(late=late, hold="extrapolated"), times_of([0, 1, 2, 3])
    for window, newest in enumerate(windows):
        expected = t[newest] + (reach * (t[newest] - t[newest - 1]) if newest > 0 else 0.0)
        assert found.held[window, 0, 0, 0] == pytest.approx(expected, abs=1e-6)


def test_waveforms_are_volts_that_end_in_the_picture():
    found = run(integrator=Integrator(V1=0.05))
    assert found.waveforms.shape == (len(found.times), 1, 2, 3)
    assert found.waveforms[-1] == pytest.approx(0.05 * found.pictures[0].numpy(), abs=1e-7)
    assert found.ramp[0] == 0.0 and found.ramp[-1] == 1.0


def test_what_a_loop_is_built_of():
    """On the ramp in the angle x has no stage, and R C = T/phi(t = 1)."""
    loop = Loop(answers=50, latency=10e-6, integrator=Integrator(C=20e-12))
    found = loop.described(SCHEDULE, "v")
    assert found["gains"] == pytest.approx({"x": 0.0, "answer": np.pi / 2}, rel=1e-3)
    assert found["resistors"] == pytest.approx({"answer": 500e-6 / 20e-12 / (np.pi / 2)}, rel=1e-3)
    json.dumps(dataclasses.replace(loop, noise=NoiseSource(correlation=1e-7)).described(SCHEDULE, "v"), allow_nan=False)
    eps = Loop(ramp="log-snr").described(SCHEDULE, "eps")["gains"]
    assert max(eps.values()) < 10  # the range of log(alpha/sigma), where 1/alpha alone reaches 20,000


def test_generators_draw_the_seed():
    def pictures(seed):
        generator = torch.Generator().manual_seed(seed)
        return analog_sample(counting, SCHEDULE, "v", (1, 1, 2, 2), Loop(2), generator).pictures

    assert torch.equal(pictures(1), pictures(1)) and not torch.equal(pictures(1), pictures(2))


def test_guidance_asks_with_and_without_the_class():
    def network(x, t, label):
        return label.to(x).reshape(-1, 1, 1, 1).expand_as(x)

    label = torch.tensor([1, 2])
    found = analog_sample(
        network, SCHEDULE, "v", (2, 1, 2, 2), Loop(1), label=label, guidance=3.0, classes=4, dtype=torch.float64
    )
    assert found.held[0, 0, 0, 0] == pytest.approx(4 + 3.0 * (1 - 4))
    with pytest.raises(InputError, match="guidance"):
        analog_sample(network, SCHEDULE, "v", (2, 1, 2, 2), Loop(1), guidance=3.0)
