"""Steps as time, and measuring in turn with a clock whose speed is known."""

from types import SimpleNamespace

import pytest

from cellnn.diffusion.data import load_images
from cellnn.diffusion.study import costs
from cellnn.diffusion.study.clock import Clock, Phase
from cellnn.diffusion.study.configs import config_for, read_templates
from cellnn.diffusion.study.costs import in_turn, training_step

PLAN = Clock(100, (Phase(0.25, "euler", 1.0, 2.0, 2.0, 2.0), Phase(1.0, "rk4", 3.0, 6.0, 6.0, 6.0)))


def test_steps_cost_what_their_phase_costs():
    by_hand = [0.0]
    for step in range(100):
        by_hand.append(by_hand[-1] + (1.0 if step / 100 < 0.25 else 3.0))
    assert [PLAN.seconds_at(step) for step in range(101)] == by_hand
    assert PLAN.ratio == pytest.approx(0.25 * 2 + 0.75 * 6)


@pytest.mark.parametrize("budget", [10.0, 117.0, 250.0, 1000.0])
def test_a_training_of_so_many_steps_fits_in_the_time(budget):
    steps = PLAN.steps_within(budget)
    assert PLAN.of_steps(steps).seconds_at(steps) <= budget + 3.0
    assert PLAN.of_steps(steps + 2).seconds_at(steps + 2) > budget


def test_ratios_hold_while_the_machine_slows_down(monkeypatch):
    """Each round takes longer than the one before; neighbours keep their ratio."""
    clock = SimpleNamespace(now=0.0, calls=0)
    monkeypatch.setattr(costs, "time", SimpleNamespace(perf_counter=lambda: clock.now))

    def taking(seconds):
        def call():
            clock.calls += 1
            clock.now += seconds * (1 + clock.calls // 2)

        return call

    first, second = in_turn([taking(1.0), taking(4.0)], rounds=5)
    assert len(first) == len(second) == 5 and first == sorted(first) and first[-1] > 2 * first[0]
    assert all(3.9 < b / a < 6 for a, b in zip(first, second, strict=True))


def test_a_step_is_one_of_the_loop(templates, tmp_path):
    """Ten steps that are timed leave the weights of ten steps of `train` (at the learning rate of its first)."""
    import torch

    from cellnn.diffusion.training import read_config, train
    from cellnn.diffusion.training.checkpoint import load_latest

    document = config_for(read_templates(templates)["cellnn"], "digits").document
    document["training"] |= {"steps": 10, "warmup": 0, "decay": "constant", "checkpoint_every": 10}
    document["network"]["integration"] = {"method": "heun", "steps": 1}
    source = read_config(document)
    train(source, tmp_path / "run")
    tensors, _, _ = load_latest(tmp_path / "run" / "checkpoints")
    step = training_step(source.config, load_images("digits"), 0.0)
    trainee = next(cell.cell_contents for cell in step.__closure__ if hasattr(cell.cell_contents, "average"))
    for _ in range(10):
        step()
    for name, value in trainee.network.state_dict().items():
        assert torch.equal(value, tensors[f"network/{name}"]), name
