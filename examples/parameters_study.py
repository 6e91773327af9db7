"""Parameter diffusion from end to end: collects, trains, measures, and writes the measured part of docs/parameters.md.

    python examples/parameters_study.py --work study            # about an hour and a half on one core
    python examples/parameters_study.py --work study --only templates --only chips       # parts, and no page

What is there in the folder is not made again: files of `cfg/` are the configs, NAME.safetensors and NAME/ what was
collected and trained, and reports are named by the options they were measured with. A report of a model that has been
trained anew since is measured anew. `--fast` measures few samples, for a first look: it writes nothing but the folder.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellnn.devices.files import replacing
from cellnn.diffusion.parameters.chips.evaluate import evaluate_chips
from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.evaluate import evaluate_parameters
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import ParametersModel, load_parameters
from cellnn.diffusion.parameters.page.page import measured, replaced
from cellnn.diffusion.parameters.page.pictures import save_denoisers
from cellnn.diffusion.parameters.page.plane import save_model_plane
from cellnn.diffusion.training.model import ABOUT

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
COLLECTED = {"mnist-templates": "templates", "mnist-chips": "chips", "mnist-cellnn-gains": "gains"}
"""By model, the file of what it is learned from, as the configs name it."""
PARTS = ("templates", "denoiser", "chips")


@dataclass(frozen=True)
class Options:
    """What is measured, and with how much; a report's file is named by what counts for it."""

    work: Path
    n: int
    chips: int
    pictures: int | None
    ablations: str
    denoisers: int


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made on the way")
    parser.add_argument("-n", type=int, default=100, help="generated templates")
    parser.add_argument("--chips", type=int, default=50, help="unseen chips")
    parser.add_argument("--pictures", type=int, default=None, help="digits each chip is measured with (default: all)")
    parser.add_argument("--ablations", default="all", choices=("none", "quick", "all"))
    parser.add_argument("--denoisers", type=int, default=12, help="generated denoisers")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part, and no page; several times: several")
    parser.add_argument("--fast", action="store_true", help="few samples: a first look, no results")
    given = parser.parse_args()
    options = Options(given.work, given.n, given.chips, given.pictures, given.ablations, given.denoisers)
    if given.fast:
        options = Options(given.work, 8, 5, 200, "quick", 2)
    options.work.mkdir(parents=True, exist_ok=True)
    measures = {"templates": _templates, "denoiser": _denoiser, "chips": _chips}
    reports = {part: measures[part](options) for part in given.only or PARTS}
    if given.only is not None:
        return
    pictures = options.work if given.fast else DOCS / "images"
    save_model_plane(_model(options.work, "mnist-templates"), pictures / "parameters-plane.png", options.n)
    save_denoisers(_model(options.work, "mnist-cellnn-gains"), pictures / "parameters-denoisers.png")
    text = measured(reports["templates"], reports["chips"], reports["denoiser"])
    page = DOCS / "parameters.md"
    if given.fast:
        print(text)
        return
    whole = replaced(page.read_text("utf-8"), text)
    with replacing(page) as temporary:
        temporary.write_text(whole, "utf-8")


def _templates(options: Options) -> dict[str, Any]:
    model = _model(options.work, "mnist-templates")
    name = f"templates-n{options.n}-{options.ablations}.json"
    return _report(
        options.work / name,
        model,
        lambda: evaluate_parameters(model, options.n, ablations=options.ablations, progress=_tell).report,
    )


def _denoiser(options: Options) -> dict[str, Any]:
    model = _model(options.work, "mnist-cellnn-gains")
    path = options.work / f"denoiser-n{options.denoisers}.json"
    return _report(path, model, lambda: evaluate_parameters(model, options.denoisers, progress=_tell).report)


def _chips(options: Options) -> dict[str, Any]:
    _model(options.work, "mnist-templates")  # whose classifier the chips' is
    model = _model(options.work, "mnist-chips")
    count = "all" if options.pictures is None else options.pictures
    path = options.work / f"chips-n{options.chips}-{count}-pictures.json"
    return _report(path, model, lambda: evaluate_chips(model, options.chips, pictures=options.pictures, progress=_tell))


def _tell(name: str, done: float) -> None:
    if done in (0.0, 1.0):  # what takes long begins, or a group is measured
        print(f"  {name}", flush=True)


def _model(work: Path, name: str) -> ParametersModel:
    """The trained model `work/NAME`, collected and trained where that has not been done."""
    collected, run = work / f"{COLLECTED[name]}.safetensors", work / name
    if not collected.exists():
        print(f"collecting for {name}", flush=True)
        partial = collected.with_name(collected.name + ".partial")
        collect(read_collect_config(_config(work, f"collect-{name}.yaml")), collected, go_on=partial.exists())
    if not (run / ABOUT).exists():
        print(f"training {name}", flush=True)
        source = read_parameters_config(_config(work, f"parameters-{name}.yaml"))
        train_parameters(source, run, go_on=(run / "config.yaml").exists())
    return load_parameters(run)


def _config(work: Path, name: str) -> Path:
    """The example's config in `work/cfg`, from where the files it names lie one folder up."""
    path = work / "cfg" / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(HERE / name, path)
    return path


def _report(path: Path, model: ParametersModel, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a part found, kept in a file; measured anew where the file is of other weights."""
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if kept["weights"] == model.about["weights"]["sha256"]:
            return kept
    print(f"measuring for {path.name}", flush=True)
    found = make()
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(found, indent=2, allow_nan=False) + "\n", "utf-8")
    return found


if __name__ == "__main__":
    main()
