"""sample(): streams, batches, guidance, clipping, paths, and what it refuses."""

import math

import numpy as np
import pytest
import torch

from cellnn.devices import InputError
from cellnn.diffusion.process import (
    GRIDS,
    SAMPLERS,
    SamplingError,
    Schedule,
    convert,
    drop_labels,
    guided,
    noise_of,
    points_of,
    sample,
    time_grid,
)

from .gaussian import MEAN, SPREAD, gaussian_denoiser, gaussian_flow

SCHEDULE = Schedule()
SHAPE = (6, 2, 3, 4)


class Network(torch.nn.Module):
    """A fixed function of picture, time and class; `asked` counts the samples it was given."""

    classes = 3

    def __init__(self):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor([0.1, 0.3, -0.2, 0.05]))
        self.asked, self.calls = 0, 0

    def forward(self, x, t, label=None):
        self.asked, self.calls = self.asked + len(x), self.calls + 1
        gain = self.gain[torch.full_like(t, 3, dtype=torch.int64) if label is None else label]
        return torch.tanh(x) * (gain + t)[:, None, None, None]


LABEL = torch.tensor([0, 1, 2, 0, 1, 2])
FIXED = [name for name, sampler in SAMPLERS.items() if sampler.evaluations is not None]
"""Those whose steps do not depend on what they find; of the others test_probability_flow.py."""


@pytest.mark.parametrize("name", FIXED)
def test_sample_k_of_a_seed_is_the_same_in_any_batch(name):
    network = Network()

    def draw(n, first=0, **more):
        label = LABEL[first : first + n]
        shape = (n, *SHAPE[1:])
        return sample(network, SCHEDULE, "v", shape, sampler=name, steps=5, seed=8, first=first, label=label, **more)

    whole = draw(6)
    assert whole.dtype == torch.float32 and whole.shape == SHAPE and not whole.requires_grad
    assert torch.equal(draw(6), whole)
    assert torch.equal(draw(6, batch=4), whole)
    assert torch.equal(draw(2), whole[:2])
    assert torch.equal(draw(2, first=3), whole[3:5])
    assert len({tuple(one.flatten().tolist()) for one in whole}) == 6


def test_streams_are_normal_and_differ_by_seed_and_index():
    noise = torch.stack([noise_of(3, k, (1, 28, 28)) for k in range(200)])
    assert torch.equal(noise[7], noise_of(3, 7, (1, 28, 28))) and not torch.equal(noise[7], noise_of(4, 7, (1, 28, 28)))
    n = noise.numel()
    assert abs(noise.mean().item()) < 4.5 / math.sqrt(n) and abs(noise.var().item() - 1) < 4.5 * math.sqrt(2 / n)
    flat = noise.flatten(1).numpy().astype(np.float64)
    correlation = np.corrcoef(np.vstack([flat, [noise_of(4, k, (1, 28, 28)).flatten().numpy() for k in range(200)]]))
    off = correlation[np.triu_indices(400, 1)]
    assert np.abs(off).max() < 5.5 / math.sqrt(784)  # of 79,800 pairs
    stream = np.random.Generator(np.random.Philox(key=[3, 7]))  # the numbers of a seed are part of the interface
    assert np.array_equal(noise[7].numpy(), stream.standard_normal((1, 28, 28), dtype=np.float32))
    far = noise_of(3, 2**32 + 7, (1, 28, 28))  # beyond the 32 bits of a torch.Generator's seed
    assert not torch.equal(far, noise[7])
    for bad in (-1, 2**63, 1.0, True):
        with pytest.raises(InputError, match="whole number from 0"):
            noise_of(bad, 0, (1,))


def test_a_generator_gives_the_seed():
    network = Network()
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 1, 2)]
    draws = [sample(network, SCHEDULE, "v", SHAPE, steps=3, generator=one) for one in generators]
    assert torch.equal(draws[0], draws[1]) and not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("prediction", ["eps", "x0", "v"])
