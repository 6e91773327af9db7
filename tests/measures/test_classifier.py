"""The LeNets that ship are what their descriptions say; files that are not are refused; training repeats itself."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from scipy.signal import correlate2d

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures import train_lenet
from cellnn.diffusion.measures.classifier import FOLDER, SHIPPED, load_classifier
from cellnn.diffusion.measures.lenet import LeNet, outputs
from cellnn.diffusion.measures.train_lenet import TRAININGS, Augmentation, accuracy, change, main, train


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_those_that_ship(name):
    found = load_classifier(name)
    path = FOLDER / f"{SHIPPED[name]}.safetensors"
    assert found.description.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.description.parameters == sum(weight.size for weight in load_file(path).values()) < 62_000
    assert found.description.picture == ((1, 8, 8) if name == "digits" else (1, 28, 28))
    assert not found.network.training


@pytest.mark.parametrize(("name", "least"), [("mnist-5k", 0.98), ("digits", 0.94)])
def test_their_accuracy(name, least):
    found = load_classifier(name)
    test = load_images(name, "test")
    reached = accuracy(found.network, test)
    assert reached == found.description.accuracy >= least
    assert found.description.accuracy_count == len(test)
    assert found.description.data["files"] == test.files


def test_mnists_file_describes_the_training_that_is_in_the_code():
    from dataclasses import asdict

    for data, name in (("mnist-5k", "mnist"), ("fashion-mnist", "fashion-mnist"), ("digits", "digits")):
        assert json.loads((FOLDER / f"{name}.json").read_text())["training"] == asdict(TRAININGS[data])


def test_the_network_is_lenet_written_out():
    w = {key: value.astype(np.float64) for key, value in load_file(FOLDER / "mnist.safetensors").items()}
    image = load_images("mnist-5k", "test").normalised(slice(7, 8))

    def convolve(x, name):
        planes = [sum(map(lambda a, b: correlate2d(a, b, "valid"), x, kernel)) for kernel in w[f"{name}.weight"]]
        x = np.maximum(np.array(planes) + w[f"{name}.bias"][:, None, None], 0)
        return x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2).max(axis=(2, 4))

    x = np.pad(image[0].numpy().astype(np.float64), ((0, 0), (2, 2), (2, 2)))
    x = convolve(convolve(x, "first"), "second").ravel()
    for name in ("third", "fourth"):
        x = np.maximum(w[f"{name}.weight"] @ x + w[f"{name}.bias"], 0)
    logits = w["last.weight"] @ x + w["last.bias"]
    features, probabilities = outputs(load_classifier("mnist-5k").network, image)
    np.testing.assert_allclose(features[0], x, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        probabilities[0], np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum(), atol=1e-4
    )


@pytest.mark.parametrize("picture", [(1, 28, 28), (3, 32, 32), (1, 8, 8), (2, 20, 33)])
def test_it_takes_pictures_of_other_sizes(picture):
    features, probabilities = outputs(LeNet(picture, 4), torch.zeros(7, *picture), batch=3)
    assert features.shape == (7, 84) and probabilities.shape == (7, 4)
    torch.testing.assert_close(probabilities.sum(1), torch.ones(7, dtype=torch.float64))


@pytest.fixture
def stored(tmp_path):
    """A copy of the LeNet for digits: its two files."""
    for suffix in (".safetensors", ".json"):
        (tmp_path / f"own{suffix}").write_bytes((FOLDER / f"digits{suffix}").read_bytes())
    return tmp_path / "own.safetensors"


def rewrite(path, weights):
    """Other weights, their hash in the description as it should be."""
    save_file(weights, path)
    text = json.loads(path.with_suffix(".json").read_text())
    text["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(text))


def test_a_classifier_of_the_users(stored):
    assert load_classifier("cifar-10", stored).name == "own"


def test_files_that_are_not_what_they_should_be(stored, tmp_path):
    with pytest.raises(InputError, match=r"train_lenet cifar-10"):
        load_classifier("cifar-10")
    with pytest.raises(InputError, match="No such file"):
        load_classifier("digits", tmp_path / "none.safetensors")
    weights, whole = load_file(stored), stored.read_bytes()
    stored.write_bytes(whole[:-1] + b"x")
    with pytest.raises(InputError, match="SHA-256"):
        load_classifier("digits", stored)
    rewrite(stored, {key: value for key, value in weights.items() if key != "last.bias"})
    with pytest.raises(InputError, match="the weights of a LeNet.*last.bias"):
        load_classifier("digits", stored)
    rewrite(stored, weights | {"last.bias": np.full(10, np.nan, dtype=np.float32)})
    with pytest.raises(InputError, match="not finite"):
        load_classifier("digits", stored)
    whole = json.loads(stored.with_suffix(".json").read_text())
    sizes = [(json.dumps(whole | {"picture": [1, size, 8]}), r"picture\.1: got") for size in (-8, 0, 7, 10**6, 10**30)]
    nested = "[" * 100_000
    for text, message in (*sizes, ("{}", "picture"), *((text, "in JSON") for text in ("[1]", "{", "", nested))):
        stored.with_suffix(".json").write_text(text)
        with pytest.raises(InputError, match=message):
            load_classifier("digits", stored)


def test_training_repeats_itself_and_learns(monkeypatch, tmp_path):
    monkeypatch.setitem(TRAININGS, "digits", replace(TRAININGS["digits"], epochs=6))
    for name in ("a", "b"):
        assert main(["digits", "-o", str(tmp_path / f"{name}.safetensors")]) == 0
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert load_classifier("digits", tmp_path / "a.safetensors").description.accuracy > 0.7
    data = load_images("digits")
    other = train(data, replace(TRAININGS["digits"], epochs=1, seed_data=5)).state_dict()
    same = train(data, replace(TRAININGS["digits"], epochs=1, seed_data=6)).state_dict()
    assert not torch.equal(other["last.weight"], same["last.weight"])


def test_the_trainers_own_errors(tmp_path, capsys):
    assert main(["digits", "-o", str(tmp_path / "a.pt")]) == 2
    assert "ends in .safetensors" in capsys.readouterr().err
    assert main(["no-such", "-o", str(tmp_path / "a.safetensors")]) == 2


STILL = Augmentation(0.0, 0.0, 0.0, False)


def test_changes_of_pictures(monkeypatch):
    images = torch.rand(4, 2, 10, 12, generator=torch.Generator().manual_seed(0)) * 2 - 1
    stream = torch.Generator().manual_seed(1)
    torch.testing.assert_close(change(images, STILL, stream), images, rtol=0, atol=1e-5)
    mirrored = change(images, replace(STILL, mirror=True), stream)
    flipped = [torch.allclose(m, i.flip(-1), atol=1e-5) for m, i in zip(mirrored, images, strict=True)]
    kept = [torch.allclose(m, i, atol=1e-5) for m, i in zip(mirrored, images, strict=True)]
    assert all(a != b for a, b in zip(flipped, kept, strict=True))
    monkeypatch.setattr(train_lenet.torch, "rand", lambda *size, generator: torch.ones(size))  # the ends of the ranges
    moved = change(images, replace(STILL, shift=2.0), stream)
    torch.testing.assert_close(moved[..., :-2, :-2], images[..., 2:, 2:], rtol=0, atol=1e-4)
    square = images[..., :10]
    turned = change(square, replace(STILL, rotation=90.0), stream)
    assert any(torch.allclose(turned, square.rot90(k, (2, 3)), atol=1e-4) for k in (1, 3))
