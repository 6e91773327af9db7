"""The folder of a generative model: its three files belong together."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.models import model_names
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import load_parameters
from cellnn.diffusion.parameters.vectors import Collection, Layout, read_collection

from .small import model_config

SHORT = {"training": {"steps": 8, "batch": 8, "warmup": 2}, "latent": {"training": {"steps": 5}}}


def written(path, seed: int) -> str:
    vectors = torch.randn(30, 9, generator=torch.Generator().manual_seed(seed))
    Collection(Layout({"a": (9,)}), vectors, {}, {"measure": "accuracy"}).write(path)
    return str(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    file = written(folder / "v.safetensors", 0)
    train_parameters(read_parameters_config(model_config(file, **SHORT)), folder / "run")
    return folder / "run"


@pytest.mark.parametrize("name", model_names("parameters"))
def test_shipped_models_are_whole(name):
    model = load_parameters(name)
    assert model.generate(1, seed=0).shape == (1, model.layout.size)


def test_other_parameters_beside_a_model_are_found_out(trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    written(run / "collected.safetensors", 1)
    with pytest.raises(InputError, match=r"collected\.safetensors.*expected the parameters that model\.json describes"):
        load_parameters(run)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"told": "x"}, "told: got 'x'; expected 0"),
        ({"told": 1}, "told: got 1; expected 0"),
        ({"told": False}, "told: got False"),
        ({"data": {}}, "the parameters that model.json describes"),
        ({"data": 3}, "the parameters that model.json describes"),
    ],
)
def test_a_description_that_fits_not_is_told(trained, tmp_path, changes, told):
    run = shutil.copytree(trained, tmp_path / "run")
    about = json.loads((run / "model.json").read_text())
    (run / "model.json").write_text(json.dumps(about | changes))
    with pytest.raises(InputError, match=told):
        load_parameters(run)


def test_the_parameters_are_kept_before_anything_is_trained(tmp_path):
    """The file may change meanwhile: beside the model are those it was learned from."""
    file = written(tmp_path / "v.safetensors", 0)
    digest = read_collection(tmp_path / "v.safetensors")[1]
    config = read_parameters_config(model_config(file, **SHORT))
    outcome = train_parameters(config, tmp_path / "run", interrupted=lambda: bool(written(tmp_path / file, 1)))
    assert outcome.step == 0 and read_collection(tmp_path / "run" / "collected.safetensors")[1] == digest
    written(tmp_path / "v.safetensors", 0)
    train_parameters(config, tmp_path / "run", go_on=True, watch=lambda *_: written(tmp_path / file, 1))
    assert read_collection(tmp_path / file)[1] != digest
    assert load_parameters(tmp_path / "run").about["data"]["files"] == {"v.safetensors": digest}
