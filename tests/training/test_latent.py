"""Runs in latents: first the autoencoder, then the denoiser."""

import shutil

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.process import sample
from cellnn.diffusion.training import load_run, read_config, train
from cellnn.diffusion.training.autoencoder import encoded

from .conftest import same_bits, same_run, tensors_of
from .test_run import stop_at


@pytest.fixture
def latent(config):
    """CONFIG in latents of 2 x 4 x 4."""
    config["training"] |= {"shifts": 0, "sample_every": 12}
    config["network"]["dropout"] = 0.0
    return config | {
        "latent": {
            "channels": 2,
            "factor": 2,
            "width": 8,
            "training": {"steps": 150, "batch": 32, "learning_rate": 1e-2},
        }
    }


def test_a_run_in_latents(latent, tmp_path):
    run, notes = tmp_path / "run", []
    train(read_config(latent), run, note=notes.append)
    trained, data = load_run(run), load_images("digits")
    autoencoder = trained.autoencoder
    assert same_bits(autoencoder.state_dict(), tensors_of(run / "autoencoder.safetensors"))
    # the denoiser learns latents of mean 0 and variance 1, and the way back is better than the mean picture
    latents = encoded(autoencoder, data, torch.device("cpu"))
    assert latents.shape == (len(data), 2, 4, 4)
    assert latents.mean(dim=(0, 2, 3)).abs().max() < 1e-4 and (latents.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-3
    x = data.normalised()
    error = (autoencoder.decode(latents) - x).square().mean()
    assert error < 0.5 * (x.mean(0) - x).square().mean()
    assert trained.about["autoencoder"]["held_out_error"] == pytest.approx(float(error), rel=0.2)
    assert any("autoencoder" in text for text in notes) and any((run / "samples").iterdir())
    # a sample is the sampler's latent, decoded
    words = {"steps": 3, "seed": 5, "batch": 4, "sampler": "ddpm"}
    words["label"] = torch.arange(4)  # all classes in turn, unless one says otherwise
    theirs = sample(trained.network, trained.schedule, "v", (4, 2, 4, 4), clip=False, **words)
    assert torch.equal(trained.sample(4, 5, steps=3, batch=4, sampler="ddpm"), autoencoder.decode(theirs))
    assert trained.sample(3, 1).shape == (3, 1, 8, 8)
    # snapshots, and a run without its model, are whole too
    assert same_bits(load_run(run, 12).autoencoder.state_dict(), autoencoder.state_dict())
    (run / "model.json").unlink()
    assert torch.equal(load_run(run).sample(3, 1), trained.sample(3, 1))


def test_stopped_in_either_stage_it_goes_on_to_the_same_bits(latent, tmp_path):
    source, whole, run = read_config(latent), tmp_path / "whole", tmp_path / "run"
    train(source, whole)
    assert train(source, run, interrupted=stop_at(70)).status == "interrupted"
    assert not (run / "autoencoder.safetensors").exists() and not list((run / "checkpoints").iterdir())
    assert train(source, run, go_on=True, interrupted=stop_at(150 + 8)).step == 8  # asked before every step of both
    train(source, run, go_on=True)
    same_run(run, whole)
    (run / "autoencoder.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="autoencoder.safetensors: .*damaged"):
        train(source, run, go_on=True)
    shutil.rmtree(run)


@pytest.mark.parametrize(
    ("section", "change", "fragment"),
    [
        ("latent", {"factor": 3}, "latent.factor: got 3"),
        ("latent", {"factor": 8, "width": 12}, "latent.width: got 12; expected a multiple of 8"),
        ("latent", {"training": {"step": 3}}, "latent.training.step: got 3; expected no such key here"),
        ("latent", {"kind": 1}, "latent.kind: got 1; expected no such key here, but one of channels"),
        ("training", {"flips": True}, "training.flips: got True; expected no flips with latent"),
    ],
)
def test_what_latents_cannot_be(section, change, fragment, latent):
    latent[section] |= change
    with pytest.raises(InputError) as caught:
        read_config(latent)
    assert fragment in str(caught.value)
