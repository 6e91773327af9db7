"""What a training config may say, and how it is refused."""

import pytest

from cellnn.devices.errors import InputError
from cellnn.diffusion.training import read_config
from cellnn.diffusion.training.duration import parse_duration, show_duration
from cellnn.diffusion.training.read_config import first_difference


@pytest.mark.parametrize(
    ("place", "value", "fragment"),
    [
        ("cellnn", 2, "cellnn: got 2; expected 1"),
        ("name", "a/b", "name: got 'a/b'"),
        ("data.name", "mnist5k", "data.name: got 'mnist5k'; expected the name of a data set (did you mean mnist-5k?)"),
        ("data.folder", 3, "data.folder: got 3; expected the name of a folder"),
        ("network.block", "conf", "network.block: got 'conf'"),
        ("process.schedule", "cosin", "did you mean cosine?"),
        ("process.steps", 1, "process.steps: got 1; expected a number of at least 50"),
        ("training.bacth", 3, "training.bacth: got 3; expected no such key here"),
        ("training.steps", 0, "training.steps: got 0; expected a number of at least 1"),
        ("training.steps", 2.5, "training.steps: got 2.5; expected a whole number"),
        ("training.steps", True, "training.steps: got True; expected a whole number"),
        ("training.learning_rate", float("nan"), "training.learning_rate: got 'NaN'; expected a number"),
        ("training.learning_rate", -1, "training.learning_rate: got -1; expected a value from 1e-12 to 1000"),
        ("training.ema", 1.0, "training.ema: got 1.0; expected a value from 0 to 0.999999"),
        ("training.unconditional", 1.5, "training.unconditional: got 1.5; expected a value from 0 to 1"),
        ("training.time_limit", "20 minutes", "training.time_limit: got '20 minutes'; expected a span of time"),
        ("training.accumulate", 3, "training.accumulate: got 3; expected a divisor of training.batch (16)"),
        ("training.warmup", 13, "training.warmup: got 13; expected at most training.steps (12)"),
        ("training.shifts", 8, "training.shifts: got 8; expected fewer pixels than the pictures of digits have"),
        ("training.precision", "double", "training.precision: got 'double'; expected one of single, bfloat16"),
        ("sampling.sampler", "dpm-solver", "sampling.sampler: got 'dpm-solver'"),
        ("sampling.eta", 0.5, "sampling.eta: got 0.5; expected no eta with dpm-solver++"),
        ("seed.weights", -1, "seed.weights: got -1; expected a number of at least 0"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_at_their_place(place, value, fragment, config, put):
    section, _, key = place.rpartition(".")
    if section:
        config.setdefault(section, {})
    put(config, place, value)
    with pytest.raises(InputError) as caught:
        read_config(config)
    assert fragment in str(caught.value), caught.value
    assert "\n" not in str(caught.value)


def test_a_mapping_holds_plain_values(config, tmp_path):
    config["data"] = {"name": "mnist", "folder": tmp_path}
    assert read_config(config).data_folder == tmp_path
    round_and_round: list = []
    round_and_round.append(round_and_round)
    for value in (b"abc", {1, 2}, object(), round_and_round):
        config["training"]["batch"] = value
        with pytest.raises(InputError, match="plain keys and values"):
            read_config(config)


def test_guidance_needs_a_network_that_learned_without_classes_too(config):
    config["sampling"] = {"guidance": 2}
    assert read_config(config).config.sampling.guidance == 2.0
    for share in (0, 1):
        config["training"]["unconditional"] = share
        with pytest.raises(InputError, match="sampling.guidance: got 2.0; expected 1"):
            read_config(config)


def test_arrays_are_integrated_in_single_precision(config):
    config["training"]["precision"] = "bfloat16"
    assert read_config(config).config.training.precision == "bfloat16"
    config["network"] = {"block": "cellnn", "cell": {"circuit": "chua-yang"}}
    with pytest.raises(InputError, match="training.precision: got 'bfloat16'; expected single with block: cellnn"):
        read_config(config)


def test_a_file_is_named_with_its_line(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("cellnn: 1\nname: a\nnetwork: {block: conv}\ntraining:\n  batch: 4\n  steps: -3\n")
    with pytest.raises(InputError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}, line 6: training.steps: got -3;")


def test_a_file_and_the_same_mapping_are_the_same_config(config, tmp_path):
    import yaml

    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    config["network"]["channels"] = tuple(config["network"]["channels"])
    file, mapping = read_config(path), read_config(config)
    assert first_difference(file.config, mapping.config) is None
    assert file.text == path.read_text() and file.folder == tmp_path
    assert read_config(mapping.document).config == file.config


def test_the_first_difference_is_named(config):
    one = read_config(config).config
    config["training"]["batch"] = 32
    config["seed"] = {"noise": 7}
    assert first_difference(one, read_config(config).config) == ("training.batch", 16, 32)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20min", 1200.0), ("1.5h", 5400.0), ("90 s", 90.0), (".5d", 43200.0), (7, 7.0), (0.25, 0.25), (None, None)],
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", ["20", "min", "1e3s", "-3s", "3ms", "", 0, -1, True, float("nan"), 10**400, [1], "1h30min"]
)
def test_what_is_no_duration(value):
    with pytest.raises(InputError, match="a span of time"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (41, "41 s"), (99.4, "99 s"), (100, "2 min"), (3590, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations_for_readers(seconds, text):
    assert show_duration(seconds) == text
