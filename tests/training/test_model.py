"""Trained models: from a run's folder or by name, and the samples they draw."""

import json
import shutil

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion import models
from cellnn.diffusion.process import SamplingError, sample
from cellnn.diffusion.training import load_run, read_config, train
from cellnn.diffusion.training.checkpoint import average_of, file_name
from cellnn.diffusion.training.model import make_network
from cellnn.diffusion.training.pictures import save_sheet

from .conftest import same_bits, tensors_of


def test_a_model_is_the_network_of_its_config_with_the_averaged_weights(finished, config):
    trained = load_run(finished)
    assert same_bits(trained.network.state_dict(), tensors_of(finished / "model.safetensors"))
    assert not trained.network.training and not any(p.requires_grad for p in trained.network.parameters())
    assert (trained.picture, trained.prediction, trained.schedule.name) == ((1, 8, 8), "v", "cosine")
    assert trained.classes == tuple("0123456789") and trained.config == read_config(config).config
    network = make_network(trained.config).eval()
    network.load_state_dict(tensors_of(finished / "model.safetensors"))
    theirs = sample(network, trained.schedule, "v", (4, 1, 8, 8), steps=3, seed=5, batch=4).clamp(-1, 1)
    assert torch.equal(trained.sample(4, 5, "none", batch=4), theirs)


def test_snapshots_and_checkpoints_are_models_too(finished, tmp_path):
    early = load_run(finished, snapshot=6)
    assert early.about["step"] == 6
    assert same_bits(early.network.state_dict(), tensors_of(finished / "snapshots" / file_name(6)))
    with pytest.raises(InputError, match="snapshot: got 7; expected one of the steps 6, 12"):
        load_run(finished, snapshot=7)
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / "model.json").unlink()
    weights = average_of(tensors_of(run / "checkpoints" / file_name(12)))
    assert same_bits(load_run(run).network.state_dict(), weights)
    shutil.rmtree(run / "checkpoints")
    with pytest.raises(InputError, match="it has not come to its first checkpoint"):
        load_run(run)


def test_shipped_models_go_by_name(finished, tmp_path, monkeypatch):
    (tmp_path / "tiny-model").mkdir()
    for name in ("model.json", "model.safetensors"):
        shutil.copy(finished / name, tmp_path / "tiny-model")
    monkeypatch.setattr(models, "_HERE", tmp_path)
    assert torch.equal(load_run("tiny-model").sample(2, 1), load_run(finished).sample(2, 1))
    with pytest.raises(InputError, match="or the name of a shipped model .did you mean tiny-model?"):
        load_run("tiny-modle")


@pytest.mark.parametrize("name", models.model_names())
def test_every_shipped_model_loads(name):
    trained = load_run(name)
    assert trained.config.name and torch.isfinite(trained.sample(1, 0, steps=1, batch=1)).all()


