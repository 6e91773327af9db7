"""What sweeps cost at scale: 2,000 chips of an 8-channel 28 x 28 TaOx layer on one worker, on two, and on more workers
than cores; a large array; and from these what 10^6 chips or 1024 x 1024 x 64 cells need.

    python examples/scale_study.py -o scale --json scale.json --page docs/scale.md

Each measurement is kept in the folder when it is done: the same command goes on with those that are missing. Measure on
a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from cellnn.circuits.spec.models import CircuitSpec
from cellnn.sweep.cost_model import array_cost, study_cost
from cellnn.sweep.sizes import TARGET

ONE_THREAD = {"OMP_NUM_THREADS": "1", "CELLNN_THREADS": "1"}
MACHINE_CORES, HOURS = 64, 24.0
"""Of the machines, and within which the million chips are to be done."""
CHANNELS, SIZES = 64, (32, 64)
"""Of the array whose time is scaled up."""


def layer(channels: int, size: int, chips: bool) -> dict[str, Any]:
    """A TaOx layer of dense 3 x 3 templates; with `chips`, as it is made."""
    random = np.random.default_rng(0)
    A = random.normal(0, 0.9 / (3 * channels**0.5), (channels, channels, 3, 3)).round(4)
    B = random.normal(0, 0.3, (channels, 1, 3, 3)).round(4)
    spec = {
        "cellnn": 1,
        "grid": {"rows": size, "columns": size},
        "cell": {
            "circuit": "m-cellnn", "voltage_unit": "50mV",
            "memristor": {"model": "strachan-taox", "x0": 0.1, "area": 0.1},
        },
        "layers": [{"channels": channels, "template": {"A": A.tolist(), "B": B.tolist(), "z": 0.0}}],
        "input": "mnist-5k:7" if size == 28 else 0.5,
        "run": {"stop": "3us", "rtol": 1e-3, "atol": 1e-5, "save": 2},
    }  # fmt: skip
    made = {"mismatch": {"weights": "2%", "R": "2%", "C": "2%"}, "programming": {"relative": "1%"}}
    return spec | ({"hardware": made} if chips else {})


def study(chips: int) -> dict[str, Any]:
    """The chips of the 8-channel layer."""
    return {
        "study": 1, "name": f"{chips} chips", "spec": layer(8, 28, True), "vary": {"chips": {"count": chips}},
        "measures": ["error_rms", "agreement", "state_max"],
    }  # fmt: skip


def swept(folder: Path, chips: int, workers: int) -> dict[str, Any]:
    """What a study of so many chips took on so many workers, from nothing."""
    path, out = folder / f"study-{chips}.yaml", folder / f"chips-{chips}-workers-{workers}"
    path.write_text(yaml.safe_dump(study(chips)))
    shutil.rmtree(out, ignore_errors=True)
    words = [sys.executable, "-m", "cellnn", "sweep", str(path), "-o", str(out), "--workers", str(workers), "--json"]
    done = subprocess.run(words, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)["took"]
    return {"chips": chips, **found}


RUN = """
import json, resource, sys, time
import cellnn
circuit = cellnn.load(json.load(sys.stdin))
cellnn.simulate(circuit, threads=1)
begin = time.perf_counter()
result = cellnn.simulate(circuit, threads=1)
seconds = time.perf_counter() - begin
steps = json.loads(result.attrs["solver_statistics"])["layer1"]["steps"]
print(json.dumps({"seconds": seconds, "steps": steps,
                  "memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def array(size: int) -> dict[str, Any]:
    """What a run of the array with many channels takes, in a process of its own."""
    spec = json.dumps(layer(CHANNELS, size, False))
    words, environment = [sys.executable, "-c", RUN], {**os.environ, **ONE_THREAD}
    done = subprocess.run(words, input=spec, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return {"size": size, "channels": CHANNELS, **found}


def measurements(folder: Path, chips: int, cores: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """What is measured, by name. Paces are compared: all studies have as many chips, so that a start weighs as much."""
    return {
        "warm": lambda: swept(folder, 8, 1),  # compiles what is not compiled yet
        "two workers": lambda: swept(folder, chips, 2),
        "one worker": lambda: swept(folder, chips, 1),
        "oversubscribed": lambda: swept(folder, chips, 2 * cores),
        **{f"array {size}": partial(array, size) for size in SIZES},
    }


def machine() -> dict[str, Any]:
    """Where this was measured."""
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    cores = len(os.sched_getaffinity(0))
    return {"processor": names[0] if names else platform.machine(), "cores": cores, "load_before": os.getloadavg()[0]}


def scaled(found: dict[str, Any]) -> dict[str, Any]:
    """What follows for a million chips, and for the large array."""
    two, largest = found["two workers"], found[f"array {SIZES[-1]}"]
    worker = max(one["largest_worker"] for one in two["memory_bytes"])
    million = study_cost(
        1_000_000, two["seconds_per_point"], two["overhead"], worker, measures=3, hours=HOURS, cores=MACHINE_CORES,
        task_seconds=TARGET,
    )  # fmt: skip
    per_cell = largest["seconds"] / (largest["size"] ** 2 * CHANNELS)
    arrays = {}
    for name, made in (("as designed", False), ("as made", True)):
        spec = CircuitSpec.model_validate(layer(CHANNELS, 16, made) | {"grid": {"rows": 1024, "columns": 1024}})
        arrays[name] = vars(array_cost(spec, per_cell))
    return {"million chips": vars(million), "1024 x 1024 x 64": arrays}


def page(found: dict[str, Any]) -> str:
    """docs/scale.md."""
    where, scale = found["machine"], scaled(found)
    one = found["one worker"]
    rows = []
    for name in ("one worker", "two workers", "oversubscribed"):
        took = found[name]
        pace, memory = took["chips"] / took["seconds"], [step["largest_worker"] for step in took["memory_bytes"]]
        cells = [str(took["workers"]), str(took["chips"]), f"{took['seconds']:.1f}", f"{pace:.2f}"]
        cells += [f"{pace / (one['chips'] / one['seconds']):.2f}", f"{took['overhead']:.1%}"]
        cells += [f"{1e3 * took['seconds_between_tasks']:.0f}", mebibytes(memory[0]), mebibytes(memory[-1])]
        rows.append(cells)
    arrays = [found[f"array {size}"] for size in SIZES]
    measured = [
        [f"{run['size']} x {run['size']} x {CHANNELS}", f"{run['seconds']:.2f}", str(run["steps"])]
        + [mebibytes(run["memory_bytes"])]
        for run in arrays
    ]
    many, (designed, made) = scale["million chips"], scale["1024 x 1024 x 64"].values()
    large = [
        ["as designed: all cells share a template", gibibytes(designed["state_bytes"])]
        + [gibibytes(designed["weight_bytes"]), f"{designed['seconds'] / 3600:.2g}"],
        ["as made: every cell has its own weights", gibibytes(made["state_bytes"])]
        + [gibibytes(made["weight_bytes"]), "-"],
    ]
    tasks, busy = many["tasks"], many["tasks"] / 1000
    return f"""# Cost at scale

Written by `python examples/scale_study.py` on {where["processor"]}, {where["cores"]} cores
(load before: {where["load_before"]:.2f}).

## Measured: chips of an 8-channel 28 x 28 TaOx layer

Every cell has its own 81 weights, R and C; each chip is drawn, run for 3 RC at a tolerance of 1e-3 and compared with
the ideal one. All runs are of as many chips. Seconds are from the first task sent to the last result written, what each
worker does once among them; lost is the time that workers spent waiting, of all their time.

{table(HEAD_CHIPS, rows)}

## What 1,000,000 such chips need

- **Time**: {many["core_hours"]:.0f} core hours; within {HOURS:g} hours that is {many["machines"]} machine(s) of
  {MACHINE_CORES} cores.
- **Memory**: {mebibytes(many["worker_bytes"])} MiB for each worker process, whatever the number of chips.
- **Disk**: a table of {mebibytes(many["table_bytes"])} MiB before compression; {tasks} tasks, a file each until the
  table is written.

Assumed: a chip takes what it took while all cores of the machine here were busy, and what is lost between tasks keeps
its share. One client and one scheduler serve all workers; a scheduler takes about 1 ms for a task, by Dask's own
figures, so {tasks} tasks keep it busy for {busy:.0f} s in all.

## A large array: 1024 x 1024 x {CHANNELS} cells

{table(("array", "seconds", "steps", "MiB of the process"), measured)}

Scaled up by the number of cells, with as many steps, on one core:

{table(HEAD_ARRAYS, large)}

Assumed: memory is what `circuits/spec/memory.py` counts, by which a run that does not fit is refused before it starts;
time grows as the number of cells. An array is not cut over machines: one whose weights do not fit into a machine's
memory is studied in windows, or in layers of fewer channels.
"""


HEAD_CHIPS = (
    "workers", "chips", "seconds", "chips/s", "times one worker", "lost", "ms between tasks", "MiB of a worker, first",
    "at the end",
)  # fmt: skip
HEAD_ARRAYS = (f"1024 x 1024 x {CHANNELS}", "GiB for states and results", "GiB for weights", "hours")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def mebibytes(size: float) -> str:
    """In MiB."""
    return f"{size / 2**20:.0f}"


def gibibytes(size: float) -> str:
    """In GiB."""
    return f"{size / 2**30:,.0f}" if size >= 2**30 else "below 1"


def main() -> None:
    """Measure what is missing, then write JSON and page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("scale"), help="where measurements are kept")
    parser.add_argument("--chips", type=int, default=2000)
    parser.add_argument("--json", type=Path, help="also write them here")
    parser.add_argument("--page", type=Path, help="write docs/scale.md here")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    kept = given.output / f"measured-{given.chips}.json"
    found = json.loads(kept.read_text()) if kept.exists() else {"machine": machine()}
    cores = found["machine"]["cores"]
    for name, measure in measurements(given.output, given.chips, cores).items():
        if name not in found:
            print(f"{name} ...", file=sys.stderr, flush=True)
            found[name] = measure()
            temporary = kept.with_suffix(".part")
            temporary.write_text(json.dumps(found, indent=2) + "\n")
            temporary.replace(kept)
    text = json.dumps(found | {"scaled": scaled(found)}, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")
    if given.page:
        given.page.write_text(page(found))


if __name__ == "__main__":
    main()
