"""Convolutions, cells and cells with memristors in the same U-Net: docs/blocks.md and its pictures from trained runs.

python examples/blocks_study.py --runs runs --train --data mnist-5k

Without --train it studies the runs that are there. What it finds is kept beside each run: a second call is quick, and
an interrupted one goes on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cellnn.devices.errors import CellnnError, InputError
from cellnn.devices.files import check_writable, write_atomically

EXAMPLES = Path(__file__).parent


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["mnist-5k"], metavar="NAME", help="data sets (default: mnist-5k)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="the folder of the runs (default: runs)")
    parser.add_argument("--folder", type=Path, help="data sets' files, in folders of their names")
    parser.add_argument("--samples", type=int, default=2000, help="samples of the compared weights (default: 2000)")
    parser.add_argument("--snapshot-samples", type=int, default=1000, help="of each snapshot (default: 1000)")
    parser.add_argument(
        "--accurate-samples", type=int, default=500, help="of the first data set, integrated accurately (default: 500)"
    )
    parser.add_argument("--batch", type=int, default=100, help="samples computed at once (default: 100)")
    parser.add_argument("--device", default="cpu", help="where samples are drawn: cpu, cuda")
    parser.add_argument("--configs", type=Path, default=EXAMPLES, help="where train-mnist-BLOCK.yaml are")
    parser.add_argument("--page", type=Path, default=EXAMPLES.parent / "docs" / "blocks.md", help="the page")
    parser.add_argument(
        "--equal-time", action="store_true", help="train the cells' blocks once more, for as long as conv's took"
    )
    parser.add_argument("--train", action="store_true", help="train what is missing, or go on with it")
    return parser.parse_args()


def study(chosen: argparse.Namespace) -> int:
    """Train, study, draw, write; the exit status."""
    check_writable(chosen.page)
    images = chosen.page.parent / "images"

    from cellnn.diffusion.study.configs import config_for, read_templates, short_name
    from cellnn.diffusion.study.equal_time import equal_time_configs
    from cellnn.diffusion.study.page import page
    from cellnn.diffusion.study.runs import MissingRunsError, train_missing
    from cellnn.diffusion.study.settings import Settings, checked
    from cellnn.diffusion.study.study import study_data
    from cellnn.diffusion.training.signals import StopSignals
    from cellnn.plots.blocks_study import plot_curves, plot_samples
    from cellnn.plots.files import save_figure

    settings = checked(
        Settings(
            chosen.samples, chosen.snapshot_samples, chosen.accurate_samples, batch=chosen.batch, device=chosen.device
        )
    )
    short = [short_name(data) for data in chosen.data]  # unknown names are refused before anything is trained
    folders = {data: _folder(chosen.folder, data) for data in chosen.data}
    if chosen.train or chosen.equal_time:
        templates = read_templates(chosen.configs)
    for data in chosen.data if chosen.train or chosen.equal_time else ():
        configs = {block: config_for(each, data, folders[data]) for block, each in templates.items()}
        with StopSignals() as signals:
            done = not chosen.train or train_missing(configs, chosen.runs, _note, signals.asked)
            if done and chosen.equal_time:
                shorter = equal_time_configs(configs, data, chosen.runs, folders[data])
                done = train_missing(shorter, chosen.runs, _note, signals.asked)
            if not done:
                _note("interrupted: the same command goes on")
                return signals.status
    studies, refused = [], {}
    for data in chosen.data:
        try:
            first = data == chosen.data[0]  # whether a network lives off its solver's errors is asked once
            studies.append(study_data(data, chosen.runs, settings, folder=folders[data], accurate=first, note=_note))
        except MissingRunsError as error:
            refused[data] = error
            _note(f"{data} is not studied: {error}")
    if not studies:
        raise next(iter(refused.values()))
    images.mkdir(exist_ok=True)
    for each in studies:
        save_figure(plot_curves(each), images / f"blocks-{each.short}-curves.png")
        save_figure(plot_samples(each), images / f"blocks-{each.short}-samples.png")
    train = f"python examples/blocks_study.py --data {' '.join(chosen.data)}"
    not_studied = [f"{data}: {error.hint}." for data, error in refused.items()]
    text = page(studies, not_studied, "images", train)
    write_atomically(chosen.page, text.encode())
    print(f"{chosen.page}, and pictures in {images}: {', '.join(short)}")
    return 0


def _folder(root: Path | None, data: str) -> Path | None:
    """ROOT/NAME where it is there: data that comes with the program has no folder."""
    return root / data if root is not None and (root / data).is_dir() else None


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Exit status 0 done, 1 a run failed, 2 the input is at fault."""
    try:
        return study(arguments())
    except CellnnError as error:
        _note(f"error: {error}")
        return 2 if isinstance(error, InputError) else 1


if __name__ == "__main__":
    sys.exit(main())
