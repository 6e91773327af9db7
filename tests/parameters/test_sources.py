"""Where parameters come from: pictures and weights are those that were trained with, or there is an error."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.models import model_folder
from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.evaluate.scores import source_of
from cellnn.diffusion.parameters.sources import open_source
from cellnn.diffusion.parameters.sources.pictures import SourcePictures
from cellnn.diffusion.parameters.sources.spec import PicturesSpec
from cellnn.diffusion.parameters.vectors import Collection, Layout, read_collection
from cellnn.diffusion.training import read_config, train

from ..training.conftest import CONFIG
from .small import collect_config

SHORT = {"checkpoints": 2, "every": 1, "settle": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a collection, and one whose source is the first."""
    folder = tmp_path_factory.mktemp("sources")
    collect(read_collect_config(collect_config(**SHORT)), folder / "first.safetensors")
    second = collect_config(source={"collected": str(folder / "first.safetensors")}, **SHORT)
    collect(read_collect_config(second), folder / "second.safetensors")
    return folder


def written(folder, **changes):
    """A config's file."""
    path = folder / "c.yaml"
    path.write_text(json.dumps(collect_config(**changes), indent=1))
    return path


def opened(path, folder=None):
    read = read_collect_config(path)
    seeds = read.config.seed.weights, read.config.seed.data
    return open_source(read.config.source, read.config.data, folder, seeds, read.folder)


def of(pictures):
    return {tuple(picture.flatten().tolist()) for picture in pictures}


def test_another_seed_would_measure_with_pictures_of_the_training():
    spec = PicturesSpec.model_validate(collect_config()["data"])
    one, other = (SourcePictures.load(spec, None, seed) for seed in (1, 2))
    assert len(of(one.train[0]) & of(one.test[0])) <= 1  # the set itself holds a few pictures twice
    assert len(of(one.train[0]) & of(other.test[0])) > 80


@pytest.mark.parametrize("source", ["first", "second"])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": {"data": 2}}, r"c.yaml, line \d+: seed.data: got 2; expected 1"),
        ({"data": {"name": "digits", "held_out": 90, "batch": 40}}, r"c.yaml, line \d+: data.held_out: got 90"),
        ({"data": {"name": "mnist-5k", "held_out": 100}}, r"c.yaml, line \d+: data.name: got 'mnist-5k'"),
    ],
)
def test_a_collections_pictures_are_parted_as_they_were(folder, tmp_path, source, changes, told):
    config = {"source": {"collected": str(folder / f"{source}.safetensors")}, **SHORT, **changes}
    with pytest.raises(InputError, match=told):
        collect(read_collect_config(written(tmp_path, **config)), tmp_path / "new.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


def test_a_collections_pictures_are_the_same_files(folder, tmp_path):
    found, _ = read_collection(folder / "first.safetensors")
    data = {**found.about["source"]["data"], "files": {"digits": "0" * 64}}
    replace(found, about={**found.about, "source": {**found.about["source"], "data": data}}).write(tmp_path / "f")
    with pytest.raises(InputError, match="data.folder"):
        opened(written(tmp_path, source={"collected": "f"}))


def test_a_denoisers_counts_are_those_of_its_training():
    source = opened(collect_config(source={"model": "mnist-cellnn"}, data={"name": "mnist-5k", "batch": 4}))
    about = json.loads((model_folder("mnist-cellnn") / "model.json").read_text())
    told = source.about()["data"]
    assert (told["train"], told["files"]) == (about["data"]["train"], about["data"]["files"])
    assert told["test"] == len(source.held_out.examples.x0) == 500 and told["held_out_of_train"] == 0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"name": "mnist-5k", "held_out": 1500}, "data.held_out: got 1500; expected 0 .*all pictures"),
        ({"name": "digits"}, "data.name: got 'digits'; expected mnist-5k"),
    ],
)
def test_a_denoiser_keeps_to_the_pictures_of_its_training(data, told):
    with pytest.raises(InputError, match=told):
        opened(collect_config(source={"model": "mnist-cellnn"}, data=data))


def test_a_denoisers_name_is_a_shipped_one_or_a_folder_beside_the_config(tmp_path, monkeypatch):
    here = tmp_path / "here"
    shutil.copytree(model_folder("mnist-cellnn"), here / "runs" / "mine")
    (tmp_path / "mnist-cellnn").mkdir()  # in the way, were the current folder looked into
    monkeypatch.chdir(tmp_path)
    data = {"name": "mnist-5k", "batch": 4}
    shipped = opened(written(here, source={"model": "mnist-cellnn"}, data=data)).about()
    mine = opened(written(here, source={"model": "runs/mine"}, data=data)).about()
    assert mine == {**shipped, "model": "runs/mine"}
    about = json.loads((here / "runs/mine/model.json").read_text())
    about["data"]["files"] = {"mnist-5k/images": "0" * 64}
    (here / "runs/mine/model.json").write_text(json.dumps(about))
    with pytest.raises(InputError, match="data.folder.*runs/mine was trained with"):
        opened(here / "c.yaml")
    with pytest.raises(InputError, match="source.model: got 'mnist-celnn'.*did you mean mnist-cellnn"):
        opened(written(here, source={"model": "mnist-celnn"}, data=data))
    with pytest.raises(InputError, match="source.model: got '~nobody-of-this-name/run'"):
        opened(written(here, source={"model": "~nobody-of-this-name/run"}, data=data))


def test_a_run_that_goes_on_is_no_source(tmp_path):
    asked = []
    config = read_config(CONFIG)
    train(config, tmp_path / "run", interrupted=lambda: asked.append(0) or len(asked) > 3)
    changes = {"data": {"name": CONFIG["data"]["name"], "batch": 4}, "source": {"model": "run"}}
    assert opened(written(tmp_path, **changes)).base_steps == 0
    (tmp_path / "run" / "model.json").unlink()  # as after a kill: there are checkpoints only
    with pytest.raises(InputError, match="source.model: got 'run'; expected .*a run that has ended"):
        opened(tmp_path / "c.yaml")


def test_a_denoiser_with_other_weights_is_not_measured():
    config = collect_config(source={"model": "mnist-cellnn"}, data={"name": "mnist-5k"})
    source = opened(config)
    layout = Layout.chosen(source.network, ["middle.readout"])
    about = {"config": config, "source": source.about(), "measure": "loss"}
    collection = Collection(layout, layout.of(source.network)[None], {}, about)
    assert torch.equal(layout.of(source_of(collection).network), collection.vectors[0])
    other = replace(collection, about={**about, "source": {**source.about(), "weights": "0" * 64}})
    with pytest.raises(InputError, match="source.model.*mnist-cellnn with the weights parameters were collected of"):
        source_of(other)


def test_more_arrays_than_pictures_can_be_halved_are_told(tmp_path):
    for channels in ([2, 2, 2], [2, 2, 2, 2]):
        path = written(tmp_path, source={"classifier": {"channels": channels}})
        if len(channels) == 3:
            assert opened(path).network.readout.in_features == 2  # 8 x 8 become 1 x 1
        else:
            with pytest.raises(InputError, match=r"line \d+: source.classifier.channels.*at most 3 arrays .* 8 x 8"):
                collect(read_collect_config(path), tmp_path / "c.safetensors")
