"""A TaOx M-CellNN array finds the edges of a real MNIST digit and cleans a noisy copy of it.

Runs the two specs beside this file, leaves NetCDF files, pictures and animations, and says what came out,
measured against the clean digit.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from noisy_copy import DIGIT
from scipy.ndimage import binary_erosion

import cellnn
from cellnn.circuits.sources.datasets import dataset_picture
from cellnn.plots.animation import animate
from cellnn.plots.files import save_figure
from cellnn.plots.overview import plot_result

HERE = Path(__file__).parent


def run(name: str, folder: Path) -> np.ndarray:
    """Simulate examples/NAME.yaml into the folder; the final picture, +1 ink and -1 paper."""
    circuit = cellnn.load(HERE / f"{name}.yaml")
    print(f"{circuit.name} ...", flush=True)
    result = cellnn.simulate(circuit)
    cellnn.save(result, folder / f"{name}.nc")
    save_figure(plot_result(result), folder / f"{name}.png")
    animate(result, folder / f"{name}.gif")
    for suffix, what in ((".nc", "trajectories (NetCDF)"), (".png", "maps and trajectories"), (".gif", "animation")):
        print(f"    {folder / name}{suffix:4}  {what}")
    (layer,) = result.children.values()
    return np.sign(layer["output"].values[-1, 0])


def main() -> None:
    """Run both specs and compare with what the digit says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("edges"), help="the folder for what it makes")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    clean = np.sign(dataset_picture("mnist-5k", DIGIT)[0])
    ink = clean > 0
    edges = run("edges", folder)
    true_edges = np.where(ink & ~binary_erosion(ink, np.ones((3, 3))), 1, -1)
    print(f"    {np.mean(edges == true_edges):.1%} of the pixels are as morphology (ink minus its erosion) says")

    noisy = np.sign(cellnn.load(HERE / "denoise.yaml").input[0])
    denoised = run("denoise", folder)
    before, after = np.sum(noisy != clean), np.sum(denoised != clean)
    print(f"    {before} of {clean.size} pixels were wrong in the noisy copy, {after} are after the array settled")
    if after >= before:
        sys.exit("the array did not remove the noise")


if __name__ == "__main__":
    main()
