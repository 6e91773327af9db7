"""Models of deployments travel as what `load_run` finds, and count by what is in them."""

import json
import shutil

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.data.images import load_images
from cellnn.diffusion.training import read_config, train
from cellnn.diffusion.training.load_run import load_run
from cellnn.sweep.models import check_same, data_files, with_model

CONFIG = {
    "cellnn": 1,
    "name": "tiny",
    "data": {"name": "digits"},
    "network": {"block": "conv", "channels": [8], "embedding": 8},
    "training": {
        "steps": 4,
        "batch": 8,
        "shifts": 1,
        "warmup": 1,
        "device": "cpu",
        "checkpoint_every": 2,
        "evaluate_pictures": 8,
    },
    "sampling": {"steps": 2},
}
OPTIONS = {"pictures": 4, "seed": 0, "steps": None, "sampler": None, "folder": None}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "run"
    train(read_config(CONFIG), folder)
    return folder


def drawn(folder):
    return load_run(folder).sample(2, 0)


def unpacked(folder, options, files):
    folder.mkdir()
    for target, source in options["model"].items():
        (folder / target).write_bytes(files[source])
    return folder


@pytest.mark.parametrize("state", ["ended", "going on", "gone on since"])
def test_a_run_travels_as_the_model_that_is_loaded_from_it(state, trained, tmp_path):
    run = shutil.copytree(trained, tmp_path / "run")
    if state == "going on":
        (run / "model.json").unlink()
        (run / "model.safetensors").unlink()
    if state == "gone on since":  # the model of an earlier stop is beside later checkpoints
        about = json.loads((run / "model.json").read_text())
        (run / "model.json").write_text(json.dumps(about | {"step": 2}))
        (run / "model.safetensors").write_bytes(b"")
    sent = unpacked(tmp_path / "sent", *with_model(OPTIONS | {"model": str(run)}))
    assert torch.equal(drawn(sent), drawn(run)) and torch.equal(drawn(sent), drawn(trained))
    assert with_model(OPTIONS | {"model": str(run)})[0] == with_model(OPTIONS | {"model": str(run)})[0]


def test_a_folder_without_a_run_is_told(tmp_path):
    with pytest.raises(InputError, match="there is no run in it"):
        with_model(OPTIONS | {"model": str(tmp_path)})


def test_a_shipped_model_goes_by_its_name_and_weights():
    options, files = with_model(OPTIONS | {"model": "mnist-m-cellnn"})
    assert options["model"] == "mnist-m-cellnn" and not files and len(options["weights"]) == 64


def test_data_count_by_their_contents(tmp_path):
    read = {split: load_images("mnist-5k", split).files for split in ("train", "test")}
    assert data_files("mnist-5k", None) == {
        f"{split}/{name}": sum for split in read for name, sum in read[split].items()
    }
    with pytest.raises(InputError):
        data_files("mnist", str(tmp_path))


def test_a_worker_with_other_data_or_another_model_is_told(trained):
    model = load_run(trained)
    options, _ = with_model(OPTIONS | {"model": str(trained)})
    check_same(model, options)
    with pytest.raises(InputError, match="the same data as here"):
        check_same(model, options | {"data": {"train/digits": "0" * 64}})
    with pytest.raises(InputError, match="the same model as here"):
        check_same(model, options | {"weights": "0" * 64})
