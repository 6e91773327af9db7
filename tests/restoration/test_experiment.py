"""The whole experiment on a tiny real run, in Python and by the command."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from cellnn.devices import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures.classifier import load_classifier
from cellnn.diffusion.measures.similarity import ssim
from cellnn.diffusion.restoration.experiment import chosen, restore_pictures
from cellnn.diffusion.restoration.lenet_distance import lenet_distance
from cellnn.diffusion.restoration.levels import add_noise, time_of_level
from cellnn.diffusion.restoration.methods import METHODS, How
from cellnn.diffusion.training import load_run

LEVELS, N = (0.2, 0.8), 10
HOW = How(steps=6, rtol=0.1, atol=0.1)


@pytest.fixture(scope="module")
def data():
    return load_images("digits", "test")


@pytest.fixture(scope="module")
def found(run, data):
    return restore_pictures(load_run(run), data, LEVELS, N, 3, how=HOW)


def test_every_level_and_method_is_measured(found, data):
    assert [(row.level, row.method) for row in found.rows] == [(level, name) for level in LEVELS for name in METHODS]
    assert not found.told_classes and np.array_equal(found.true, data.normalised(chosen(data, 8, 3)).numpy())
    for row in found.rows:
        for mean in row.measures.values():
            assert mean.low <= mean.value <= mean.high
    evaluations = [row.evaluations for row in found.rows[:4]]
    assert evaluations[:2] == [0, 1] and evaluations[2] > 5 and evaluations[3] == 6
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["levels"][1]["measures"]["ssim"]["better"] == "higher" and content["how"]["steps"] == 6


def test_measures_are_those_of_the_restored_pictures(found, run, data):
    """The noisy ones, which need no network to be made again."""
    schedule = load_run(run).schedule
    true = data.normalised(chosen(data, N, 3))
    for row in found.rows[::4]:
        time = time_of_level(schedule, row.level)
        noisy = (add_noise(true, schedule, time, 3) / schedule.alpha(time).float()).clamp(-1, 1)
        assert np.allclose(row.pictures, noisy[:8].numpy(), atol=1e-6)
        assert row.each["ssim"] == pytest.approx(ssim(noisy, true), abs=1e-5)
        near = lenet_distance(load_classifier("digits").network, noisy, true)
        assert row.measures["lenet_distance"].value == pytest.approx(near.mean(), rel=1e-5)
    assert found.rows[0].measures["psnr"].value > found.rows[4].measures["psnr"].value


def test_the_same_seed_gives_the_same_and_fewer_pictures_begin_alike(found, run, data):
    again = restore_pictures(load_run(run), data, (0.8,), 9, 3, methods=("mean", "sde"), how=HOW)
    wanted = [found.rows[5], found.rows[7]]
    for row, other in zip(again.rows, wanted, strict=True):
        assert np.allclose(row.pictures, other.pictures, atol=2e-5)


def test_what_does_not_fit_is_refused(run, data):
    model = load_run(run)
    for more, message in (
        ({"n": 1}, "from 2 to"),
        ({"levels": (0.5, 2.0)}, "levels: got 2.0"),
        ({"data": load_images("mnist-5k", "test")}, "pictures .1, 8, 8."),
        ({"methods": ("meen",)}, "did you mean mean"),
    ):
        arguments = {"data": data, "levels": LEVELS, "n": N, **more}
        with pytest.raises(InputError, match=message):
            restore_pictures(model, **arguments)


def test_the_command_prints_writes_and_draws(run, cellnn_command, tmp_path):
    out, plot = tmp_path / "r.json", tmp_path / "r.png"
    words = ("--data", "digits", "-n", 4, "--levels", "0.3,0.9", "--methods", "noisy,mean", "--plot", plot)
    result = cellnn_command("restore", run, *words, "--json", out)
    assert (result.status, result.err) == (0, ""), result.err
    assert "4 pictures of digits (test), restored by tiny, not told their classes" in result.out
    content = json.loads(out.read_text())
    assert [(row["level"], row["method"]) for row in content["levels"]] == [
        (0.3, "noisy"), (0.3, "mean"), (0.9, "noisy"), (0.9, "mean")
    ]  # fmt: skip
    assert f"{content['levels'][0]['measures']['psnr']['value']:.4g}" in result.out
    assert np.asarray(Image.open(plot).convert("L")).std() > 10


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["--levels", "0.3,x"], "--levels: got 'x'"),
        (["--levels", "1.5"], "levels: got 1.5"),
        (["--methods", "flaw"], "did you mean flow"),
        (["-n", "100000"], "from 2 to"),
        (["--plot", "{tmp}/r.gif"], "ends in .png"),
        (["--json", "{tmp}/no/r.json"], "folder that exists"),
        (["--data", "cifar"], "data"),
    ],
)
def test_a_bad_command_line_has_status_2_and_leaves_nothing(words, fragment, run, cellnn_command, tmp_path):
    given = [word.format(tmp=tmp_path) for word in words]
    result = cellnn_command("restore", run, *([] if "--data" in words else ["--data", "digits"]), *given)
    assert result.status == 2 and fragment in result.err and result.err.count("\n") == 1, result.err
    assert list(tmp_path.iterdir()) == []


def test_classes_are_told_where_the_network_knows_no_other_way(run, data):
    model = load_run(run)
    training = model.config.training.model_copy(update={"unconditional": 0.0})
    object.__setattr__(model, "config", model.config.model_copy(update={"training": training}))
    seen = []
    model.network.register_forward_pre_hook(lambda module, given: seen.append(given[2]))
    told = restore_pictures(model, data, (0.5,), 4, methods=("mean",))
    assert told.told_classes and torch.equal(seen[0], data.labels[chosen(data, 4, 0)])
