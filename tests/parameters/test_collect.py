from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.sources import open_source
from cellnn.diffusion.parameters.sources.source import holding
from cellnn.diffusion.parameters.vectors import read_collection

from .small import collect_config


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A collection made in one go: its file's bytes."""
    path = tmp_path_factory.mktemp("whole") / "c.safetensors"
    collect(read_collect_config(collect_config()), path)
    return path


def test_only_the_chosen_parameters_move(whole):
    found, _ = read_collection(whole)
    assert found.vectors.shape == (12, 3 * 3 * 9 + 3 * 9 + 3 + 3 + 4)
    steps = found.vectors.diff(dim=0).abs()
    assert bool((steps.max(dim=1).values > 0).all())  # each checkpoint is another
    # the base network ends with the last checkpoint's values: what is not chosen is that of all of them
    assert torch.equal(found.layout.vectors({k: v[None] for k, v in found.base.items()})[0], found.vectors[-1])
    assert found.about["source"]["data"]["train"] == 1621 - 100
    assert found.about["measure"] == "accuracy" and len(found.about["source"]["data"]["files"]) >= 1


def test_stopped_anywhere_and_resumed_it_is_the_same_file(whole, tmp_path):
    expected = read_collection(whole)[1]
    source = read_collect_config(collect_config())
    base = 1521 // 40
    for stops in ((3,), (base,), (base + 1, base + 2, base + 20)):
        path = tmp_path / f"{stops[0]}.safetensors"
        for number, stop in enumerate((*stops, 10**9)):
            seen = []
            done = collect(
                source, path, go_on=number > 0, watch=lambda step, *_: seen.append(step),  # noqa: B023
                interrupted=lambda: bool(seen) and seen[-1] >= stop,  # noqa: B023  (asked within the turn)
            )  # fmt: skip
        assert done.collection is not None
        assert read_collection(path)[1] == expected
        assert path.read_bytes() == whole.read_bytes()
        assert not list(tmp_path.glob("*.partial"))


def test_killed_and_resumed_it_is_the_same_file(tmp_path):
    """Killed before the first file has its name, with one in the first stage, and in the second stage."""
    config, whole, parts = (tmp_path / name for name in ("c.yaml", "whole.safetensors", "parts.safetensors"))
    config.write_text(json.dumps(collect_config(checkpoints=4)))
    moments = ["save:1:half", "save:2:renamed", "save:8:half"]
    command = [sys.executable, "-m", "tests.parameters.killed_collection", config, whole, parts, *moments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=True)
    assert done.stdout.splitlines() == [*(f"{moment} {int(signal.SIGKILL)}" for moment in moments), " ended"]
    assert parts.read_bytes() == whole.read_bytes()


def test_a_collection_that_is_whole_stays_as_it_is(whole, tmp_path):
    path = tmp_path / "c.safetensors"
    path.write_bytes(whole.read_bytes())
    partial = path.with_name("c.safetensors.partial")
    partial.write_bytes(b"left by a process killed after its last step")
    source = read_collect_config(collect_config())
    with pytest.raises(InputError, match=r"c\.safetensors'; expected a name that is free .*--resume"):
        collect(source, path)
    done = collect(source, path, go_on=True, interrupted=lambda: pytest.fail("there is nothing left to do"))
    assert torch.equal(done.collection.vectors, read_collection(whole)[0].vectors)
    assert path.read_bytes() == whole.read_bytes() and not partial.exists()
    with pytest.raises(InputError, match="a collection of this config"):
        collect(read_collect_config(collect_config(every=3)), path, go_on=True)
    assert path.read_bytes() == whole.read_bytes()


def test_what_was_never_begun_does_not_go_on(tmp_path):
    with pytest.raises(InputError, match="a collection to resume"):
        collect(read_collect_config(collect_config()), tmp_path / "c.safetensors", go_on=True)


def test_another_config_does_not_go_on(tmp_path):
    path = tmp_path / "c.safetensors"
    collect(read_collect_config(collect_config()), path, interrupted=lambda: True)
    with pytest.raises(InputError, match="a collection of this config.*another config"):
        collect(read_collect_config(collect_config(every=3)), path, go_on=True)
    with pytest.raises(InputError, match="--resume goes on"):
        collect(read_collect_config(collect_config()), path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"parameters": ["layer.0"]}, r"parameters\[0\].*did you mean layers.0"),
        ({"parameters": []}, "parameters.*a list of names"),
        ({"source": {}}, "source.*one of `classifier`, `collected` and `model`"),
        ({"source": {"model": "nosuch"}}, "source.model.*'nosuch'"),
        ({"data": {"name": "digits", "held_out": 1621}}, r"data.held_out: got 1621; expected at most 1571"),
        ({"data": {"name": "digits", "batch": 1622}}, r"data.batch: got 1622; expected at most 1621"),
        ({"data": {"name": "digits", "folder": "~nobody-of-this-name"}}, r"data.folder: got '~nobody"),
        ({"checkpoint": 3}, "checkpoint.*did you mean checkpoints"),
    ],
)
def test_bad_configs_are_told_with_the_line(tmp_path, changes, told):
    config = tmp_path / "c.yaml"
    config.write_text(json.dumps(collect_config(**changes), indent=1))
    with pytest.raises(InputError, match=rf"c\.yaml, line [1-9]\d*: {told}"):
        collect(read_collect_config(config), tmp_path / "c.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


def test_a_denoiser_is_a_source(tmp_path):
    """Its readouts are trained on; the loss on held-out pictures is that of the run's own measure."""
    config = collect_config(
        source={"model": "mnist-cellnn"},
        data={"name": "mnist-5k", "batch": 4},
        parameters=["middle.readout"],
        checkpoints=2, every=1, settle=0, learning_rate=1e-3,
    )  # fmt: skip
    read = read_collect_config(config)
    found = collect(read, tmp_path / "c.safetensors").collection
    assert found is not None and not found.base and found.about["source"]["model"] == "mnist-cellnn"
    source = open_source(read.config.source, read.config.data, None, (0, 1))
    source.held_out.examples = source.held_out.examples.part(0, 16)
    before = source.scores().mean()
    reported = source.held_out.loss(source.network, torch.device("cpu"))
    assert before == pytest.approx(reported, rel=1e-6)
    with holding(source.network, {n: v[0] for n, v in found.layout.tensors(found.vectors * 0).items()}):
        assert source.scores().mean() > before + 0.01  # without the middle's readout it is worse
    assert source.scores().mean() == before