@pytest.mark.parametrize("damage", ["json", "weights", "other weights", "other network", "no config", "no hash"])
def test_damaged_models_are_refused(damage, finished, config, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    about = json.loads((run / "model.json").read_text())
    if damage == "json":
        (run / "model.json").write_text("{")
    elif damage == "weights":
        (run / "model.safetensors").write_bytes((run / "model.safetensors").read_bytes()[:-1])
    elif damage == "other weights":
        shutil.copy(run / "snapshots" / file_name(6), run / "model.safetensors")
    elif damage == "other network":
        about["config"]["network"]["channels"] = [16]
        (run / "model.json").write_text(json.dumps(about))
    elif damage == "no hash":
        (run / "model.json").write_text(json.dumps(about | {"weights": None}))
    else:
        about["config"]["training"]["steps"] = "many"
        (run / "model.json").write_text(json.dumps(about))
    expected = {
        "json": "model.json: got 'model.json'; expected the description of a model",
        "weights": "model.safetensors: .*it is damaged",
        "other weights": "the weights that model.json describes",
        "other network": "weights of the network it describes",
        "no config": "config.training.steps: got 'many'; expected a whole number",
        "no hash": "the description of a model.*it does not say which weights it describes",
    }
    with pytest.raises(InputError, match=expected[damage]):
        load_run(run)


@pytest.mark.parametrize("sampler", ["dpm-solver++", "ddpm"])
def test_a_sample_depends_on_its_number_alone(sampler, finished):
    trained = load_run(finished)
    labels = [k % 10 for k in range(70)]
    full = trained.sample(70, 9, labels, sampler=sampler, guidance=2.0, batch=32)
    assert full.shape == (70, 1, 8, 8) and full.dtype == torch.float32 and full.abs().max() <= 1
    assert len({tuple(picture.flatten().tolist()) for picture in full}) == 70
    for n, batch in ((70, 64), (70, 16), (33, 32), (5, 32), (1, 16)):
        found = trained.sample(n, 9, labels[:n], sampler=sampler, guidance=2.0, batch=batch)
        assert torch.equal(found, full[:n]), (n, batch)
    # batches of other sizes run through other kernels: the last digits may differ
    odd = trained.sample(7, 9, labels[:7], sampler=sampler, guidance=2.0, batch=3)
    torch.testing.assert_close(odd, full[:7], rtol=0, atol=1e-4)
    assert not torch.equal(trained.sample(5, 10, labels[:5], sampler=sampler, batch=32), full[:5])


def test_labels_and_guidance_reach_the_network(finished):
    trained = load_run(finished)
    plain = trained.sample(3, 1, "none")
    assert torch.equal(trained.sample(3, 1), trained.sample(3, 1, [0, 1, 2]))  # all in turn unless one says otherwise
    threes = trained.sample(3, 1, 3)
    assert not torch.equal(plain, threes)
    assert torch.equal(threes, trained.sample(3, 1, [3, 3, 3]))
    assert not torch.equal(threes, trained.sample(3, 1, 3, guidance=3.0))
    assert torch.equal(plain, trained.sample(3, 1, 3, guidance=0.0))  # guidance 0 asks for no class


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ({"n": 0}, "n: got 0; expected at least one sample"),
        ({"batch": 0}, "batch: got 0"),
        ({"labels": 10}, "labels: got 10; expected one of the classes 0, 1"),
        ({"labels": "all"}, "labels: got 'all'; expected classes by number, or 'none'"),
        ({"labels": [1, 2]}, "one class for each of the 3 samples"),
        ({"labels": "none", "guidance": 2.0}, "guidance: got 2.0; expected 1"),
        ({"sampler": "dpm"}, "sampler: got 'dpm'"),
    ],
)
def test_what_does_not_fit_the_model_is_refused(words, fragment, finished):
    with pytest.raises(InputError) as caught:
        load_run(finished).sample(**{"n": 3, "seed": 0, **words})
    assert fragment in str(caught.value)


def test_memory_that_is_short_for_a_batch_is_told(finished):
    """With torch's own error: four petabytes are asked for."""
    trained = load_run(finished)
    trained.network.register_forward_pre_hook(lambda module, given: torch.empty(2**50))
    with pytest.raises(SamplingError, match="no memory was left for 16 pictures at once: try a smaller batch"):
        trained.sample(3, 0, batch=16)


def test_models_that_always_or_never_learned_with_a_class(config, tmp_path):
    config["training"] |= {"steps": 1, "warmup": 0}
    for share in (0, 1):
        config["training"]["unconditional"] = share
        train(read_config(config), tmp_path / str(share))
    always, never = load_run(tmp_path / "0"), load_run(tmp_path / "1")
    assert always.labels(12).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1] and always.sample(2, 0).shape[0] == 2
    with pytest.raises(InputError, match="labels: got 'none'; expected classes"):
        always.sample(2, 0, "none")
    assert never.classes == () and never.labels(3) is None
    with pytest.raises(InputError, match="labels: got 3; expected no classes"):
        never.sample(2, 0, 3)
    with pytest.raises(InputError, match="guidance: got 2.0; expected 1 for this model"):
        always.sample(2, 0, 3, guidance=2.0)


@pytest.mark.parametrize(
    ("channels", "colours"), [(1, [(255, 255, 255), (0, 0, 0)]), (3, [(255, 0, 128), (0, 255, 128)])]
)
def test_sheets_show_pictures_in_reading_order(channels, colours, tmp_path):
    from PIL import Image

    x = torch.tensor([1.0, -1.0, 0.0][:channels])[None, :, None, None].repeat(3, 1, 4, 4)
    x[1:, :2] *= -1
    x[2] = 0.5
    save_sheet(x, tmp_path / "a.png", columns=2)
    sheet = Image.open(tmp_path / "a.png").convert("RGB")
    high = (sheet.size[1] - 2) // 2
    assert sheet.size == (2 + 2 * high, 2 + 2 * high)
    assert [sheet.getpixel((2 + k * high, 2)) for k in (0, 1)] == colours
    assert sheet.getpixel((2, 2 + high)) == (191, 191, 191)
    with pytest.raises(InputError, match="ends in .png"):
        save_sheet(x, tmp_path / "a.gif")
