"""The page: tables, sentences that are computed, pictures, where it all comes from."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from .cache import code_version
from .configs import BASELINE
from .costs import processor
from .figures import frechet, reach
from .runs import Run
from .sentences import (
    accuracy_sentence,
    claim_sentence,
    frechet_sentence,
    held_out_sentence,
    paired_difference,
    reach_sentence,
)
from .study import DataStudy
from .table import ablation_table, comparison_table, of_what, row_of

INTRODUCTION = """# Convolutions, cells, cells with memristors

<!-- written by examples/blocks_study.py: change that, not this -->

One U-Net, its blocks exchanged: discrete convolutions (`conv`), arrays of plain CellNN cells (`cellnn`), arrays of
TaOx M-CellNN cells (`m-cellnn`). Data, process, training steps, seeds, sampler and, within 2 %, the number of
parameters are the same. This repeats the comparison of Horvath (arXiv 2410.19798), who reports higher quality and
quicker training with both kinds of cells. **Its table's numbers, its U-Net and its schedule could not be read**, so the
figures here stand beside its claims, not beside its numbers.

How to read it:

- Each block was trained once, with one seed. Intervals (95 %) hold for samples and held-out pictures, *not* for other
  seeds: a difference outside them may still be luck of the training.
- Two intervals that do not overlap differ; of two that do, this page says that no difference is shown.
- *Equal time* is counted in training steps as they were measured in turn on one machine, each phase of a network's plan
  of integration by itself; the seconds in the runs' own logs are those of a machine that others used too. Where there
  is an equal-time run, one whose whole training takes as long as the baseline's, it is what is compared. Otherwise it
  is a snapshot, taken before its learning rate has fallen to zero, which is to the disadvantage of slower blocks.
- Weights of the middle of a training are integrated as their training was just then, which may be coarser than at the
  end of the plan; the compared ones of a finished training as at its end.
- Losses are those of the averaged weights on pictures nobody learned from. The Frechet distance is on the features of
  a small classifier ([evaluate.md](evaluate.md)): no FID, and only comparable at equal numbers of samples.
"""


def page(studies: Sequence[DataStudy], not_studied: Sequence[str], images: str, command: str) -> str:
    """The whole page in Markdown; `images` is the folder of its pictures as seen from it, `command` what made it."""
    parts = [INTRODUCTION]
    parts += [f"**Not studied:** {text}\n" for text in not_studied]
    parts += [section(study, images) for study in studies]
    parts.append(_provenance(studies, command))
    return "\n".join(parts)


def section(study: DataStudy, images: str) -> str:
    """A data set's section."""
    title = f"## {study.data.name}"
    lines = [title, ""]
    for block, why in study.missing.items():
        lines += [f"**Missing:** {study.short}-{block}: {why}. `--train` trains it.", ""]
    if study.unequal:
        lines += ["**Not equal beside the block:**", "", *(f"- {text}" for text in study.unequal), ""]
    else:
        lines += ["The runs' configs and data were compared: beside the block nothing differs.", ""]
    lines += [comparison_table(study), "", "### What it says", "", *(f"- {text}" for text in findings(study)), ""]
    about = f"{study.short}: held-out loss and Frechet distance against steps and against time"
    lines += [f"![{about}]({images}/blocks-{study.short}-curves.png)", ""]
    lines += [f"![{study.short}: samples of all blocks]({images}/blocks-{study.short}-samples.png)", ""]
    lines += ["Three rows at a time: the same noise and the same class in the same place for every block.", ""]
    if study.ablations:
        lines += ["### What of the cells matters", "", ablation_table(study.ablations), ""]
    return "\n".join(lines)


def findings(study: DataStudy) -> list[str]:
    """The computed sentences of a data set."""
    base, step = study.base, study.step
    goal = base.run.held_out(step)
    theirs = frechet(base.report)
    found = []
    for block, each in study.blocks.items():
        if block == BASELINE:
            continue
        loss, ours = each.run.held_out(step), frechet(each.report)
        difference = paired_difference(each.held_out, base.held_out)
        found.append(held_out_sentence(block, loss, BASELINE, goal, difference))
        got = reach(each, goal, step)
        found.append(reach_sentence(block, got.step, got.seconds, BASELINE, goal, step, study.budget))
        found.append(frechet_sentence("at equal steps", block, ours, BASELINE, theirs))
        late = None if each.timely is None else frechet(each.timely.report)
        found.append(frechet_sentence(f"at equal time ({of_what(each)})", block, late, BASELINE, theirs))
        quicker = None if got.seconds is None else got.seconds < study.budget
        found.append(claim_sentence(block, BASELINE, ours, theirs, quicker))
        if each.accuracy is not None:
            found.append(accuracy_sentence(block, each.accuracy))
    return found


def _provenance(studies: Sequence[DataStudy], command: str) -> str:
    lines = ["## Where this comes from", "", f"Made anew by `{command}` (`--train` trains what is missing).", ""]
    heads = ["run", "steps", "status", "weights (SHA-256)", "seeds", "commit", "torch"]
    lines += [row_of(heads), row_of(["---"] * len(heads))]
    for study in studies:
        for run, digest, step in _weights(study):
            about = run.about
            seeds = ", ".join(f"{name} {seed}" for name, seed in about["seeds"].items())
            lines.append(
                row_of(
                    [run.name, str(step), about.get("status", "going on"), digest[:16], seeds,
                     str(about.get("commit") or "unknown")[:12], about["versions"]["torch"]]
                )
            )  # fmt: skip
    lines += [
        "",
        "Configs: `examples/train-mnist-BLOCK.yaml`, for other data with their name; each run keeps its own.",
        "",
    ]
    for study in studies:
        files = {**study.data.files, **study.unseen.files}
        hashes = ", ".join(f"{name} {digest[:16]}" for name, digest in files.items())
        network = f"LeNet {study.classifier['name']}, SHA-256 {study.classifier['sha256'][:16]}"
        lines += [f"- {study.data.name}: {hashes}; {network}."]
    for chosen in {study.settings for study in studies}:
        accurate = min(chosen.accurate_samples, chosen.samples)
        counts = f"{chosen.samples} of the compared weights, {chosen.snapshot_samples} of each snapshot"
        lines += [
            f"- Samples: seed {chosen.seed}, {counts}, {accurate} integrated accurately, of {studies[0].data.name}."
        ]
    versions = ", ".join(f"{name} {number}" for name, number in code_version().items())
    lines += [f"- {datetime.date.today().isoformat()}, {processor()}; {versions}.", ""]
    return "\n".join(lines)


def _weights(study: DataStudy) -> list[tuple[Run, str, int]]:
    """All weights that tables compare: run, SHA-256, step."""
    found = [(each.run, each.digest, study.step) for each in study.blocks.values()]
    late = [each.timely for each in study.blocks.values() if each.timely is not None]
    others = [(part.run, part.run.digest(part.step), part.step) for part in late]
    return found + [row for row in others if row not in found]
