"""The page: tables, claims, pictures, where it all comes from."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..study.cache import code_version
from ..study.costs import processor
from ..study.table import row_of
from .claims import at_most, flow_claim, frechet_claim, memory_claim, restoration_claim, time_claim
from .findings import Network, Study
from .quality import ratio, ratio_of_medians

PARAMETERS, ARITHMETIC, TIME, QUALITY = 0.25, 0.3, 0.7, 1.05
HIGH_NOISE = 0.8
"""Levels from here on are called high noise."""
METHODS = ("mean", "flow", "sde")
PICTURES = ("samplers", "restored", "samples", "memory")

INTRODUCTION = """# The continuous U-Net beside the U-Net of DDPM

<!-- written by examples/continuous_study.py: change that, not this -->

"The Missing U" (Calvo-Ordonez et al., arXiv 2310.20092) replaces the residual blocks of DDPM's U-Net by differential
equations of second order in time, z' = v, v' = f(z, v, t), and reports about a quarter of the parameters, about 30 %
of the operations, faster sampling, better perceptual quality of denoised pictures at high noise, and that the
probability-flow ODE is quicker than the reverse SDE. Here both networks of this program are measured on one data
set, by the same code ([continuous-layers.md](continuous-layers.md) has the networks).

How to read it:

- Each network was trained once, with one seed. Intervals (95 %) hold for samples and pictures, *not* for other seeds.
- The Frechet distance is on the features of a small LeNet ([evaluate.md](evaluate.md)): no FID. The perceptual distance
  is built as LPIPS is, on the same LeNet's feature maps, and so has a name of its own
  ([restoration.md](restoration.md)): LPIPS's networks are for photographs, and their weights are not at hand.
