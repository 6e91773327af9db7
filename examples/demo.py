"""The demo: a diffusion model whose layers are arrays of TaOx memristor cells draws digits on a simulated chip.

The chip has weights of 6 bits with programming errors, mismatch, converters, noise and real op-amps. Leaves the report
of `cellnn deploy`: digits, what each effect costs, waveforms, energy.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
MODEL = "mnist-m-cellnn-realistic"


def main() -> None:
    """Deploy, and look into a layer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo"), help="the folder for what it makes")
    folder = parser.parse_args().output
    report = folder / "report"
    if (report / "report.json").exists():  # of an earlier demo
        shutil.rmtree(report)
    start = time.perf_counter()
    hardware = HERE / "hardware-realistic.yaml"
    command = [sys.executable, "-m", "cellnn", "deploy", MODEL, str(hardware), "-n", "40", "--steps", "10"]
    print(f"{MODEL} on {hardware.name}: 40 digits, 10 steps each, then each effect by itself ...", flush=True)
    subprocess.run([*command, "--without", "spice", "-o", str(report)], check=True)
    print(f"{time.perf_counter() - start:.0f} s; open {report / 'report.html'}")


if __name__ == "__main__":
    main()
