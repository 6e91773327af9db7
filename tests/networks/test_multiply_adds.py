"""The cost of an evaluation against what its layers must multiply."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cellnn.devices.errors import InputError
from cellnn.diffusion.continuous import Solver, counted_evaluations, solved_by
from cellnn.diffusion.continuous.acceleration import Acceleration
from cellnn.diffusion.continuous.solver import FIXED
from cellnn.diffusion.networks import NetworkSpec, build_network, multiply_adds, parameter_count
from cellnn.diffusion.networks.attention import Attention

PICTURE = (1, 8, 8)


def made(**spec: object) -> nn.Module:
    return build_network(NetworkSpec.model_validate({"channels": [8, 12], "embedding": 16, **spec}), PICTURE, 10)


def by_hand(network: nn.Module) -> int:
    """A weight multiplies once at every place of a convolution's answer; an attention multiplies all pairs twice."""
    found = 0

    def seen(module: nn.Module, given: tuple[torch.Tensor, ...], answer: torch.Tensor) -> None:
        nonlocal found
        if isinstance(module, nn.Conv2d):
            found += module.weight.numel() * answer[0, 0].numel()
        elif isinstance(module, nn.Linear):
            found += module.weight.numel()
        elif isinstance(module, Attention):
            channels, places = answer.shape[1], answer[0, 0].numel()
            found += 2 * channels * places**2

    hooks = [module.register_forward_hook(seen) for module in network.modules()]
    with torch.no_grad():
        network(torch.randn(1, *PICTURE), torch.rand(1))
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize(
    "spec",
    [
        {"block": "conv"},
        {"block": "residual", "attention": [4]},
        {"block": "residual", "depth": 1},
        {"block": "second-order", "attention": [8, 4]},
        {"block": "second-order", "solver": {"method": "rk4", "steps": 3}},
        {"block": "second-order", "solver": {"method": "heun3", "adjoint": True}},
    ],
)
def test_all_products_are_counted(spec):
    network = made(**spec)
    assert multiply_adds(network, PICTURE) == by_hand(network) > 0
    assert network.training


@pytest.mark.parametrize("method", FIXED)
def test_every_evaluation_inside_the_solver_costs(method):
    """All but f is the same; each further evaluation of f is one convolution from 2 c to c planes in each block."""
    network = made(block="second-order", solver={"method": method, "steps": 2})
    f = sum(9 * 2 * c**2 * places for c, places in ((4, 64), (6, 16), (6, 16), (6, 16), (4, 64)))
    before = multiply_adds(network, PICTURE)
    with solved_by(network, Solver(method=method, steps=5)):
        assert multiply_adds(network, PICTURE) - before == 3 * FIXED[method] * f


def test_adaptive_solvers_are_counted_as_they_go():
    torch.manual_seed(0)
    network = made(block="second-order", channels=[8], solver={"method": "bosh3", "rtol": 1e-2, "atol": 1e-2})
    for module in network.modules():
        if isinstance(module, Acceleration):
            nn.init.normal_(module.kernel.weight, std=0.1)
    found = []
    for tolerance in (1e-2, 1e-5):
        how = Solver(method="bosh3", rtol=tolerance, atol=tolerance)
        with solved_by(network, how), counted_evaluations(network) as evaluations:
            cost = multiply_adds(network, PICTURE)
        found.append((evaluations.total, cost))
    assert len(evaluations.of_layer) == 3
    (few, little), (many, much) = found
    assert many > few and much - little == (many - few) * 9 * 2 * 4**2 * 64


def test_arrays_are_refused():
    with pytest.raises(InputError, match="uncounted"):
        multiply_adds(made(block="cellnn", cell={"circuit": "chua-yang"}), PICTURE)


def test_the_baseline_and_the_continuous_network_keep_the_paper_s_proportions():
    """A quarter of the parameters, three tenths of the operations (Calvo-Ordonez et al. 2023, abstract)."""
    from pathlib import Path

    from cellnn.diffusion.training.read_config import read_config

    count, cost = {}, {}
    for name in ("unet", "continuous-unet"):
        path = Path(__file__).parents[2] / "examples" / f"train-mnist-{name}.yaml"
        config = read_config(path).config
        network = build_network(config.network, config.array, config.classes)
        count[name], cost[name] = parameter_count(network), multiply_adds(network, config.array)
    assert 900_000 < count["unet"] <= 960_000
    assert count["continuous-unet"] <= 0.245 * count["unet"]
    assert cost["continuous-unet"] <= 0.3 * cost["unet"]
