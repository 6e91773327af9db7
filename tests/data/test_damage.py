"""Whatever is wrong with a file: one InputError that names it, never other pictures."""

import gzip
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images

from .files import cifar_files, idx_files

IDX, ARRAYS = idx_files()
CIFAR, _ = cifar_files()
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.sampled_from(sorted(IDX)[2:])  # those of the training split


@QUICK
@given(name=NAMES, keep=st.integers(0, 10**6), packed=st.booleans())
def test_a_cut_file_of_mnist(small_sets, write, name, keep, packed):
    whole = gzip.compress(IDX[name]) if packed else IDX[name]
    files = dict(IDX)
    del files[name]
    file = f"{name}.gz" if packed else name
    place = write(files)
    for other in (name, f"{name}.gz"):
        (place / other).unlink(missing_ok=True)
    write({file: whole[: keep % len(whole)]})
    with pytest.raises(InputError, match=f"{file}: got .*expected") as caught:
        load_images("mnist", folder=place)
    assert "fetch the file anew" in str(caught.value)
    (place / file).unlink()


@QUICK
@given(name=NAMES, at=st.integers(0, 15), value=st.integers(0, 255))
def test_a_damaged_header_of_mnist(small_sets, write, name, at, value):
    content = bytearray(IDX[name])
    at %= 16 if "images" in name else 8
    if content[at] == value:
        value = (value + 1) % 256
    content[at] = value
    place = write(IDX | {name: bytes(content)})
    with pytest.raises(InputError, match=f"{name}: got"):
        load_images("mnist", folder=place)


@QUICK
@given(name=NAMES, at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_compressed_file_is_found_or_does_no_harm(small_sets, write, name, at, bit):
    content = bytearray(gzip.compress(IDX[name], mtime=0))
    content[at % len(content)] ^= 1 << bit
    place = write({key: value for key, value in IDX.items() if key != name})
    (place / name).unlink(missing_ok=True)
    write({f"{name}.gz": bytes(content)})
    try:
        data = load_images("mnist", folder=place)
    except InputError as error:
        assert f"{name}.gz" in str(error)
    else:  # a bit of gzip's header that says nothing about the content
        np.testing.assert_array_equal(data.images[:, 0], ARRAYS["train"][0])
        np.testing.assert_array_equal(data.labels, ARRAYS["train"][1])
    (place / f"{name}.gz").unlink()


@QUICK
@given(name=st.sampled_from(sorted(CIFAR)[:5]), keep=st.integers(0, 10**6))
def test_a_cut_file_of_cifar(small_sets, write, name, keep):
    place = write(CIFAR | {name: CIFAR[name][: keep % len(CIFAR[name])]})
    with pytest.raises(InputError, match=f"{name}: got '\\d+ bytes'"):
        load_images("cifar-10", folder=place)


@pytest.mark.parametrize("extra", [1, 10**6])
def test_files_that_are_too_long(small_sets, write, extra):
    name = "train-images-idx3-ubyte"
    with pytest.raises(InputError, match=f"{name}: got 'more than"):
        load_images("mnist", folder=write(IDX | {name: IDX[name] + bytes(extra)}))
    packed = {key: value for key, value in IDX.items() if key != name}
    packed[f"{name}.gz"] = gzip.compress(IDX[name] + bytes(extra))
    with pytest.raises(InputError, match=f"{name}.gz: got 'more than"):
        load_images("mnist", folder=write(packed, "packed"))
    with pytest.raises(InputError, match=r"data_batch_2\.bin: got 'more than"):
        load_images("cifar-10", folder=write(CIFAR | {"data_batch_2.bin": CIFAR["data_batch_2.bin"] + bytes(extra)}))


def test_labels_out_of_range(small_sets, write):
    name = "train-labels-idx1-ubyte"
    with pytest.raises(InputError, match=f"{name}: got 'the label 10'; expected labels from 0 to 9"):
        load_images("mnist", folder=write(IDX | {name: IDX[name][:-1] + b"\x0a"}))
    record = b"\x0b" + CIFAR["data_batch_3.bin"][1:]
    with pytest.raises(InputError, match=r"data_batch_3\.bin: got 'the label 11'"):
        load_images("cifar-10", folder=write(CIFAR | {"data_batch_3.bin": record}))


@pytest.mark.parametrize(("name", "files"), [("mnist", IDX), ("fashion-mnist", IDX), ("cifar-10", CIFAR)])
def test_missing_files(small_sets, write, tmp_path, name, files):
    with pytest.raises(InputError, match=rf"{tmp_path}/user/cellnn/{name}, {tmp_path}/shared/{name}.*--download"):
        load_images(name)
    with pytest.raises(InputError, match=rf"in {tmp_path}/nowhere \("):
        load_images(name, folder=tmp_path / "nowhere")
    for gone in files:
        if gone.startswith(("t10k", "test")):
            continue
        place = write({key: value for key, value in files.items() if key != gone}, f"without-{gone}")
        with pytest.raises(InputError, match=gone):
            load_images(name, folder=place)
        (place / gone).mkdir()
        with pytest.raises(InputError, match=f"{gone}: got 'this is a folder"):
            load_images(name, folder=place)


def test_a_gz_that_is_no_gz(small_sets, write):
    files = dict(IDX)
    files["train-images-idx3-ubyte.gz"] = files.pop("train-images-idx3-ubyte")
    with pytest.raises(InputError, match=r"train-images-idx3-ubyte\.gz: got .Not a gzipped file"):
        load_images("mnist", folder=write(files))


@pytest.mark.parametrize("inner", ["", "cifar-10-batches-py"])
def test_pickles_of_cifar_are_never_opened(small_sets, write, tmp_path, inner):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("pwned").touch, ())

    write({"data_batch_1": pickle.dumps(Bomb()), "test_batch": pickle.dumps(Bomb())}, f"data/{inner}")
    with pytest.raises(InputError, match=r"cifar-10-binary\.tar\.gz"):
        load_images("cifar-10", folder=write({}))
    assert not (tmp_path / "pwned").exists()
