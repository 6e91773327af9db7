"""What the adjoint saves: memory kept for the backward pass and the gradient's error, by the number of solver steps.

python examples/continuous_memory.py                      # a table in Markdown
python examples/continuous_memory.py --steps 1 2 4 --method rk4
"""

from __future__ import annotations

import argparse

from cellnn.diffusion.continuous.memory import adjoint_memory
from cellnn.diffusion.continuous.solver import FIXED


def main() -> None:
    """Print a row for each number of steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 2, 4, 8, 16], help="numbers of solver steps")
    parser.add_argument("--method", choices=FIXED, default="midpoint")
    given = parser.parse_args()
    print("| steps | kept without the adjoint | kept with it | gradients apart by |\n|---|---|---|---|")
    for row in adjoint_memory(given.steps, given.method):
        kept = [f"{row[name] / 2**20:.2f} MiB" for name in ("direct_bytes", "adjoint_bytes")]
        print(f"| {row['steps']} | {kept[0]} | {kept[1]} | {row['gradient_difference']:.1e} |")


if __name__ == "__main__":
    main()
