"""Pictures by a closed analog loop beside the digital sampler's, from the same noise.

python examples/analog_sampler.py -o analog --pictures 128

Writes table.json as it goes, pictures.png (a row for each way, the digital one first) and waveforms.png.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import cellnn
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.data import load_images
from cellnn.diffusion.deployment.analog import Integrator, Loop, NoiseSource, RampErrors
from cellnn.diffusion.deployment.analog.compare import Compared, compare, held_loops
from cellnn.plots.analog import plot_loop, plot_rows
from cellnn.plots.files import save_figure


def loops(latency: float) -> dict[str, Loop]:
    """What is compared: so many answers, the two ways to hold them, waiting or late, with noise, not ideal."""
    loop = Loop(latency=latency)
    found = held_loops(loop)
    for n in (20, 50):
        found[f"{n} answers, extrapolated"] = replace(loop, answers=n, hold="extrapolated")
        found[f"{n} answers, late"] = replace(loop, answers=n, late=True)
        found[f"{n} answers, late, extrapolated"] = replace(loop, answers=n, late=True, hold="extrapolated")
    found["50 answers, thermal noise"] = replace(loop, noise=NoiseSource(correlation=0.1e-6))
    reverse = NoiseSource("reverse", correlation=0.1e-6)
    found["50 answers, log-snr, thermal noise"] = replace(loop, ramp="log-snr", noise=reverse)
    integrator = Integrator(inverse_gain=5e-6, offset=1e-3, gain=Spread(local=0.01), temperature=300.0)
    errors = RampErrors(slope=0.01, bow=0.01, jitter=1e-3)
    found["50 answers, imperfect"] = replace(loop, integrator=integrator, ramp_errors=errors)
    return found


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mnist-cellnn")
    parser.add_argument("-o", "--output", type=Path, default=Path("analog"))
    parser.add_argument("--pictures", type=int, default=16)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--latency", type=float, default=10e-6, help="of an answer [s]")
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    model = cellnn.load_run(chosen.model)
    rows: list[dict[str, object]] = []

    def found(row: Compared) -> None:
        rows.append(asdict(row))
        (chosen.output / "table.json").write_text(json.dumps(rows, indent=2) + "\n")
        frechet = f"{row.frechet.value:.1f} {row.frechet.interval}" if row.frechet else "-"
        print(f"{row.name}: rms {row.difference:.4f}, SSIM {row.similarity:.4f}, Frechet {frechet}", flush=True)

    data = load_images(model.config.data.name, "train", model.config.data.folder)
    result = compare(
        model, loops(chosen.latency), chosen.pictures, chosen.seed, batch=chosen.batch, data=data, found=found
    )
    save_figure(plot_rows(result.pictures), chosen.output / "pictures.png")
    run = result.runs["50 answers"]
    save_figure(
        plot_loop(run, f"{chosen.model}: a picture by an analog loop, 50 answers"), chosen.output / "waveforms.png"
    )


if __name__ == "__main__":
    main()
