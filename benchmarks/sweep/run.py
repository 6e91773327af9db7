"""A study of many chips on worker processes: two against one, and what handing points over costs against a plain loop.

An 8-channel 28 x 28 TaOx layer whose cells all have weights, R and C of their own; chips are drawn, run and compared
with the ideal one. The same chips in a loop of one process, without a cluster and a store, are the floor: what the loop
does not take is the cost of Dask, of messages and of writing. `python examples/scale_study.py` has the long form, with
2,000 chips, more workers than cores, and memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from ..measure import circumstances, write_results

CHIPS = 200
LOOP = """
import sys, time
from cellnn.sweep.study import read_study
from cellnn.sweep.tasks import run_points
from cellnn.sweep.work import work_of
study = read_study(sys.argv[1])
work, _ = work_of(study)
points = [study.points.at(k) for k in range(len(study.points))]
run_points(work, points[:1], 1)
begin = time.perf_counter()
run_points(work, points, int(sys.argv[2]))
print(time.perf_counter() - begin)
"""


def examples() -> Any:
    """The script that has the study."""
    import importlib.util

    path = Path(__file__).parents[2] / "examples" / "scale_study.py"
    found = importlib.util.spec_from_file_location("scale_study", path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def main() -> None:
    """One worker, two workers, the loop, in turn."""
    script = examples()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script.swept(folder, 8, 1)  # compiles what is not compiled yet
        took = {workers: script.swept(folder, CHIPS, workers) for workers in (1, 2)}
        path = folder / "loop.yaml"
        path.write_text(yaml.safe_dump(script.study(CHIPS)))
        environment = {**os.environ, **script.ONE_THREAD}
        done = subprocess.run(
            [sys.executable, "-c", LOOP, str(path), "8"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        loop = float(done.stdout)
    rows = [
        {"case": f"{CHIPS} chips", "rival": "one worker", "cellnn_s": took[2]["seconds"], "rival_s": took[1]["seconds"],
         "ratio": took[1]["seconds"] / took[2]["seconds"]},
        {"case": f"{CHIPS} chips, one worker", "rival": "a loop in one process", "cellnn_s": took[1]["seconds"],
         "rival_s": loop, "ratio": loop / took[1]["seconds"]},
    ]  # fmt: skip
    lost = ", ".join(f"{one['overhead']:.1%} with {workers} worker(s)" for workers, one in took.items())
    notes = [f"Workers waited for {lost}. Seconds with workers hold what each does once: {json.dumps(_warm(took))}."]
    content = {"question": "chips of an 8-channel 28x28 TaOx layer, two workers", "rows": rows, "notes": notes}
    write_results(Path(__file__).parent, {**content, **circumstances("distributed", "zarr")})


def _warm(took: dict[int, dict[str, Any]]) -> dict[str, str]:
    return {f"{workers} worker(s)": f"{one['warm_seconds']:.2g} s" for workers, one in took.items()}


if __name__ == "__main__":
    main()
