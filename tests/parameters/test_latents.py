from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from cellnn.devices.errors import InputError
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.autoencoder import build_vector_autoencoder
from cellnn.diffusion.parameters.latents.config import VectorLatentSpec
from cellnn.diffusion.parameters.latents.scaling import Scaling
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import load_parameters
from cellnn.diffusion.parameters.vectors import Collection, Layout
from cellnn.diffusion.training import load_run

from .small import model_config

LAYOUT = Layout({"a": (6,), "b": (3, 4)})
GENERATOR = torch.Generator().manual_seed(7)
MEAN, FACTORS = torch.randn(18, generator=GENERATOR), torch.randn(2, 18, generator=GENERATOR)


def written(path, vectors: Tensor, conditions: Tensor | None = None) -> str:
    Collection(LAYOUT, vectors, {}, {"measure": "accuracy", "name": "synthetic"}, conditions).write(path)
    return str(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model of vectors that vary along two directions only, and the vectors."""
    folder = tmp_path_factory.mktemp("latents")
    vectors = MEAN + 0.1 * torch.randn(400, 2, generator=torch.Generator().manual_seed(1)) @ FACTORS
    file = written(folder / "v.safetensors", vectors)
    train_parameters(read_parameters_config(model_config(file)), folder / "run")
    return load_parameters(folder / "run"), vectors, folder


def test_generated_vectors_have_the_moments_of_the_originals(trained):
    model, vectors, _ = trained
    drawn = model.generate(600, seed=3).double().numpy()
    original = vectors.double().numpy()
    spread = np.linalg.norm(original.std(0))
    assert np.linalg.norm(drawn.mean(0) - original.mean(0)) < 0.25 * spread
    assert 0.7 < np.linalg.norm(drawn.std(0)) / spread < 1.3
    plane = np.linalg.svd(FACTORS.double().numpy(), full_matrices=False)[2]
    left = drawn - MEAN.double().numpy()
    outside = left - left @ plane.T @ plane
    assert np.square(outside).sum() < 0.05 * np.square(left).sum()  # 16 of 18 directions have next to nothing
    # both directions vary as they do in the originals: neither has collapsed
    ratio = np.linalg.eigvalsh(np.cov((left @ plane.T).T)) / np.linalg.eigvalsh(np.cov((original @ plane.T).T))
    assert ratio.min() > 0.4 and ratio.max() < 1.8


def test_sample_k_is_the_same_whatever_n_is(trained):
    model, _, _ = trained
    assert torch.equal(model.generate(3, seed=5), model.generate(70, seed=5)[:3])
    assert not torch.equal(model.generate(3, seed=6), model.generate(3, seed=5))


def test_stopped_and_resumed_it_is_the_same_model(tmp_path):
    vectors = MEAN + 0.1 * torch.randn(40, 18, generator=torch.Generator().manual_seed(1))
    file = written(tmp_path / "v.safetensors", vectors)
    changes = {"training": {"steps": 30, "batch": 16, "checkpoint_every": 7}, "latent": {"training": {"steps": 20}}}
    source = read_parameters_config(model_config(file, **changes))
    train_parameters(source, tmp_path / "whole")
    asked = []
    train_parameters(source, tmp_path / "parts", interrupted=lambda: asked.append(0) or len(asked) > 20 + 11)
    outcome = train_parameters(source, tmp_path / "parts", go_on=True)
    assert outcome.status == "completed"
    same = [(tmp_path / run / "model.safetensors").read_bytes() for run in ("whole", "parts")]
    told = [load_parameters(tmp_path / run).about["weights"]["sha256"] for run in ("whole", "parts")]
    assert len(asked) > 20 and told[0] == told[1] and len(same[0]) == len(same[1])


def test_the_loss_is_what_it_says():
    spec = VectorLatentSpec(size=4, width=2, parameter_noise=0.0, latent_noise=0.0, weight=0.3)
    model = build_vector_autoencoder(spec, 18, seed=0)
    x = torch.randn(5, 18, generator=torch.Generator().manual_seed(2))
    z = model.encode(x)
    expected = (model.decode(z) - x).square().mean(1) + 0.15 * z.square().mean(1)
    torch.testing.assert_close(model.loss(x, torch.Generator()), expected)


def test_noise_is_added_to_vectors_and_to_latents():
    """With a linear way out, the loss grows by the variance of the noise times the squared slopes."""
    spec = VectorLatentSpec(size=4, width=2, parameter_noise=0.0, latent_noise=0.5, weight=0.0)
    model = build_vector_autoencoder(spec, 18, seed=0)
    for parameter in model.decoder.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.randn(1, 18, generator=torch.Generator().manual_seed(2)).repeat(4000, 1)
    noisy = model.loss(x, torch.Generator().manual_seed(0)).mean()
    still = (model.decode(model.encode(x)) - x).square().mean()
    grown = 0.25 * model.place.weight.square().sum() / 18
    assert float((noisy - still).detach()) == pytest.approx(float(grown.detach()), rel=0.05)


def test_scaling_gives_mean_0_and_variance_1_to_every_tensor():
    vectors = torch.cat([torch.randn(50, 6) * 3 + 5, torch.randn(50, 12) * 0.01], dim=1)
    scaling = Scaling.of(vectors, LAYOUT)
    normal = scaling.normalised(vectors)
    torch.testing.assert_close(normal.mean(0), torch.zeros(18), atol=1e-4, rtol=0)
    for part in LAYOUT.tensors(normal).values():
        assert float(part.square().mean()) == pytest.approx(1.0, rel=1e-3)
    torch.testing.assert_close(scaling.restored(normal), vectors)
    with pytest.raises(InputError, match="stand still"):
        Scaling.of(vectors * torch.cat([torch.ones(6), torch.zeros(12)]), LAYOUT)


def test_a_condition_decides_what_is_drawn(tmp_path):
    """Vectors that are a linear function of what is measured: for new measurements the same function."""
    told = torch.randn(500, 2, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(500, 18, generator=torch.Generator().manual_seed(2))
    file = written(tmp_path / "v.safetensors", MEAN + 0.1 * told @ FACTORS + 0.002 * noise, told)
    train_parameters(read_parameters_config(model_config(file)), tmp_path / "run")
    model = load_parameters(tmp_path / "run")
    new = torch.randn(100, 2, generator=torch.Generator().manual_seed(3))
    wanted = 0.1 * new @ FACTORS
    error = model.generate(100, seed=0, told=new) - MEAN - wanted
    assert float(error.square().mean()) < 0.1 * float(wanted.square().mean())
    with pytest.raises(InputError, match="measurements"):
        model.generate(2, seed=0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"data": {"file": "nosuch.safetensors"}}, "nosuch.safetensors"),
        ({"data": {"first": 5}}, "data.first"),
        ({"training": {"shifts": 1}}, "training.shifts"),
        ({"latent": {"sise": 3}}, "latent.sise.*did you mean size"),
        ({"sampling": {"guidance": 2.0}}, "sampling.guidance"),
    ],
)
def test_bad_configs_are_told(tmp_path, changes, told):
    file = written(tmp_path / "v.safetensors", torch.randn(40, 18))
    with pytest.raises(InputError, match=told):
        train_parameters(read_parameters_config(model_config(file, **changes)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_models_of_another_kind_are_told(trained):
    with pytest.raises(InputError, match="cellnn parameters generate"):
        load_run(trained[2] / "run")
    with pytest.raises(InputError, match="shipped model"):
        load_parameters("mnist-cellnn")
