"""`cellnn sample`: the file, its provenance, the sheet, and bad command lines."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from cellnn.diffusion.training import load_run, read_config, train

from ..training.conftest import CONFIG, one_thread

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with a snapshot, only to be read."""
    folder = tmp_path_factory.mktemp("sampled") / "run"
    train(read_config(CONFIG), folder)
    return folder


def load(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def test_samples_are_a_plain_file(run, cellnn_command, tmp_path):
    out = tmp_path / "s.npz"
    result = cellnn_command("sample", run, "-n", 5, "--seed", 4, "-o", out)
    assert (result.status, result.err) == (0, "")
    assert result.out == f"5 pictures by dpm-solver++ in 3 steps, seed 4: {out}\n"
    stored = load(out)
    assert set(stored) == {"images", "labels", "seed", "provenance", "parameters", "evaluations"}
    weights = load_file(run / "model.safetensors")
    buffers = ("running_", "num_batches")  # of norms: not trained
    assert stored["parameters"] == sum(t.size for name, t in weights.items() if not any(b in name for b in buffers))
    assert stored["evaluations"] == 3 and stored["evaluations"].dtype == np.int64
    images = stored["images"]
    assert images.shape == (5, 1, 8, 8) and images.dtype == np.float32
    assert images.min() >= -1 and images.max() <= 1 and images.std() > 0.1
    assert np.array_equal(images, load_run(run).sample(5, 4).numpy())
    told = json.loads(str(stored["provenance"]))
    assert stored["seed"] == told["seed"] == 4
    assert told["model"] == json.loads((run / "model.json").read_text())
    assert (told["sampler"], told["steps"], told["guidance"], told["device"]) == ("dpm-solver++", 3, 1.0, "cpu")


def test_the_same_command_gives_the_same_bytes_and_more_samples_begin_alike(run, cellnn_command, tmp_path):
    for name, n, batch in (("a", 40, 32), ("b", 40, 32), ("c", 40, 16), ("d", 7, 32)):
        words = ("-n", n, "--batch", batch, "--label", "all", "--guidance", 2, "-o", tmp_path / f"{name}.npz")
        assert cellnn_command("sample", run, *words).status == 0
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    a, c, d = (load(tmp_path / f"{name}.npz") for name in "acd")
    assert np.array_equal(a["images"], c["images"]) and np.array_equal(a["images"][:7], d["images"])
    assert a["labels"].tolist() == [k % 10 for k in range(40)] and a["labels"].dtype == np.int64
    assert a["seed"] == 3  # the config's seed for samples, where none is given


def test_options_reach_the_sampler(run, cellnn_command, tmp_path):
    found = {}
    labelled = ("", "--label none", "--label 3", "--label 3 --guidance 2")
    for words in (*labelled, "--sampler ddim", "--steps 5", "--snapshot 6", "--seed 9"):
        out, sheet = tmp_path / "o.npz", tmp_path / "p.png"
        result = cellnn_command("sample", run, "-n", 2, "-o", out, "--plot", sheet, "--json", *words.split())
        assert result.status == 0, result.err
        assert json.loads(result.out)["written"] == [str(out), str(sheet)]
        assert sheet.read_bytes()[:4] == b"\x89PNG"
        found[words] = load(out)
        sheet.unlink()
    assert len({stored["images"].tobytes() for stored in found.values()}) == len(found)
    assert found["--label 3"]["labels"].tolist() == [3, 3] and found[""]["labels"].tolist() == [0, 1]
    assert "labels" not in found["--label none"]
    assert [int(found[words]["evaluations"]) for words in ("", "--label 3 --guidance 2", "--steps 5")] == [3, 6, 5]
    told = json.loads(str(found["--snapshot 6"]["provenance"]))
    assert told["model"]["step"] == 6


def test_evaluations_are_counted_where_only_the_run_can_say(run, cellnn_command, tmp_path):
    """Against the calls of the network itself; pictures beyond n in the last batch cost nothing to those that stay."""
    out = tmp_path / "o.npz"
    words = ("-n", 5, "--batch", 4, "--sampler", "probability-flow", "--rtol", 0.01, "--atol", 0.001, "-o", out)
    result = cellnn_command("sample", run, *words)
    assert result.status == 0, result.err
    model, calls = load_run(run), []
    model.network.register_forward_hook(lambda module, given, answer: calls.append(len(answer)))
    how = {"sampler": "probability-flow", "rtol": 0.01, "atol": 0.001, "batch": 4}
    model.sample(4, 3, [0, 1, 2, 3], **how)
    first = len(calls)
    images = model.sample(5, 3, **how)
    second = len(calls) - 2 * first
    assert set(calls) == {4} and second > 0 and np.array_equal(images.numpy(), load(out)["images"])
    stored = load(out)["evaluations"]
    assert stored == pytest.approx((4 * first + second) / 5, rel=1e-12)
    told = json.loads(str(load(out)["provenance"]))
    assert (told["rtol"], told["atol"]) == (0.01, 0.001)
    assert f" in {stored:g} evaluations, seed 3" in result.out


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["{run}"], "output"),
        (["{run}x", "-o", "{tmp}/o.npz"], "expected the folder of a run, or the name of a shipped model"),
        (["{tmp}", "-o", "{tmp}/o.npz"], "there is no run in it"),
        (["{run}", "-o", "{tmp}/o.txt"], "ends in .npz"),
        (["{run}", "-o", "{tmp}/no/o.npz"], "folder that exists"),
        (["{run}", "-o", "{tmp}/o.npz", "--plot", "{tmp}/o.npz"], "a file of its own"),
        (["{run}", "-o", "{tmp}/o.npz", "--plot", "{tmp}/o.gif"], "ends in .png"),
        (["{run}", "-o", "{tmp}/o.npz", "--json", "{run}/model.json"], "a file of its own"),
        (["{run}", "-o", "{tmp}/o.npz", "-n", "0"], "'-n'"),
        (
            ["{run}", "-o", "{tmp}/o.npz", "--label", "ten"],
            "--label: got 'ten'; expected a class of this model",
        ),
        (["{run}", "-o", "{tmp}/o.npz", "--label", "none", "--guidance", "2"], "guidance: got 2.0; expected 1"),
        (["{run}", "-o", "{tmp}/o.npz", "--sampler", "dim"], "did you mean ddim?"),
        (["{run}", "-o", "{tmp}/o.npz", "--rtol", "0.1"], "rtol: got 0.1; expected no rtol with dpm-solver++"),
        (["{run}", "-o", "{tmp}/o.npz", "--snapshot", "5"], "one of the steps 6, 12"),
        (["{run}", "-o", "{tmp}/o.npz", "--device", "gpu"], "device: got 'gpu'"),
        (["{run}", "-o", "{tmp}/o.npz", "--device", "cuda:99"], "device: got 'cuda:99'"),
    ],
)
def test_a_bad_command_line_has_status_2_and_leaves_nothing(words, fragment, run, cellnn_command, tmp_path):
    result = cellnn_command("sample", *[word.format(run=run, tmp=tmp_path) for word in words])
    assert result.status == 2 and fragment in result.err and result.err.count("\n") == 1, result.err
    assert list(tmp_path.iterdir()) == []
