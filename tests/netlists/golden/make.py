"""Writes the golden waveforms: what ngspice found for these specs, kept for machines without it.

python -m tests.netlists.golden.make
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

import cellnn
from cellnn.netlists.crosscheck import crosscheck

from ..random_arrays import random_spec

HERE = Path(__file__).parent
SPECS = {
    "plain": random_spec(21, "chua-yang", size=(5, 4), boundary="periodic", channels=2),
    "taox": random_spec(22, "m-cellnn", "strachan-taox", size=(4, 4)),
    "op-amp": random_spec(23, "op-amp", "strachan-taox", size=(3, 4), boundary={"fixed": -1}),
    "vteam": random_spec(24, "m-cellnn", "vteam", size=(3, 3), kernel=5),
}


def plain(value: object) -> object:
    """Arrays as lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def main() -> None:
    """Ask ngspice, and write specs and waveforms."""
    for name, spec in SPECS.items():
        spec["run"]["save"] = 41
        verdict = crosscheck(cellnn.load(spec))
        waves = {one.variable: one.theirs for one in verdict.comparisons}
        spec["name"] = f"golden waveforms of ngspice {verdict.ngspice_version}, reltol {verdict.level.reltol:g}"
        (HERE / f"{name}.yaml").write_text(yaml.safe_dump(plain(spec), sort_keys=False, default_flow_style=None))
        np.savez_compressed(HERE / f"{name}.npz", **waves)
        print(f"{name}: ngspice {verdict.ngspice_version}, measure {verdict.rms:.3f}")


if __name__ == "__main__":
    main()