@pytest.mark.parametrize("name", ["ddim", "dpm-solver++", "heun"])
def test_gaussian_data_come_back_through_every_prediction(name, prediction):
    """From t = 1 to 0 in one call, against the closed-form flow; 400 steps, double precision."""
    exact = gaussian_denoiser(SCHEDULE)

    def denoise(x, t, label):
        return convert(exact(x, t), "x0", prediction, x, SCHEDULE.alpha(t), SCHEDULE.sigma(t))

    path: list[torch.Tensor] = []
    options = {"sampler": name, "steps": 400, "grid": "log-snr", "dtype": torch.float64, "path": path}
    x = sample(denoise, SCHEDULE, prediction, (50, 1, 10, 10), **options)
    assert len(path) == 401 and torch.equal(path[-1], x)
    first, last = points_of(SCHEDULE, torch.tensor([1.0, 0.0], dtype=torch.float64))
    wanted = gaussian_flow(path[0], first, last)
    assert (x - wanted).abs().max() < {"ddim": 2e-2, "dpm-solver++": 2e-3, "heun": 2e-3}[name]
    n = x.numel()
    assert abs(x.mean().item() - MEAN) < 4.5 * SPREAD / math.sqrt(n) + 1e-3
    assert abs(x.var().item() / SPREAD**2 - 1) < 4.5 * math.sqrt(2 / n) + 0.02


@pytest.mark.parametrize("name", FIXED)
def test_guidance_of_one_is_none_bit_by_bit_and_costs_what_the_sampler_says(name):
    network = Network()
    counts = []
    plain = sample(network, SCHEDULE, "v", SHAPE, sampler=name, steps=7, label=LABEL, evaluations=counts)
    assert network.calls == SAMPLERS[name].cost(7) and network.asked == 6 * network.calls
    assert counts == [network.calls] * 6
    one = sample(network, SCHEDULE, "v", SHAPE, sampler=name, steps=7, label=LABEL, guidance=1.0)
    assert torch.equal(one, plain)
    network.asked = 0
    how = {"sampler": name, "steps": 7, "label": LABEL, "guidance": 2.0}
    other = sample(network, SCHEDULE, "v", SHAPE, **how, batch=4, evaluations=counts)
    assert network.asked == 12 * SAMPLERS[name].cost(7) and not torch.allclose(other, plain)
    assert counts[6:] == [2 * SAMPLERS[name].cost(7)] * 6  # in two parts, of 4 and of 2: each sample as if alone


def test_guidance_goes_from_no_class_past_the_class():
    network, x, t = (
        Network(),
        torch.randn(6, 2, 3, 4, generator=torch.Generator().manual_seed(0)),
        torch.full((6,), 0.4),
    )
    none = network(x, t, torch.full((6,), 3))
    of_class = network(x, t, LABEL)
    assert guided(network, 1.0, 3) is network
    for scale in (0.0, 0.5, 3.0):
        expected = (1 - scale) * none + scale * of_class  # the paper's (1 + w) of_class - w none, w = scale - 1
        assert torch.allclose(guided(network, scale, 3)(x, t, LABEL), expected, atol=1e-6)
    network.calls = network.asked = 0
    guided(network, 0.0, 3)(x, t, LABEL)
    assert (network.calls, network.asked) == (1, 6)


def test_dropped_labels_are_no_class_with_their_probability():
    label = torch.arange(10).repeat(1000)
    dropped = drop_labels(label, 0.1, 10, torch.Generator().manual_seed(2))
    gone = dropped == 10
    assert abs(gone.sum().item() - 1000) < 4.5 * math.sqrt(900)
    assert torch.equal(dropped[~gone], label[~gone]) and int(label.max()) == 9
    assert torch.equal(drop_labels(label, 0.0, 10, torch.Generator()), label)


