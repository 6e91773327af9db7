"""Files of samples: what is wrong with one is said in one message."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellnn.devices.errors import InputError
from cellnn.diffusion.measures.samples import check_samples, read_samples

PICTURE, CLASSES = (1, 4, 5), 10
IMAGES = np.random.default_rng(0).uniform(-1, 1, (120, *PICTURE)).astype(np.float32)
LABELS = np.arange(120) % 11


def read(path):
    return read_samples(path, PICTURE, CLASSES)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_samples_come_back(tmp_path, dtype, save):
    save(tmp_path / "s.npz", images=IMAGES.astype(dtype), labels=LABELS, other=np.array(["more"]))
    found = read(tmp_path / "s.npz")
    assert found.images.dtype == np.float32 and found.labels.dtype == np.int64
    np.testing.assert_array_equal(found.images, IMAGES.astype(dtype).astype(np.float32))
    np.testing.assert_array_equal(found.labels, LABELS)
    save(tmp_path / "s.npz", images=IMAGES)
    assert read(tmp_path / "s.npz").labels is None


def spoilt(index, value):
    images = IMAGES.copy()
    images[index] = value
    return images


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[:, 0], r"images: got \(120, 4, 5\).*images\[:, None\]"),
        (np.moveaxis(IMAGES, 1, -1), r"shape \(n, 1, 4, 5\) \(channels come before"),
        (IMAGES[:, :, :3], r"got \(120, 1, 3, 5\)"),
        (((IMAGES + 1) * 127.5).astype(np.uint8), r"'uint8'; expected float32.*b / 127\.5 - 1"),
        (IMAGES > 0, "'bool'"),
        (IMAGES.astype(complex), "'complex128'"),
        (IMAGES[:99], "'99 pictures of 1 x 4 x 5'; expected 100 or more"),
        (IMAGES[:0], "'0 pictures"),
        (spoilt((7, 0, 1, 1), np.nan), "not finite in picture 7"),
        (spoilt((3, 0, 1, 1), -np.inf), "not finite in picture 3"),
        (IMAGES * 1.5 + 0.5, r"'values from -.*'; expected values in \[-1, 1\]"),
        (spoilt((0, 0, 0, 0), 1.001), r"to 1\.001"),
    ],
)
def test_images_at_fault(tmp_path, images, message):
    np.savez(tmp_path / "s.npz", images=images)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / "s.npz")
    assert str(caught.value).startswith(f"{tmp_path}/s.npz: images: got")


@pytest.mark.parametrize("labels", [LABELS[:-1], LABELS[:, None], LABELS * 1.0, LABELS - 1, LABELS + 1])
def test_labels_at_fault(tmp_path, labels):
    np.savez(tmp_path / "s.npz", images=IMAGES, labels=labels)
    with pytest.raises(InputError, match="labels: got"):
        read(tmp_path / "s.npz")


def test_files_at_fault(tmp_path):
    path = tmp_path / "s.npz"
    np.savez(path, pictures=IMAGES)
    with pytest.raises(InputError, match="got 'arrays pictures'; expected an array named images"):
        read(path)
    for content in (b"", b"rubbish", b"PK\x03\x04" + bytes(50), b"\x80\x04K\x01."):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"a readable \.npz file"):
            read(path)
    np.save(tmp_path / "one.npy", IMAGES)
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(InputError, match="a single array"):
        read(path)
    for other in (tmp_path, tmp_path / "none.npz"):
        with pytest.raises(InputError, match=str(other)):
            read(other)


def test_pickled_objects_are_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("pwned").touch, ())

    np.savez(tmp_path / "s.npz", images=np.array([Bomb()], dtype=object))
    with pytest.raises(InputError, match="an .npz of plain arrays"):
        read(tmp_path / "s.npz")
    assert not (tmp_path / "pwned").exists()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10**6), value=st.integers(1, 255), cut=st.booleans(), packed=st.booleans())
def test_a_damaged_file_is_refused_or_whole(tmp_path, at, value, cut, packed):
    path = tmp_path / "s.npz"
    (np.savez_compressed if packed else np.savez)(path, images=IMAGES, labels=LABELS)
    content = bytearray(path.read_bytes())
    at %= len(content)
    if cut:
        content = content[:at]
    else:
        content[at] ^= value
    path.write_bytes(bytes(content))
    try:
        found = read(path)
    except InputError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
    else:  # a byte that says nothing about the content
        np.testing.assert_array_equal(found.images, IMAGES)
        assert found.labels is None or (found.labels == LABELS).all()


def test_rounding_beyond_the_range_is_clipped():
    found = check_samples(IMAGES.clip(-1, 1) * np.float32(1.000001), None, PICTURE, CLASSES)
    assert np.abs(found.images).max() <= 1
