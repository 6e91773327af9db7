"""Runs that go on from a model, and know the hardware."""

import json
import shutil

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.training import load_run, read_config, train
from cellnn.diffusion.training.checkpoint import file_name

from .conftest import same_bits, same_run, tensors_of

ARRAYS = {
    "block": "cellnn", "channels": [6], "embedding": 8,
    "cell": {"circuit": "chua-yang", "output": {"kind": "rectifier", "leak": 0.01}},
}  # fmt: skip
HARDWARE = {
    "quantisation": {"bits": 5},
    "programming": {"relative": "3%"},
    "mismatch": {"C": "5%"},
    "timing": {"jitter": "1%"},
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The folder of a run with ideal arrays."""
    from .conftest import CONFIG

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("begun") / "ideal"
    train(read_config({**CONFIG, "network": ARRAYS}), folder)
    return folder


@pytest.fixture
def aware(config, begun):
    """A config that goes on from there."""
    return {**config, "name": "aware", "network": ARRAYS, "start": str(begun), "hardware": HARDWARE}


def test_weights_begin_as_those_of_the_start(aware, begun, tmp_path):
    aware["training"] |= {"steps": 1, "warmup": 0, "learning_rate": 1e-12}
    del aware["hardware"]
    train(read_config(aware), tmp_path / "run")
    expected, found = tensors_of(begun / "model.safetensors"), tensors_of(tmp_path / "run" / "model.safetensors")
    for name in expected.keys() - {name for name in expected if "running" in name or "batches" in name}:
        torch.testing.assert_close(found[name], expected[name], rtol=0, atol=1e-9)
    about = json.loads((tmp_path / "run" / "model.json").read_text())
    assert about["start"] == {
        "name": "tiny", "step": 12, "weights": json.loads((begun / "model.json").read_text())["weights"]["sha256"],
    }  # fmt: skip


def test_hardware_is_trained_with_and_the_norms_keep_their_statistics(aware, begun, tmp_path):
    train(read_config(aware), tmp_path / "aware")
    del aware["hardware"]
    train(read_config(aware), tmp_path / "ideal")
    found = [tensors_of(tmp_path / name / "model.safetensors") for name in ("aware", "ideal")]
    start = tensors_of(begun / "model.safetensors")
    statistics = [name for name in start if ".norm.running_mean" in name and name.startswith(("down", "up", "middle"))]
    assert statistics
    for name in statistics:
        assert torch.equal(found[0][name], start[name]) and not torch.equal(found[1][name], start[name])
    assert not same_bits(*found)
    assert load_run(tmp_path / "aware").sample(2, 0).shape == (2, 1, 8, 8)


def test_a_run_that_was_stopped_goes_on_bit_for_bit(aware, tmp_path):
    source = read_config(aware)
    train(source, tmp_path / "whole")
    train(source, tmp_path / "parts", interrupted=iter([False] * 5 + [True]).__next__)
    assert (tmp_path / "parts" / "checkpoints" / file_name(5)).exists()
    train(source, tmp_path / "parts", go_on=True)
    for name in ("whole", "parts"):
        shutil.rmtree(tmp_path / name / "checkpoints")
    same_run(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize(
    "changes, place",
    [
        ({"start": None}, "start"),
        ({"start": "no-such-model"}, "start"),
        ({"start": 3}, "start"),
        ({"hardware": {"quantisation": {"bits": 40}}}, "hardware.quantisation.bits"),
        ({"hardware": {"mismatch": {"memristor": {"Gm": "5%"}}}}, "hardware.mismatch"),
        ({"network": {**ARRAYS, "channels": [4]}}, "network.channels"),
        ({"process": {"prediction": "eps"}}, "process"),
        ({"network": {"block": "conv", "channels": [6], "embedding": 8}}, "hardware"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(aware, tmp_path, changes, place):
    with pytest.raises(InputError) as caught:
        train(read_config({**aware, **changes}), tmp_path / "run")
    assert place in str(caught.value) and not (tmp_path / "run").exists()
