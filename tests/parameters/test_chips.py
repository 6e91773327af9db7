from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.ndimage import correlate

from cellnn.devices.errors import InputError
from cellnn.diffusion.deployment.hardware_file import DeploymentSpec
from cellnn.diffusion.parameters.chips.calibrate import calibrated
from cellnn.diffusion.parameters.chips.collect import ChipSeries
from cellnn.diffusion.parameters.chips.evaluate import evaluate_chips, series_of, table_of
from cellnn.diffusion.parameters.chips.forward import Settings, layer_on_chips, logits_on_chips
from cellnn.diffusion.parameters.chips.measure import nominal
from cellnn.diffusion.parameters.chips.methods import Methods
from cellnn.diffusion.parameters.chips.regress import LinearMap
from cellnn.diffusion.parameters.chips.spec import ChipsSpec
from cellnn.diffusion.parameters.chips.tune import told_by
from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.evaluate.scores import source_of
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import load_parameters
from cellnn.diffusion.parameters.vectors import Layout, read_collection

from .small import collect_config, model_config

NAMES = [f"layers.{k}.{part}" for k in range(2) for part in ("cells.z", "gain")]
STRONG = {
    "weights": {"common": 0.3}, "gain": {"common": 0.2, "local": 0.1}, "offset": {"common": 0.3, "local": 0.05},
    "R": {"common": 0.2, "local": 0.05}, "C": 0.05,
}  # fmt: skip
CHIPS = {"mismatch": STRONG, "steps": 6, "batch": 20, "learning_rate": 0.05, "probes": 8, "at_once": 4}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """The file of a collection: its classifier is the base of chips."""
    path = tmp_path_factory.mktemp("chips") / "c.safetensors"
    collect(read_collect_config(collect_config()), path)
    return path


def series(path, mismatch) -> ChipSeries:
    source = source_of(read_collection(path)[0])
    spec = ChipsSpec.model_validate({**CHIPS, "mismatch": mismatch})
    return ChipSeries(spec, source, Layout.chosen(source.network, NAMES))


def test_a_layer_on_a_chip_follows_the_equations_of_its_cells(classifier):
    """Against SciPy: R, C and factors of every cell's own, two chips side by side."""
    chips = series(classifier, STRONG)
    layer = chips.network.layers[0]
    layer.cells.dynamics.integration = type(layer.cells.dynamics.integration)("rk4", 40)
    made = chips.made(5, 2)[0]
    assert float(made.maps["A"].std()) > 0.05  # or nothing would be tested
    u = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    told = Settings(torch.tensor([[0.1, -0.2, 0.3]] * 2), torch.tensor([[0.8, 1.1, 1.3]] * 2))
    found = layer_on_chips(layer, u, made, told).numpy()
    A, B = (p.detach().double().numpy() for p in (layer.cells.dynamics.A, layer.cells.B))
    for k in range(2):
        m = {name: value[k].double().numpy() for name, value in made.maps.items()}
        z, gain = (part[k].double().numpy()[:, None, None] for part in (told.z, told.gain))

        def coupled(template, planes):
            edge = {"mode": "constant", "cval": -1.0}
            return np.stack(
                [sum(correlate(p, t, **edge) for p, t in zip(planes, row, strict=True)) for row in template]
            )

        feed = m["B"] * gain * coupled(B, u[k].double().numpy()) + m["node"] * z + m["offset"]

        def rate(_, v, m=m, feed=feed, coupled=coupled):
            v = v.reshape(feed.shape)
            return ((m["A"] * coupled(A, np.clip(v, -1, 1)) + feed - v) / (m["R"] * m["C"])).ravel()

        end = solve_ivp(rate, (0, 2e-6), np.zeros(feed.size), rtol=1e-8, atol=1e-10).y[:, -1].reshape(feed.shape)
        np.testing.assert_allclose(found[k], np.clip(end, -1, 1), atol=2e-5)


def test_a_chip_without_mismatch_is_the_network_itself(classifier):
    chips = series(classifier, {"R": 1e-9})
    made = chips.made(0, 1)
    pictures = chips.pictures.test[0][:5]
    rows = torch.zeros(5, dtype=torch.int64)
    logits = logits_on_chips(chips.network, pictures, [m.rows(rows) for m in made], nominal(chips.network, 5))
    torch.testing.assert_close(logits, chips.network(pictures), atol=1e-4, rtol=0)
    measured = chips.measured(made)
    slopes, offsets = measured[:, :6], measured[:, 6:12]  # of the first layer's three channels, twice
    torch.testing.assert_close(slopes, torch.ones(1, 6), atol=1e-3, rtol=0)
    torch.testing.assert_close(offsets, torch.zeros(1, 6), atol=1e-3, rtol=0)


