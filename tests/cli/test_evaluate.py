"""`cellnn evaluate`: a table, JSON, a picture; what is at fault is one message."""

import json

import numpy as np
import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures.classifier import FOLDER

WANTED = {"frechet", "frechet_infinity", "frechet_inception", "kernel", "precision", "recall", "density", "coverage",
          "class_entropy", "class_distance", "confident", "label_agreement", "nearest_ssim", "pair_ssim"}  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return load_images("digits")


@pytest.fixture
def samples(tmp_path, data):
    """Noisy copies of 200 digits, and the labels of what they are copies of."""
    stream = torch.Generator().manual_seed(0)
    index = torch.randperm(len(data), generator=stream)[:200]
    images = (data.normalised(index) + 0.3 * torch.randn(200, 1, 8, 8, generator=stream)).clamp(-1, 1)
    np.savez(tmp_path / "s.npz", images=images.numpy(), labels=data.labels[index].numpy())
    return tmp_path / "s.npz"


def test_a_table_a_file_and_a_picture(cellnn_command, samples, data, tmp_path):
    out, picture = tmp_path / "e.json", tmp_path / "e.png"
    shown = cellnn_command("evaluate", samples, "--data", "digits", "--json", out, "--plot", picture)
    assert shown.status == 0
    assert "200 samples against 1621 pictures of digits (train)" in shown.out
    assert f"wrote {out}, {picture}" in shown.out and "no Frechet distance on Inception's features" in shown.out
    assert picture.read_bytes()[:4] == b"\x89PNG"
    content = json.loads(out.read_text())
    assert set(content["figures"]) == WANTED
    for name, figure in content["figures"].items():
        assert (figure["value"] is None) == (name == "frechet_inception")
        if figure["value"] is not None:
            assert f"{figure['value']:.4g}" in shown.out and figure["count"] > 0
    assert content["data"]["files"] == data.files and content["samples"]["count"] == 200
    assert content["classifier"]["name"] == "digits" and content["seed"] == 0
    assert "200 samples are few" in shown.err


def test_json_alone_and_the_options(cellnn_command, samples, tmp_path):
    call = ("evaluate", samples, "--data", "digits", "--json")
    first = json.loads(cellnn_command(*call).out)
    own = cellnn_command(*call, "-", "--classifier", FOLDER / "digits.safetensors", "--seed", 0)
    assert json.loads(own.out) == first
    other = json.loads(cellnn_command(*call, "-", "--seed", 1, "--split", "all").out)
    assert other["seed"] == 1 and other["data"]["count"] == 1797
    assert other["figures"]["frechet"]["value"] != first["figures"]["frechet"]["value"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "digitz"], "did you mean digits"),
        (["--data", "mnist-5k"], "expected shape (n, 1, 28, 28)"),
        (["--data", "digits", "--split", "tests"], "did you mean test"),
        (["--data", "digits", "--folder", "."], "comes with the program"),
        (["--data", "digits", "--classifier", "none.safetensors"], "No such file"),
        (["--data", "digits", "--classifier", str(FOLDER / "mnist.safetensors")], "a LeNet for pictures (1, 8, 8)"),
        (["--data", "digits", "--plot", "p.bmp"], "ends in .png"),
        (["--data", "digits", "--json", "no/where.json"], "in a folder that exists"),
        (["--data", "digits", "--seed", "-1"], "--seed"),
        ([], "--data"),
    ],
)
def test_input_at_fault(cellnn_command, samples, arguments, message):
    shown = cellnn_command("evaluate", samples, *arguments)
    assert shown.status == 2 and message in shown.err and shown.err.count("\n") == 1 and shown.out == ""


def test_samples_at_fault(cellnn_command, samples, tmp_path):
    stored = dict(np.load(samples))
    for change, message in (
        ({"images": stored["images"] * 3}, "values in [-1, 1]"),
        ({"images": stored["images"][:50]}, "100 or more"),
        ({"labels": stored["labels"][:-1]}, "labels: got"),
    ):
        np.savez(tmp_path / "bad.npz", **(stored | change))
        shown = cellnn_command("evaluate", tmp_path / "bad.npz", "--data", "digits")
        assert shown.status == 2 and message in shown.err and "bad.npz" in shown.err
    samples.write_bytes(samples.read_bytes()[:1000])
    assert cellnn_command("evaluate", samples, "--data", "digits").status == 2


def test_the_output_does_not_replace_the_samples(cellnn_command, samples):
    before = samples.read_bytes()
    shown = cellnn_command("evaluate", samples, "--data", "digits", "--json", samples)
    assert shown.status == 2 and samples.read_bytes() == before


def test_colour_and_few_samples_are_drawn(tmp_path):
    from cellnn.diffusion.data import ImageData
    from cellnn.diffusion.measures.report import Figure, Report
    from cellnn.plots.evaluation import plot_evaluation
    from cellnn.plots.files import save_figure

    images = torch.randint(0, 256, (30, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    names = tuple(f"kind {k}" for k in range(10))
    data = ImageData("cifar-10", "train", images, torch.arange(30) % 10, names, {})
    shares = {name: {"samples": 0.1, "data": 0.1} for name in names}
    report = Report({"frechet": Figure(1.0, None, 100, 30, 0.5)}, shares, {}, {}, 0, {})
    figure = plot_evaluation(report, data.normalised()[:12].numpy().repeat(9, axis=0), data)
    save_figure(figure, tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000
    with pytest.raises(InputError):
        save_figure(figure, tmp_path / "p.txt")
