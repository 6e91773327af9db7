"""The tables of the page."""

from __future__ import annotations

from collections.abc import Sequence

from .ablations import Ablation
from .configs import BASELINE
from .figures import estimate, frechet, held_out_within, own, reach
from .sentences import shown
from .study import BlockStudy, DataStudy


def comparison_table(study: DataStudy) -> str:
    """A row for each figure, a column for each block."""
    blocks = study.blocks.values()
    goal, step = study.base.run.held_out(study.step), study.step
    floors = study.base.report["figures"]["frechet"]["more"]
    floor = ", ".join(f"{part['value']:.3g} ({part['count']} of them)" for part in floors.values())
    rows = [
        ("parameters", [f"{each.run.about['parameters']:,}" for each in blocks], ""),
        ("a training step [ms]", [_phases(each) for each in blocks], ""),
        (f"  times {BASELINE}'s, over the whole training", [_ratio(each) for each in blocks], ""),
        (f"{step} steps [min]", [f"{each.clock.seconds_at(step) / 60:.3g}" for each in blocks], ""),
        ("  by the log, on a machine in use", [f"{_logged(each, step) / 60:.3g}" for each in blocks], ""),
        (f"held-out loss at step {step}", [f"{each.run.held_out(step):.4f}" for each in blocks], ""),
        ("  at equal time", [_within(each, study.budget) for each in blocks], ""),
        ("  lowest", [_lowest(each, step) for each in blocks], ""),
        (f"steps to {BASELINE}'s final loss", [_reached(each, goal, step) for each in blocks], ""),
        (f"Frechet distance at step {step}", [shown(frechet(each.report)) for each in blocks], floor),
        ("  at equal time", [_timely(each) for each in blocks], ""),
        *(
            (title, [_figure(each, name) for each in blocks], _plain(own(study, name)))
            for title, name in (
                ("precision", "precision"),
                ("recall", "recall"),
                ("recognised with 90 % confidence", "confident"),
                ("recognised as asked for", "label_agreement"),
            )
        ),
    ]  # fmt: skip
    heads = ["", *study.blocks, "the data's own pictures"]
    lines = [row_of(heads), row_of(["---"] * len(heads))]
    lines += [row_of([title.replace("  ", "&nbsp;&nbsp;"), *values, last]) for title, values, last in rows]
    counts = f"{study.settings.samples} samples against {len(study.data)} pictures"
    return "\n".join([*lines, "", f"{counts}; intervals at 95 %; precision and recall at step {step}."])


def ablation_table(rows: Sequence[Ablation]) -> str:
    """Each ablation next to its reference."""
    heads = ["run", "block", "what differs", "at step", "held-out loss", "reference", "its loss", "change"]
    lines = [row_of(heads), row_of(["---"] * len(heads))]
    for row in sorted(rows, key=lambda row: (row.block, row.loss)):
        changes = "<br>".join(row.changes) or "nothing"
        lines.append(
            row_of(
                [row.name, row.block, changes, str(row.step), f"{row.loss:.4f}", row.reference,
                 f"{row.reference_loss:.4f}", f"{row.loss / row.reference_loss - 1:+.1%}"]
            )
        )  # fmt: skip
    unequal = [row for row in rows if row.planned[0] != row.planned[1]]
    told = [
        f"{row.name} was planned for {row.planned[0]} steps and {row.reference} for {row.planned[1]}: at step "
        f"{row.step} their learning rates differ."
        for row in unequal
    ]
    return "\n".join([*lines, "", *told, "One seed each: small changes may be luck."])


def _phases(each: BlockStudy) -> str:
    parts = each.clock.phases
    if len(parts) == 1:
        return f"{1e3 * parts[0].seconds:.3g}"
    begins = (0.0, *(part.until for part in parts))
    return "<br>".join(
        f"{1e3 * part.seconds:.3g} ({part.method}, {100 * begin:.0f} to {100 * part.until:.0f} %)"
        for begin, part in zip(begins, parts, strict=False)
    )


def _ratio(each: BlockStudy) -> str:
    parts = each.clock.phases
    if each.run.block == BASELINE:
        return "1"
    low, high = min(part.ratio_min for part in parts), max(part.ratio_max for part in parts)
    return f"{each.clock.ratio:.2f} ({low:.2f} to {high:.2f})"


def _logged(each: BlockStudy, step: int) -> float:
    return next(point.seconds for point in each.run.curve if point.step == step)


def _within(each: BlockStudy, budget: float) -> str:
    found = held_out_within(each, budget)
    return "none yet" if found is None else f"{found[1]:.4f} (step {found[0]})"


def _lowest(each: BlockStudy, until: int) -> str:
    loss, step = min((point.loss, point.step) for point in each.run.curve if point.step <= until)
    return f"{loss:.4f} (step {step})"


def _reached(each: BlockStudy, goal: float, until: int) -> str:
    found = reach(each, goal, until)
    return "not reached" if found.step is None else f"{found.step} ({found.seconds / 60:.3g} min)"  # type: ignore[operator]


def _timely(each: BlockStudy) -> str:
    if each.timely is None:
        return "nothing kept"
    return f"{shown(frechet(each.timely.report))}, {of_what(each)}"


def of_what(each: BlockStudy) -> str:
    """Which weights stand for a block at equal time."""
    if each.timely is None:
        return "no weights"
    kind = "a run of its own, ended at step" if each.timely.own_run else "step"
    return f"{kind} {each.timely.step}"


def _figure(each: BlockStudy, name: str) -> str:
    found = estimate(each.report, name)
    return "" if found is None else shown(found)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def row_of(cells: Sequence[str]) -> str:
    """A line of a table."""
    return "| " + " | ".join(cells) + " |"
