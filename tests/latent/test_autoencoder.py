"""The autoencoder: trained for a few seconds against what as few numbers can do otherwise; its loss; its latents."""

import math

import pytest
import torch
from torch.nn import functional

from cellnn.circuits.sources.datasets import load_dataset
from cellnn.devices import CellnnError, InputError
from cellnn.diffusion.latent import LatentError, LatentSpec, build_autoencoder, latent_shape


def pictures(name):
    """Every tenth picture held out: (training, held out), in [-1, 1]."""
    images, _ = load_dataset(name)
    x = torch.from_numpy(images).float()[:, None] / 127.5 - 1
    held_out = torch.arange(len(x)) % 10 == 9
    return x[~held_out], x[held_out]


def trained(spec, x, steps, batch=64):
    model = build_autoencoder(spec, tuple(x.shape[1:]), seed=3)
    optimizer, generator = torch.optim.Adam(model.parameters(), 5e-3), torch.Generator().manual_seed(1)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 5e-3 * min(1.0, 2 * (steps - step) / steps)
        chosen = torch.randint(len(x), (batch,), generator=generator)
        loss = model.loss(x[chosen], generator).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval().requires_grad_(False).measure_scale(x.split(500))
    return model


def mean_error(x, reconstructed):
    return (reconstructed - x).square().mean().item()


@pytest.mark.parametrize("spec", [{}, {"regularisation": "noise", "weight": 1e-3}], ids=["kl", "noise"])
def test_it_reconstructs_better_than_as_many_block_means(spec):
    """16 numbers for an 8x8 digit, as many as the means of 2x2 blocks, repeated or interpolated; and the mean."""
    x, held_out = pictures("digits")
    model = trained(LatentSpec(width=16, **spec), x, 200)
    latents = model.encode(held_out)
    assert latents.shape == (len(held_out), 4, 2, 2)
    blocks = functional.avg_pool2d(held_out, 2)
    assert blocks[0].numel() == latents[0].numel()
    baselines = [
        x.mean(0).expand_as(held_out),
        functional.interpolate(blocks, scale_factor=2),
        functional.interpolate(blocks, scale_factor=2, mode="bilinear"),
    ]
    error = mean_error(held_out, model.decode(latents))
    assert error < 0.4 * min(mean_error(held_out, baseline) for baseline in baselines)
    everything = model.encode(x).double()
    assert torch.allclose(everything.mean((0, 2, 3)), torch.zeros(4, dtype=torch.float64), atol=1e-4)
    assert torch.allclose(everything.var((0, 2, 3)), torch.ones(4, dtype=torch.float64), atol=1e-4)
    assert bool((latents.var((0, 2, 3)) - 1).abs().max() < 0.25)  # of pictures it has not seen
    assert model.decode(latents).abs().max() <= 1


def test_it_reconstructs_digits_of_mnist():
    x, held_out = pictures("mnist-5k")
    model = trained(LatentSpec(width=8), x, 120, batch=32)
    assert model.latent == (4, 7, 7)
    blocks = functional.avg_pool2d(held_out, 2)
    assert blocks[0].numel() == 4 * 7 * 7
    error = mean_error(held_out, model.decode(model.encode(held_out)))
    assert error < mean_error(held_out, functional.interpolate(blocks, scale_factor=2, mode="bilinear"))


@pytest.mark.parametrize(
    ("picture", "spec", "shape"),
    [
        ((1, 28, 28), {}, (4, 7, 7)),
        ((3, 32, 32), {}, (4, 8, 8)),
        ((1, 8, 12), {"factor": 2, "channels": 3}, (3, 4, 6)),
        ((3, 32, 32), {"factor": 8, "channels": 16, "regularisation": "noise"}, (16, 4, 4)),
    ],
)
def test_shapes(picture, spec, shape):
    spec = LatentSpec(**spec)
    model = build_autoencoder(spec, picture)
    x = torch.randn(2, *picture, generator=torch.Generator().manual_seed(0))
    assert latent_shape(spec, picture) == model.latent == tuple(model.encode(x).shape[1:]) == shape
    assert model.decode(model.encode(x)).shape == x.shape
    assert model.loss(x, torch.Generator().manual_seed(0)).shape == (2,)


