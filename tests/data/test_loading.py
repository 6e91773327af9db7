"""Pictures come out as they were put in; the embedded sets are split as documented."""

import gzip
import hashlib

import numpy as np
import pytest
import torch

from cellnn.circuits.sources.datasets import load_dataset
from cellnn.devices.errors import InputError
from cellnn.diffusion.data import DATA_SETS, load_images

from .files import COUNTS, cifar_files, idx_files


@pytest.mark.parametrize("name", ["mnist-5k", "digits"])
def test_the_last_tenth_of_each_class_is_the_test_split(name):
    images, labels = load_dataset(name)
    test = np.concatenate([m[len(m) - len(m) // 10 :] for m in (np.flatnonzero(labels == k) for k in range(10))])
    for split, chosen in (("test", np.sort(test)), ("train", np.setdiff1d(np.arange(len(labels)), test))):
        data = load_images(name, split)
        np.testing.assert_array_equal(data.images[:, 0], images[chosen])
        np.testing.assert_array_equal(data.labels, labels[chosen])
        assert len(data) == len(chosen) == DATA_SETS[name].counts[split]
        assert data.picture == DATA_SETS[name].shape


def test_the_split_of_mnist_5k_is_450_and_50_of_each_digit():
    for split, each in (("train", 450), ("test", 50)):
        assert load_images("mnist-5k", split).labels.bincount().tolist() == [each] * 10
    images, labels = load_dataset("mnist-5k")
    np.testing.assert_array_equal(load_images("mnist-5k", "test").images[:50, 0], images[450:500])


def test_pictures_are_normalised_to_minus_one_and_one():
    data = load_images("mnist-5k")
    assert data.images.dtype == torch.uint8 and data.labels.dtype == torch.int64
    for index in (3, slice(2, 9), [1, 4], torch.tensor([7, 7])):
        some = data.normalised(index)
        assert some.dtype == torch.float32
        exact = data.images[index].to(torch.float64) * 2 / 255 - 1
        torch.testing.assert_close(some.to(torch.float64), exact, rtol=0, atol=1e-6)
    assert data.normalised().aminmax() == (-1.0, 1.0)


def test_the_hashes_are_those_of_the_pictures():
    images, labels = load_dataset("digits")
    files = load_images("digits", "all").files
    assert files["digits/images"] == hashlib.sha256(images.tobytes()).hexdigest()
    assert files["digits/labels"] == hashlib.sha256(labels.tobytes()).hexdigest()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("inner", ["", "MNIST/raw", "raw"])
def test_mnist_from_a_folder(small_sets, write, packed, inner):
    files, arrays = idx_files()
    stored = {f"{name}.gz": gzip.compress(content) for name, content in files.items()} if packed else files
    write(stored, f"data/{inner}")
    for split, (images, labels) in arrays.items():
        data = load_images("mnist", split, folder=write({}))
        np.testing.assert_array_equal(data.images[:, 0], images)
        np.testing.assert_array_equal(data.labels, labels)
        for name, digest in data.files.items():
            assert digest == hashlib.sha256(files[name]).hexdigest()
        assert len(data.files) == 2
    both = load_images("mnist", "all", folder=write({}))
    np.testing.assert_array_equal(both.images[:, 0], np.concatenate([images for images, _ in arrays.values()]))
    assert len(both.files) == 4


@pytest.mark.parametrize("inner", ["", "cifar-10-batches-bin"])
def test_cifar_10_from_a_folder(small_sets, write, inner):
    files, arrays = cifar_files()
    write(files, f"data/{inner}")
    for split, (images, labels) in arrays.items():
        data = load_images("cifar-10", split, folder=write({}))
        np.testing.assert_array_equal(data.images, images)
        np.testing.assert_array_equal(data.labels, labels)
        assert data.picture == (3, 32, 32) and len(data) == COUNTS[split]


def test_folders_are_looked_through_in_order(small_sets, write, monkeypatch, tmp_path):
    """$CELLNN_DATA, then the user's, then the system's: the first that has any of the files."""
    for seed, folder in enumerate(("shared/fashion-mnist", "user/cellnn/fashion-mnist", "env/fashion-mnist")):
        files, arrays = idx_files(seed * 10)
        write(files, folder)
        monkeypatch.setenv("CELLNN_DATA", str(tmp_path / "env"))
        np.testing.assert_array_equal(load_images("fashion-mnist").images[:, 0], arrays["train"][0])


def test_another_name_or_split_is_refused():
    with pytest.raises(InputError, match="did you mean mnist-5k"):
        load_images("mnist5k")
    with pytest.raises(InputError, match="got 'trian'.*did you mean train"):
        load_images("digits", "trian")
    with pytest.raises(InputError, match="comes with the program"):
        load_images("digits", folder="somewhere")


def test_torch_is_imported_when_pictures_are_loaded():
    import subprocess
    import sys

    code = "import sys, cellnn.diffusion.data; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
