"""The continuous U-Net of "The Missing U" beside the U-Net of DDPM: docs/continuous.md and its pictures.

python examples/continuous_study.py --baseline mnist-unet --continuous mnist-continuous-unet

Networks are shipped models or folders of runs. Every measurement is kept in the folder --cache: a second call is quick,
and an interrupted one goes on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cellnn.devices.errors import CellnnError, InputError
from cellnn.devices.files import check_writable, write_atomically

DOCS = Path(__file__).parent.parent / "docs"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", default="mnist-unet", metavar="RUN", help="the U-Net (default: mnist-unet)")
    parser.add_argument(
        "--continuous",
        default="mnist-continuous-unet",
        metavar="RUN",
        help="the other (default: mnist-continuous-unet)",
    )
    parser.add_argument("--samples", type=int, default=1000, help="of the compared distances (default: 1000)")
    parser.add_argument("--curve-samples", type=int, default=300, help="of each sampler and number of steps (300)")
    parser.add_argument("--restored", type=int, default=200, help="pictures restored from each noise level (200)")
    parser.add_argument("--timed", type=int, default=32, help="pictures sampled at once for the times (32)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds in turn of the times (7)")
    parser.add_argument("--threads", type=int, default=2, help="threads of the times (2)")
    parser.add_argument("--batch", type=int, default=50, help="samples computed at once (50)")
    parser.add_argument("--cache", type=Path, default=Path("continuous-study"), help="where measurements are kept")
    parser.add_argument("--folder", type=Path, help="where the data set's files lie")
    parser.add_argument("-o", "--output", type=Path, default=DOCS / "continuous.md", metavar="PAGE.md", help="the page")
    return parser.parse_args()


def run(chosen: argparse.Namespace) -> int:
    """Measure, draw, write; the exit status."""
    check_writable(chosen.output)
    from cellnn.diffusion.study_continuous.findings import study
    from cellnn.diffusion.study_continuous.page import PICTURES, page
    from cellnn.diffusion.study_continuous.settings import Settings, checked
    from cellnn.diffusion.study_continuous.subject import find_subject
    from cellnn.plots.continuous_study import plot_memory, plot_restored, plot_samplers, plot_study_samples
    from cellnn.plots.files import save_figure

    names = ("samples", "curve_samples", "restored", "timed", "rounds", "threads", "batch")
    settings = checked(Settings(**{name: getattr(chosen, name) for name in names}))
    subjects = [find_subject(name) for name in (chosen.baseline, chosen.continuous)]
    found = study(*subjects, settings, chosen.cache, chosen.folder, _note)
    networks = (found.baseline, found.continuous)
    images = chosen.output.parent / "images"
    images.mkdir(exist_ok=True)
    figures = (
        plot_samplers(found), plot_restored(networks), plot_study_samples(networks), plot_memory(found.memory)
    )  # fmt: skip
    for name, figure in zip(PICTURES, figures, strict=True):
        save_figure(figure, images / f"continuous-{name}.png")
    command = f"python examples/continuous_study.py --baseline {networks[0].name} --continuous {networks[1].name}"
    write_atomically(chosen.output, page(found, "images", command).encode())
    print(f"{chosen.output}, and {len(PICTURES)} pictures in {images}")
    return 0


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Exit status 0 done, 1 a measurement failed, 2 the input is at fault."""
    try:
        return run(arguments())
    except CellnnError as error:
        _note(f"error: {error}")
        return 2 if isinstance(error, InputError) else 1


if __name__ == "__main__":
    sys.exit(main())