def test_chips_differ_by_their_number_alone(classifier):
    chips = series(classifier, STRONG)
    several, one = chips.made(3, 3), chips.made(4, 1)
    for layer, same in zip(several, one, strict=True):
        for name, value in layer.maps.items():
            assert torch.equal(value[1:2], same.maps[name])
            assert not torch.equal(value[0], value[1])
    # all cells of a channel have its common part: with nothing local they are equal, between channels they differ
    common = series(classifier, {"R": {"common": 0.2}}).made(0, 1)[0].maps["R"][0]
    assert float(common.flatten(1).std(1).max()) < 1e-3 and float(common[:, 0, 0].std()) > 10.0


def spread_over(settings: Settings, n: int) -> Settings:
    return Settings(*(None if part is None else part.expand(n, -1) for part in vars(settings).values()))


def test_fine_tuning_brings_a_chip_nearer_to_the_network(classifier):
    chips = series(classifier, STRONG)
    made = chips.made(0, 3)
    pictures = chips.pictures.test[0][:100]
    wanted = chips.network(pictures)
    vectors = chips.tuned(made)
    for k in range(3):
        rows = torch.full((100,), k)

        def error(told, rows=rows):
            here = {number: spread_over(part, 100) for number, part in told.items()}
            logits = logits_on_chips(chips.network, pictures, [m.rows(rows) for m in made], here)
            return float((logits - wanted).square().mean())

        tuned = told_by(chips.layout, vectors[k : k + 1], chips.network)
        assert error(tuned) < 0.7 * error(nominal(chips.network, 1))