class Halves(torch.nn.Module):
    """An encoder that answers what it is told, whatever the picture."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, x):
        return self.value


@pytest.mark.parametrize("regularisation", ["kl", "noise"])
def test_the_regularisation_is_the_divergence_of_torchs_normals(regularisation):
    model = build_autoencoder(LatentSpec(channels=2, regularisation=regularisation, weight=0.5), (1, 8, 8))
    generator = torch.Generator().manual_seed(2)
    mean, log_variance = torch.randn(2, 3, 2, 2, 2, generator=generator)
    x = torch.zeros(3, 1, 8, 8)
    model.encoder = Halves(torch.cat([mean, log_variance], 1) if regularisation == "kl" else mean)
    model.decoder = Halves(x)  # reconstructs without error
    loss = model.loss(x, generator)
    deviation = torch.exp(0.5 * log_variance) if regularisation == "kl" else torch.full_like(mean, 0.1)
    normal = torch.distributions.Normal(mean, deviation)
    divergence = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0))
    if regularisation == "noise":  # without what no weight can change
        divergence = divergence - (0.5 * 0.1**2 - 0.5 - math.log(0.1))
    assert torch.allclose(loss, 0.5 * divergence.flatten(1).mean(1), rtol=1e-5)


@pytest.mark.parametrize("regularisation", ["kl", "noise"])
def test_training_sees_latents_with_their_noise(regularisation):
    model = build_autoencoder(LatentSpec(channels=1, regularisation=regularisation, weight=0.0), (1, 4, 4))
    mean, deviation = torch.full((4000, 1, 1, 1), 0.7), 0.3 if regularisation == "kl" else 0.1
    log_variance = torch.full_like(mean, 2 * math.log(deviation))
    model.encoder = Halves(torch.cat([mean, log_variance], 1) if regularisation == "kl" else mean)
    model.decoder = torch.nn.Identity()
    seen = model.loss(torch.zeros(4000, 1, 1, 1), torch.Generator().manual_seed(5))  # z^2
    variance = deviation**2
    expected, spread = 0.49 + variance, math.sqrt(2 * variance**2 + 4 * 0.49 * variance)
    assert abs(seen.mean().item() - expected) < 4.5 * spread / math.sqrt(4000)
    assert abs(seen.std().item() / spread - 1) < 0.1


def test_the_gradient_is_that_of_finite_differences():
    model = build_autoencoder(LatentSpec(width=8, channels=2), (1, 4, 4)).double()
    x = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(6), dtype=torch.float64)

    def loss():
        return model.loss(x, torch.Generator().manual_seed(7)).sum()

    loss().backward()
    for name in ("encoder.0.weight", "encoder.5.2.bias", "decoder.0.weight"):
        parameter = dict(model.named_parameters())[name]
        gradient = parameter.grad.flatten()[0].item()
        with torch.no_grad():
            values = []
            for h in (1e-5, -2e-5):
                parameter.flatten()[0] += h
                values.append(loss().item())
            parameter.flatten()[0] += 1e-5
        assert gradient == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-5, abs=1e-9)


def test_the_same_seed_gives_the_same_bits_and_leaves_torchs_own_generator():
    x, _ = pictures("digits")
    torch.manual_seed(9)
    before = torch.get_rng_state()
    models = [trained(LatentSpec(width=8), x, 5) for _ in range(2)]
    assert torch.equal(torch.get_rng_state(), before)
    for name, value in models[0].state_dict().items():
        assert torch.equal(value, models[1].state_dict()[name])
    other = build_autoencoder(LatentSpec(width=8), (1, 8, 8), seed=4)
    assert not torch.equal(other.encoder[0].weight, build_autoencoder(LatentSpec(width=8), (1, 8, 8)).encoder[0].weight)
    restored = build_autoencoder(LatentSpec(width=8), (1, 8, 8), seed=8)
    restored.load_state_dict(models[0].state_dict())  # scale and shift are part of it
    assert torch.equal(restored.encode(x[:5]), models[0].encode(x[:5]))


def test_latents_that_do_not_vary_are_an_error():
    model = build_autoencoder(LatentSpec(width=8), (1, 8, 8))
    with pytest.raises(LatentError, match="standard deviations of the latents' channels are 0, 0, 0, 0"):
        model.encoder = Halves(torch.zeros(4, 8, 2, 2))
        model.measure_scale([torch.zeros(4, 1, 8, 8)] * 2)
    with pytest.raises(LatentError, match="are nan, nan, nan, nan; each must be finite"):
        model.encoder = Halves(torch.full((4, 8, 2, 2), math.nan))
        model.measure_scale([torch.zeros(4, 1, 8, 8)])
    assert issubclass(LatentError, CellnnError) and not issubclass(LatentError, InputError)


def test_bad_specs_are_refused():
    with pytest.raises(InputError, match="a divisor of the pictures' 30 rows and 28 columns"):
        build_autoencoder(LatentSpec(), (1, 30, 28))
    for bad, message in (
        ({"width": 12}, "multiple of 8"),
        ({"factor": 3}, "2, 4 or 8"),
        ({"channels": 0}, "greater than or equal to 1"),
        ({"noise": 0.2}, "no noise with regularisation kl"),
        ({"regularization": "kl"}, "did you mean regularisation"),
    ):
        with pytest.raises(ValueError, match=message):
            LatentSpec(**bad)