def test_clipping_holds_every_estimate_and_ddpm_has_it_by_default():
    def denoise(x, t, label):
        return 3.0 * torch.sign(x)

    for name in SAMPLERS:
        x = sample(denoise, SCHEDULE, "x0", SHAPE, sampler=name, steps=10, clip=True)
        assert torch.allclose(x.abs(), torch.ones(SHAPE), atol=1e-5)
        free = sample(denoise, SCHEDULE, "x0", SHAPE, sampler=name, steps=10)
        assert torch.allclose(free.abs(), torch.full(SHAPE, 1.0 if name == "ddpm" else 3.0), atol=1e-5)


def test_progress_is_told_after_each_step():
    seen = []
    sample(Network(), SCHEDULE, "v", SHAPE, steps=3, batch=4, callback=lambda *counts: seen.append(counts))
    assert seen == [(k, 6) for k in range(1, 7)]


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("schedule", [Schedule("linear"), Schedule("cosine")], ids=["linear", "cosine"])
def test_grids_fall_from_one_to_zero(name, schedule):
    for steps in (1, 2, 20, 250):
        times = time_grid(name, schedule, steps)
        assert times.shape == (steps + 1,) and times[0] == 1 and times[-1] == 0 and bool((times.diff() < 0).all())


@pytest.mark.parametrize("name", GRIDS)
def test_grids_fall_from_any_start(name):
    for start in (0.0004, 0.001, 0.3, 0.9999):
        times = time_grid(name, SCHEDULE, 20, start)
        assert times.shape == (21,) and times[0] == start and times[-1] == 0 and bool((times.diff() < 0).all())


def test_grids_are_even_in_what_they_say():
    assert torch.equal(time_grid("time", SCHEDULE, 1000), torch.arange(1000, -1, -1, dtype=torch.float64) / 1000)
    for schedule in (SCHEDULE, Schedule("linear")):
        times = time_grid("log-snr", schedule, 20)
        snr = schedule.log_snr(times[1:-1])
        step = (schedule.log_snr(0.001) + 8) / 19
        assert torch.allclose(snr, -8 + step * torch.arange(1, 20), rtol=1e-9)
        assert times[-2].item() == pytest.approx(1e-3, rel=1e-9)


def test_a_network_that_fails_ends_the_run():
    def denoise(x, t, label):
        return x * math.nan if t[0] < 0.5 else x

    with pytest.raises(SamplingError, match="ddim ended at diffusion time 0.3"):
        sample(denoise, SCHEDULE, "x0", SHAPE, sampler="ddim", steps=10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sampler": "dpm"}, "one of ddpm, ddim, dpm-solver"),
        ({"prediction": "epsilon"}, "one of eps, x0, v"),
        ({"steps": 0}, "at least one step"),
        ({"grid": "log"}, "one of time, log-snr"),
        ({"eta": 0.5}, "no eta with dpm-solver"),
        ({"sampler": "ddim", "eta": 1.5}, "from 0 to 1"),
        ({"label": torch.tensor([1])}, "one label for each of the 6"),
        ({"label": torch.arange(6)}, "labels from 0 to 3"),
        ({"rtol": 1e-3}, "no rtol with dpm-solver"),
        ({"sampler": "probability-flow", "atol": 0.0}, "above 0 and at most 1"),
        ({"time": 0.5}, "1 without noisy pictures"),
        ({"noisy": torch.zeros(SHAPE), "time": 1.5}, "above 0 and at most 1"),
        ({"noisy": torch.zeros(SHAPE), "time": 0.0}, "above 0 and at most 1"),
        ({"noisy": torch.zeros(2, 2)}, "states of the shape .6, 2, 3, 4."),
        ({"guidance": 2.0}, "guidance wants labels"),
        ({"guidance": math.nan, "label": LABEL}, "a finite number"),
        ({"shape": (0, 1, 2, 2)}, "each at least 1"),
        ({"batch": 0}, "at least one sample"),
        ({"seed": -1}, "whole number from 0"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    arguments = {"prediction": "v", "shape": SHAPE, "steps": 3, **change}
    with pytest.raises(InputError, match=message):
        sample(Network(), SCHEDULE, **arguments)
