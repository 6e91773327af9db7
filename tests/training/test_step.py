"""A step against plain torch: its optimizer, schedulers, gradient clipping and averaged model."""

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torch.optim.swa_utils import AveragedModel

from cellnn.diffusion.data import load_images
from cellnn.diffusion.training import read_config, train
from cellnn.diffusion.training.learning_rate import learning_rate
from cellnn.diffusion.training.model import make_network
from cellnn.diffusion.training.step import ExampleSource, gradient_norms, gradients

from .conftest import tensors_of


@pytest.mark.parametrize("decay", ["cosine", "constant"])
def test_the_learning_rate_is_that_of_torchs_schedulers(decay, config):
    config["training"] |= {"steps": 40, "warmup": 10, "decay": decay, "learning_rate": 0.3}
    training = read_config(config).config.training
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    rise = LinearLR(optimizer, start_factor=0.1, total_iters=9)
    then = CosineAnnealingLR(optimizer, T_max=30) if decay == "cosine" else LinearLR(optimizer, 1.0, 1.0)
    scheduler = SequentialLR(optimizer, [rise, then], milestones=[10])
    for step in range(40):
        assert learning_rate(training, step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12), (
            step
        )
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("ema_from", [0.0, 0.55])
def test_a_run_is_what_plain_torch_makes_of_the_same_draws(ema_from, config, tmp_path):
    """The loss written out, torch's own clipping, optimizer and average; no dropout, whose draws are the network's."""
    config["network"]["dropout"] = 0.0
    config["training"] |= {"weight_decay": 0.1, "gradient_clip": 0.2, "unconditional": 0.5, "evaluate_every": 0}
    config["training"]["ema_from"] = ema_from
    source = read_config(config)
    train(source, tmp_path / "run")
    ours = tensors_of(next((tmp_path / "run" / "checkpoints").glob("*12.safetensors")))

    settings, data = source.config, load_images("digits")
    examples, schedule = ExampleSource(settings, data), settings.process.noise()
    network = make_network(settings)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1.0, weight_decay=0.1)
    clipped = 0
    for step in range(12):
        if step in (0, 7 if ema_from else 0):  # of 12 steps, 7 are the first whole number beyond 0.55
            average = AveragedModel(
                network, avg_fn=lambda mean, new, n: mean + (1 - min(0.9, (1 + n) / (10 + n))) * (new - mean)
            )
            average.update_parameters(network)  # the first call copies
        given = examples.of_step(step)
        alpha, sigma = (
            value.float()[:, None, None, None] for value in (schedule.alpha(given.t), schedule.sigma(given.t))
        )
        x = alpha * given.x0 + sigma * given.eps
        loss = (network(x, given.t.float(), given.label) - (alpha * given.eps - sigma * given.x0)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        clipped += torch.nn.utils.clip_grad_norm_(network.parameters(), 0.2).item() > 0.2
        optimizer.param_groups[0]["lr"] = learning_rate(settings.training, step)
        optimizer.step()
        average.update_parameters(network)
    assert 0 < clipped
    for name, value in network.state_dict().items():
        torch.testing.assert_close(ours[f"network/{name}"], value, rtol=2e-5, atol=2e-6)
        torch.testing.assert_close(ours[f"average/{name}"], average.module.state_dict()[name], rtol=2e-5, atol=2e-6)


def test_examples_have_the_statistics_they_should(config):
    config["training"] |= {"batch": 256, "unconditional": 0.3, "shifts": 0}
    data = load_images("digits")
    drawn = [ExampleSource(read_config(config).config, data).of_step(step) for step in range(8)]
    eps, t = torch.cat([d.eps for d in drawn]), torch.cat([d.t for d in drawn])
    assert abs(eps.mean()) < 5 / eps.numel() ** 0.5 and abs(eps.std() - 1) < 5 / (2 * eps.numel()) ** 0.5
    assert t.min() > 0 and t.max() <= 1 and abs(t.mean() - 0.5) < 0.01
    withheld = torch.cat([d.label for d in drawn]) == 10
    assert abs(withheld.double().mean() - 0.3) < 5 * (0.3 * 0.7 / 2048) ** 0.5
    assert torch.equal(drawn[0].x0, data.normalised(ExampleSource(read_config(config).config, data).order.of_step(0)))


def test_a_network_that_knows_no_classes_is_told_none(config):
    config["training"]["unconditional"] = 1
    source = ExampleSource(read_config(config).config, load_images("digits"))
    assert source.of_step(0).label is None


def test_accumulated_gradients_are_those_of_the_whole_batch(config):
    config["network"]["dropout"] = 0.0
    found = []
    for parts in (1, 4):
        config["training"]["accumulate"] = parts
        settings = read_config(config).config
        network = make_network(settings)
        torch.nn.init.normal_(network.last.weight, std=0.1, generator=torch.Generator().manual_seed(1))
        loss = gradients(
            settings, network, ExampleSource(settings, load_images("digits")).of_step(0), 0, torch.device("cpu")
        )
        found.append([loss, *[p.grad for p in network.parameters()]])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_bfloat16_gives_nearly_the_same_gradient(config):
    config["network"]["dropout"] = 0.0
    norms = []
    for precision in ("single", "bfloat16"):
        config["training"]["precision"] = precision
        settings = read_config(config).config
        network = make_network(settings)
        torch.nn.init.normal_(network.last.weight, std=0.1, generator=torch.Generator().manual_seed(1))
        gradients(settings, network, ExampleSource(settings, load_images("digits")).of_step(0), 0, torch.device("cpu"))
        names, found = gradient_norms(network)
        assert len(names) == len(found) == len(list(network.parameters()))
        norms.append(torch.cat([p.grad.flatten() for p in network.parameters()]))
    assert 0 < (norms[0] - norms[1]).norm() < 0.05 * norms[0].norm()
    assert all(p.dtype == torch.float32 for p in network.parameters())
