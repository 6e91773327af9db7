"""Sampling on a simulated chip against sampling from the same network in torch, and against a bar of 90 s.

64 digits, 10 steps of the model's own sampler, on hardware-realistic.yaml; the chip and torch have as many threads as
there are cores. `sampling` is the network in use, `with the chip's making` all from a loaded model to digits.
"""

from __future__ import annotations

import os
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from cellnn.diffusion.deployment.deploy import Deployer
from cellnn.diffusion.deployment.hardware_file import read_hardware
from cellnn.diffusion.training import TrainedModel, load_run

from ..measure import alternate, circumstances, seconds, write_results

HERE = Path(__file__).parent
HARDWARE = HERE.parent.parent / "examples" / "hardware-realistic.yaml"
MODELS = ("mnist-cellnn", "mnist-m-cellnn")
DIGITS, STEPS, BAR = 64, 10, 90.0
ROUNDS = 3


def sample(model: TrainedModel, network: Any) -> None:
    """Draw the digits with this network in the model's place."""
    replace(model, network=network).sample(DIGITS, 3, steps=STEPS, batch=DIGITS)


def rows(name: str, threads: int) -> list[dict[str, Any]]:
    """Of one model."""
    model, spec = load_run(name), read_hardware(HARDWARE).spec

    def everything() -> None:
        deployer = Deployer(model, spec, threads=threads)
        sample(model, deployer.network(deployer.hardware))

    everything()  # compiles
    whole = [seconds(everything) for _ in range(ROUNDS)]
    deployer = Deployer(model, spec, threads=threads)
    chip = deployer.network(deployer.hardware)
    times = alternate(lambda: sample(model, chip), lambda: sample(model, model.network), ROUNDS)
    bar = {"ratio": BAR / statistics.median(whole), "ratio_min": BAR / max(whole), "ratio_max": BAR / min(whole)}
    return [
        {"case": f"{name}, sampling", "rival": "the ideal network in torch", **times},
        {
            "case": f"{name}, with the chip's making",
            "rival": "bar",
            "cellnn_s": statistics.median(whole),
            "rival_s": BAR,
            "rounds": ROUNDS,
            **bar,
        },
    ]


def main() -> None:
    """Both models."""
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    found = [row for name in MODELS for row in rows(name, threads)]
    for row in found:
        print(f"{row['case']}: {row['cellnn_s']:.1f} s, {row['rival']}: {row['rival_s']:.1f} s")
    content = {
        "question": f"{DIGITS} digits on a chip, {STEPS} sampler steps, hardware-realistic.yaml",
        "rows": found,
        "notes": [
            f"{threads} threads. A chip has 88.5 million weights of its own, each a pair of devices; every run of an "
            "array reads each with a noise of its own, and all digits of a batch meet the same."
        ],
    }
    write_results(HERE, {**content, **circumstances("torch")})


if __name__ == "__main__":
    main()