- Sentences are computed from the numbers: what was not found is said as plainly as what was.
"""


def page(study: Study, images: str, command: str) -> str:
    """The whole page in Markdown; `images` is the folder of its pictures as seen from it, `command` what made it."""
    parts = [INTRODUCTION]
    if study.unequal:
        parts += ["**Not equal beside the network:**\n", *(f"- {text}" for text in study.unequal), ""]
    else:
        parts += ["The configs were compared: process, training, seeds and sampling are the same.\n"]
    parts += ["## What was measured\n", _table(study), ""]
    parts += ["## The paper's claims\n", *(_item(text) for text in claims(study)), ""]
    parts += ["## The probability-flow ODE and the reverse SDE\n", _samplers(study, images)]
    parts += ["## Denoising\n", _restoration(study, images)]
    parts += ["## Samples\n", f"![Samples of both networks from the same noise]({images}/continuous-samples.png)\n"]
    parts += ["## Memory of training\n", _memory(study, images)]
    parts.append(_provenance(study, command))
    return "\n".join(parts)


def _item(text: str) -> str:
    """Of a list, or of a list within it where the text is indented."""
    return f"  - {text.strip()}" if text.startswith(" ") else f"- {text}"


def claims(study: Study) -> Iterator[str]:
    """The computed sentences."""
    ours, theirs = study.continuous, study.baseline
    share = ours.parameters / theirs.parameters
    arithmetic = ours.multiply_adds / theirs.multiply_adds
    own, base = (f"{each.parameters:,}" for each in (ours, theirs))
    yield at_most("Parameters", own, base, share, PARAMETERS, "about a quarter")
    own, base = (f"{each.multiply_adds / 1e6:.4g} million" for each in (ours, theirs))
    what, told = "Multiply-adds of one evaluation", "about 30 % of the operations"
    yield at_most(what, own, base, arithmetic, ARITHMETIC, told)
    times = ratio_of_medians(ours.sampling, theirs.sampling)
    yield time_claim(times, arithmetic, TIME, study.settings.threads)
    yield frechet_claim(ratio(ours.distance, theirs.distance), QUALITY, ours, theirs)
    for network in (theirs, ours):
        yield flow_claim(network)
    yield "Perceptual distance better at high noise, SSIM comparable, pictures of the same noise:"
    for level, method, mine, other in _pairs(study):
        if level >= HIGH_NOISE:
            yield "  " + restoration_claim(level, method, mine["each"], other["each"])
    yield memory_claim(study.memory)
    yield (
        "The second-order array, two coupled states per cell as a circuit, is compared with ngspice in "
        "[second-order.md](second-order.md)."
    )


def _pairs(study: Study) -> Iterator[tuple[float, str, Mapping[str, Any], Mapping[str, Any]]]:
    """Level, method, and what the continuous network and the baseline have there."""
    rows = [each.restoration["levels"] for each in (study.continuous, study.baseline)]
    for mine, other in zip(*rows, strict=True):
        if mine["method"] in METHODS:
            yield mine["level"], mine["method"], mine, other


def _table(study: Study) -> str:
    ours, theirs = study.continuous, study.baseline
    times = ratio_of_medians(ours.sampling, theirs.sampling)
    sampling = ours.subject.model.config.sampling
    rows = [
        ("parameters", f"{theirs.parameters:,}", f"{ours.parameters:,}", f"{ours.parameters / theirs.parameters:.3f}"),
        (
            "multiply-adds of one evaluation", f"{theirs.multiply_adds:,}", f"{ours.multiply_adds:,}",
            f"{ours.multiply_adds / theirs.multiply_adds:.3f}",
        ),
        (
            f"sampling [ms a picture], {study.settings.timed} at once, {study.settings.threads} threads",
            *(f"{1e3 * float(np.median(each.sampling)):.3g}" for each in (theirs, ours)), times.shown(),
        ),
        (
            f"evaluations a picture ({sampling.sampler}, {sampling.steps} steps)",
            f"{theirs.evaluations:g}", f"{ours.evaluations:g}", "",
        ),
        (
            f"Frechet distance, {theirs.distance.count} samples", theirs.distance.shown(), ours.distance.shown(),
            ratio(ours.distance, theirs.distance).shown(),
        ),
    ]  # fmt: skip
    heads = ["", theirs.name, ours.name, "ratio"]
    lines = [row_of(heads), row_of(["---"] * 4), *(row_of(row) for row in rows)]
    floor = f"{study.data.name}'s own pictures, as many, have a Frechet distance of {study.floor:.3g}"
    return "\n".join([*lines, "", f"{floor}. Sampling times: medians of {study.settings.rounds} rounds in turn in one "
                      "process; their ratio with the least and the largest of the rounds."])  # fmt: skip


def _samplers(study: Study, images: str) -> str:
    heads = ["network", "sampler", "steps or tolerance", "evaluations", "s a picture", "Frechet distance"]
    lines = [row_of(heads), row_of(["---"] * len(heads))]
    for network in (study.baseline, study.continuous):
        for point in network.curve:
            how = str(point.run.steps) if point.run.steps is not None else f"{point.run.tolerance:g}"
            cells = [network.name, point.run.sampler, how, f"{point.evaluations:g}", f"{point.seconds:.3g}"]
            lines.append(row_of([*cells, point.distance.shown()]))
    told = (
        "`dpm-solver++` follows the flow with fixed steps, `probability-flow` to a tolerance, `reverse-sde` is Euler "
        f"and Maruyama's method ([process.md](process.md)). {study.settings.curve_samples} samples for each point, the "
        "same noise and classes; seconds are the counted evaluations times the measured time of one."
    )
    picture = f"![Frechet distance against evaluations and time]({images}/continuous-samplers.png)"
    return "\n".join([picture, "", told, "", *lines, ""])


def _restoration(study: Study, images: str) -> str:
    heads = ["sigma", "method", "network", "evaluations", "SSIM", "PSNR [dB]", "LeNet distance"]
    lines = [row_of(heads), row_of(["---"] * len(heads))]
    for level, method, mine, other in _pairs(study):
        for network, row in ((study.baseline, other), (study.continuous, mine)):
            values = [_mean(row["measures"][name]) for name in ("ssim", "psnr", "lenet_distance")]
            lines.append(row_of([f"{level:g}", method, network.name, f"{row['evaluations']:g}", *values]))
    whose = [each.name for each in (study.baseline, study.continuous) if each.restoration["told_classes"]]
    classes = f"Told the class: {', '.join(whose)}." if whose else "No network is told the class."
    told = (
        f"{study.settings.restored} pictures of the test split with noise of deviation sigma (the picture's share is "
        "sqrt(1 - sigma^2)), the same noise for both: `mean` is the network's estimate at once, `flow` and `sde` "
        f"follow the probability-flow ODE and the reverse SDE from there down. {classes}"
    )
    picture = f"![Restored pictures and measures by noise level]({images}/continuous-restored.png)"
    return "\n".join([picture, "", told, "", *lines, ""])


def _memory(study: Study, images: str) -> str:
    heads = ["steps of the solver", "direct [MB]", "adjoint [MB]", "difference of the gradients"]
    lines = [row_of(heads), row_of(["---"] * len(heads))]
    for row in study.memory:
        sizes = [f"{row[f'{name}_bytes'] / 1e6:.3g}" for name in ("direct", "adjoint")]
        lines.append(row_of([str(row["steps"]), *sizes, f"{row['gradient_difference']:.2g}"]))
    picture = f"![Memory against the solver's steps]({images}/continuous-memory.png)"
    told = "One block, counted: bytes of the tensors that autograd keeps between the forward and the backward pass."
    return "\n".join([picture, "", told, "", *lines, ""])


def _provenance(study: Study, command: str) -> str:
    lines = ["## Where this comes from", "", f"Made anew by `{command}`.", ""]
    heads = ["network", "weights (SHA-256 of its tensors)", "steps", "status", "commit"]
    lines += [row_of(heads), row_of(["---"] * len(heads))]
    for each in (study.baseline, study.continuous):
        lines.append(_origin(each))
    files = ", ".join(f"{name} {digest[:16]}" for name, digest in study.data.files.items())
    versions = ", ".join(f"{name} {number}" for name, number in code_version().items())
    today = datetime.date.today().isoformat()
    return "\n".join([*lines, "", f"- {study.data.name}: {files}; LeNet {study.classifier}.",
                      f"- {today}, {processor()}; {versions}.", ""])  # fmt: skip


def _origin(network: Network) -> str:
    about = network.subject.model.about
    cells = [network.name, network.subject.digest[:16], about.get("step"), about.get("status", "going on")]
    return row_of([*map(str, cells), str(about.get("commit") or "unknown")[:12]])


def _mean(value: Mapping[str, float]) -> str:
    return f"{value['value']:.3g} ({value['low']:.3g} to {value['high']:.3g})"
