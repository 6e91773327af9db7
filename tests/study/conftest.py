"""Tiny real runs of the three blocks on 8x8 digits, made once."""

import copy

import pytest
import torch
import yaml

from cellnn.diffusion.study.configs import read_templates
from cellnn.diffusion.study.runs import train_missing
from cellnn.diffusion.study.settings import Settings
from cellnn.diffusion.study.study import study_data

STEPS = 40
TAOX = {"circuit": "m-cellnn", "voltage_unit": "0.1V", "memristor": {"model": "strachan-taox", "x0": 0.02}}
NETWORKS = {
    "conv": {},
    "cellnn": {"cell": {"circuit": "chua-yang"}},
    "m-cellnn": {"cell": TAOX, "trainable": ["x0"]},
}
PLAN = [{"method": "euler", "steps": 1, "until": 0.7}, {"method": "rk4", "steps": 2}]
SETTINGS = Settings(samples=140, snapshot_samples=100, accurate_samples=100, batch=140)


def document(block):
    more = {} if block == "conv" else {"integration": copy.deepcopy(PLAN)}
    return {
        "cellnn": 1,
        "name": f"mnist-{block}",
        "data": {"name": "mnist-5k"},
        "network": {"block": block, "channels": [8, 8], "parameters": 9000, **copy.deepcopy(NETWORKS[block]), **more},
        "training": {
            "steps": STEPS, "batch": 32, "learning_rate": 5e-3, "warmup": 5, "ema": 0.9, "device": "cpu",
            "evaluate_every": 10, "evaluate_pictures": 64, "checkpoint_every": 20, "snapshot_every": 20,
        },
        "sampling": {"steps": 2},
    }  # fmt: skip


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """A folder with train-mnist-BLOCK.yaml of tiny networks."""
    folder = tmp_path_factory.mktemp("configs")
    for block in NETWORKS:
        (folder / f"train-mnist-{block}.yaml").write_text(yaml.safe_dump(document(block), sort_keys=False))
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Bits are compared, and cores are others' too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def runs(templates, tmp_path_factory):
    """The folder of the three runs, and an ablation."""
    from cellnn.diffusion.study.configs import config_for
    from cellnn.diffusion.training import read_config, train

    folder = tmp_path_factory.mktemp("runs")
    configs = {block: config_for(each, "digits") for block, each in read_templates(templates).items()}
    assert train_missing(configs, folder, lambda text: None)
    changed = configs["cellnn"].document | {"name": "digits-ablation-rectifier"}
    changed["network"]["cell"]["output"] = {"kind": "rectifier", "leak": 0.01}
    train(read_config(changed), folder / "digits-ablation-rectifier")
    return folder


@pytest.fixture(scope="session")
def studied(runs):
    """The study of these runs, and what it told."""
    notes = []
    return study_data("digits", runs, SETTINGS, note=notes.append), notes