def test_calibration_solves_its_least_squares(classifier):
    """The first layer's answers, as read, leave errors without mean and without correlation to themselves, and small
    ones; moved biases are nearer than those of the design."""
    chips = series(classifier, STRONG)
    made = chips.made(1, 1)
    known = torch.cat([batch for batch, _ in chips.batches])
    layer, rows = chips.network.layers[0], torch.zeros(len(known), dtype=torch.int64)
    wanted = layer(known)

    def answers(settings):
        return layer_on_chips(layer, known, made[0].rows(rows), spread_over(settings, len(known)))

    told = calibrated(chips.network, made, known)[0]
    y = answers(told)
    left = wanted - y
    axes = (0, 2, 3)
    scale = wanted.square().mean(axes)
    torch.testing.assert_close(left.mean(axes) / scale.sqrt(), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close((left * y).mean(axes) / scale, torch.zeros(3), atol=1e-4, rtol=0)
    ideal = nominal(chips.network, 1)[0]
    only_bias = Settings(told.z, told.gain)
    errors = [float((answers(settings) - wanted).square().mean()) for settings in (ideal, only_bias, told)]
    assert errors[2] < errors[1] < errors[0]


def test_from_chips_to_the_report(classifier, tmp_path, cellnn_command):
    config = collect_config(
        source={"collected": str(classifier)}, parameters=NAMES, checkpoints=22, chips=CHIPS
    )  # fmt: skip
    read = read_collect_config(config)
    collect(read, tmp_path / "whole.safetensors")
    told = []
    done = collect(read, tmp_path / "parts.safetensors", interrupted=lambda: True)
    assert (done.collection, done.step, done.steps) == (None, 0, 22)
    stopped = {"watch": lambda *given: told.append(given), "interrupted": lambda: len(told) > 2}
    done = collect(read, tmp_path / "parts.safetensors", go_on=True, **stopped)
    assert told == [(4, 22, None), (8, 22, None), (12, 22, None)]  # chips, and no loss
    assert (done.collection, done.step, done.steps) == (None, 12, 22)
    assert not (tmp_path / "parts.safetensors").exists()
    collect(read, tmp_path / "parts.safetensors", go_on=True)
    assert (tmp_path / "parts.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    collection, _ = read_collection(tmp_path / "whole.safetensors")
    assert collection.vectors.shape == (22, 2 * 7) and collection.conditions.shape == (22, 4 * 7)
    changes = {"training": {"steps": 20}, "latent": {"training": {"steps": 20}}}
    file = str(tmp_path / "whole.safetensors")
    train_parameters(read_parameters_config(model_config(file, **changes)), tmp_path / "run")
    model = load_parameters(tmp_path / "run")
    report = evaluate_chips(model, 3, pictures=50)
    methods = report["methods"]
    assert methods["nominal"]["gain"] == 0 and all(m["seconds"] > 0 for m in methods.values())
    # calibration with the pictures deployed networks are calibrated with is what others are held against
    assert report["reference"] == f"calibrated {DeploymentSpec.model_fields['calibration'].default.pictures}"
    shown = {"calibrated 16": 48, "calibrated 64": 192, "calibrated 320": 960}
    assert report["pictures_shown"] == {
        "nominal": 0,
        "generated": 16,
        "linear regression": 16,
        **shown,
        "fine-tuned": 120,
    }
    assert set(methods) == set(report["pictures_shown"])
    for name, key in (("original", "fine-tuned"), ("generated", "generated")):
        assert report[name] == {part: methods[key][part] for part in ("mean", "best", "worst")}
    assert "fine-tuned" in table_of(report)
    # chip by chip as side by side: the nominal network on the first unseen chips
    chips, first = series_of(model)
    pictures, labels = (part[:50] for part in chips.pictures.test)
    rows, made = torch.arange(3).repeat_interleave(50), chips.made(first, 3)
    with torch.no_grad():
        settings = nominal(chips.network, 150)
        logits = logits_on_chips(chips.network, pictures.repeat(3, 1, 1, 1), [m.rows(rows) for m in made], settings)
    assert methods["nominal"]["mean"] == pytest.approx(float((logits.argmax(1) == labels.repeat(3)).double().mean()))
    chips.others = chips.others[:40]  # few pictures to learn from
    measured = ("nominal", "generated", "linear regression")
    assert Methods(model, chips, 0).names == (*measured, "calibrated 16", "calibrated 40", "fine-tuned")
    assert Methods(model, chips, 0).reference == "calibrated 40"
    result = cellnn_command("parameters", "evaluate", tmp_path / "run", "--ablations", "quick")
    assert result.status == 2 and "--ablations" in result.err


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"parameters": ["layers.0"]}, "parameters.*for chips only"),
        ({"chips": {**CHIPS, "steps": 100}}, "chips.steps"),
        ({"chips": {**CHIPS, "mismatch": {"weights": 0.1}}}, "mismatch.weights.*no local"),
        ({"chips": {**CHIPS, "mismatch": {}}}, "chips.mismatch.*chips that differ"),
        ({"chips": {**CHIPS, "mismatch": {**STRONG, "x0": 0.1}}}, "chips.mismatch.x0"),
        ({"chips": {**CHIPS, "mismatch": {**STRONG, "L": 0.1}}}, "chips.mismatch.L.*no inductor"),
        ({"chips": {**CHIPS, "mismatch": {**STRONG, "memristor": 0.1}}}, "chips.mismatch.memristor"),
        ({"every": 4}, "every: got 4; expected no every with chips"),
        ({"settle": 1}, "settle.*no settle with chips"),
        ({"learning_rate": 0.1}, "learning_rate: got 0.1.*stands in `chips`"),
        ({"save_every": 4}, "save_every.*with chips"),
        ({"source": {"classifier": {"channels": [3, 4]}}}, "source: got 'an untrained classifier'.*`collected: FILE"),
        ({"source": {"model": "mnist-cellnn"}}, "source.*the trained classifier of a collection"),
        ({"source": {"collected": "nosuch.safetensors"}}, "nosuch.safetensors"),
    ],
)
def test_bad_configs_are_told(classifier, tmp_path, changes, told):
    config = collect_config(source={"collected": str(classifier)}, parameters=NAMES, chips=CHIPS) | changes
    with pytest.raises(InputError, match=told):
        collect(read_collect_config(config), tmp_path / "c.safetensors")
    assert not list(tmp_path.iterdir())


def test_the_linear_map_finds_the_chips_whose_parameters_are_one():
    rng = torch.Generator().manual_seed(0)
    told, weights = torch.randn(200, 3, generator=rng), torch.randn(3, 5, generator=rng)
    layout = Layout({"layers.0.cells.z": (5,)})
    vectors = 2.0 + told @ weights + 0.001 * torch.randn(200, 5, generator=rng)
    model = SimpleNamespace(collection=SimpleNamespace(vectors=vectors, conditions=told), layout=layout)
    unseen = torch.randn(20, 3, generator=rng)
    assert torch.allclose(LinearMap(model).parameters_of(unseen), 2.0 + unseen @ weights, atol=0.005)
