"""A model's pictures by the loop, beside the digital sampler's; what the report says of them."""

import dataclasses
import json

import pytest
import torch

from cellnn.circuits.hardware import Hardware
from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.deployment.analog import Loop, NoiseSource
from cellnn.diffusion.deployment.analog.compare import compare, held_loops
from cellnn.diffusion.deployment.analog.draw import draw, latency_of
from cellnn.diffusion.deployment.analog.section import content_of, section
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.networks.ranges import measured_ranges
from cellnn.diffusion.training.model import TrainedModel, make_network
from cellnn.diffusion.training.read_config import check_config
from cellnn.plots.analog import plot_loop, plot_rows

CONFIG = {
    "cellnn": 1, "name": "tiny", "data": {"name": "mnist-5k"},
    "network": {"block": "conv", "channels": [2, 3], "embedding": 8}, "training": {"steps": 4, "warmup": 0},
    "sampling": {"sampler": "dpm-solver++", "steps": 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def model():
    """Untrained but for its last layer, which starts at zero and would answer nothing."""
    config = check_config(CONFIG)
    network = make_network(config)
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.05, generator=generator)
    return TrainedModel(network.eval().requires_grad_(False), config, {})


def test_many_answers_come_to_the_digital_samplers_picture(model):
    """Both solve one equation from one noise: the loop of second order and dpm-solver++, each with 150 steps."""
    digital = model.sample(2, 7, steps=150, batch=2)
    found = draw(model, 2, 7, Loop(answers=150, hold="extrapolated"), batch=2)
    assert (found.pictures - digital).abs().max() < 5e-3
    assert digital.std() > 0.1


def test_batches_and_labels(model):
    whole = draw(model, 5, 1, Loop(answers=2), batch=4)
    part = draw(model, 3, 1, Loop(answers=2), batch=4)
    assert torch.equal(whole.pictures[:3], part.pictures) and whole.pictures.shape == (5, 1, 28, 28)
    assert whole.pictures.abs().max() <= 1
    with pytest.raises(InputError, match="labels"):
        draw(model, 2, 1, Loop(answers=2), labels=12)
    with pytest.raises(InputError, match="n"):
        draw(model, 0, 1, Loop(answers=2))


def test_a_comparison_and_its_section(model):
    loop = Loop(answers=2, noise=NoiseSource(correlation=1e-7))
    seen = []
    loops = held_loops(loop, (1, 2))
    data = load_images("mnist-5k", "train")
    found = compare(model, loops, 100, 3, steps=2, batch=50, data=data, found=lambda row: seen.append(row.name))
    assert seen == ["dpm-solver++, 2 steps", "1 answers", "2 answers"] == [row.name for row in found.rows]
    assert found.rows[0].similarity == pytest.approx(1) and found.rows[0].difference == 0
    assert all(row.frechet.interval[0] < row.frechet.value < row.frechet.interval[1] for row in found.rows)
    from cellnn.diffusion.measures.evaluation import evaluate_images

    expected = evaluate_images(found.pictures["2 answers"], data, resamples=2)["frechet"].value
    assert found.rows[2].frechet.value == pytest.approx(expected, rel=1e-9)
    content = content_of(model, loop, found)
    text = section(json.loads(json.dumps(content, allow_nan=False)))
    for part in ("100 pictures", "20 us", "10 us", "10 pF", "1 answers", "1.59 MHz", "(R = ", f"{expected:.4g}"):
        assert part in text
    few = compare(model, {}, 2, 3, steps=2, data=data)
    assert few.rows[0].frechet is None


def test_the_waveforms_are_drawn(model, tmp_path):
    run = draw(model, 1, 3, Loop(answers=5), batch=1)
    figure = plot_loop(run, "title")
    voltages = figure.axes[1]
    assert len(voltages.lines) == 5
    last = sorted(line.get_ydata()[-1] for line in voltages.lines)
    ends = run.waveforms[-1, 0] * (1e3 if "mV" in voltages.get_ylabel() else 1)
    assert last[0] == pytest.approx(ends.min()) and last[-1] == pytest.approx(ends.max())
    assert dataclasses.asdict(Loop())["answers"] == 50


def test_rows_of_pictures_are_drawn(model):
    pictures = {"one way": torch.ones(3, 1, 4, 5), "another": -torch.ones(2, 1, 4, 5)}
    figure = plot_rows(pictures, count=2)
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["one way", "another"]
    first, second = (axes.images[0].get_array() for axes in figure.axes)
    assert first.shape == second.shape == (6, 14) and first[2, 2] == 1 and second[2, 2] == -1


CELLS = {
    "block": "cellnn", "channels": [2, 3], "embedding": 8, "cell": {"circuit": "chua-yang", "C": "1nF", "R": "1kOhm"},
    "stop": "1.5us", "integration": [{"method": "rk4", "steps": 2}],
}  # fmt: skip


def test_a_chip_in_the_loop():
    """The deployed network on ideal hardware gives the network's picture."""
    config = check_config({**CONFIG, "network": CELLS})
    network = make_network(config).eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.05, generator=generator)
    whole = TrainedModel(network, config, {})
    asked = (torch.randn(4, 1, 28, 28, generator=generator), torch.full((4,), 0.5), None)
    ranges = measured_ranges(network, [asked])
    loop = Loop(answers=3)
    expected = draw(whole, 2, 1, loop, batch=2).pictures
    chip = deployed(network, ranges, Hardware(), {})
    found = draw(dataclasses.replace(whole, network=chip), 2, 1, loop, batch=2).pictures
    assert (found - expected).abs().max() < 1e-4
    assert not any(isinstance(part, type(network.middle)) for part in chip.modules())  # its arrays are the chip's


def test_the_latency_is_that_of_the_arrays_in_a_row(model):
    built = make_network(check_config({**CONFIG, "network": CELLS}))
    assert latency_of(built) == pytest.approx(
        1.5e-6 * sum(name.endswith("dynamics") for name, _ in built.named_modules())
    )
    with pytest.raises(InputError, match=r"network\.block"):
        latency_of(model.network)
