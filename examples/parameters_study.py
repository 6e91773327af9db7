"""Parameter diffusion from end to end: collects, trains, measures, and writes the measured part of docs/parameters.md.

    python examples/parameters_study.py --work study            # about an hour on one core; goes on where it stopped

What is there in the folder is not made again. `--fast` makes everything with few samples, for a first look.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from cellnn.devices.files import replacing
from cellnn.diffusion.parameters.chips.evaluate import evaluate_chips
from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.evaluate import evaluate_parameters
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import load_parameters
from cellnn.diffusion.parameters.page.page import measured, replaced
from cellnn.diffusion.parameters.page.plane import save_plane
from cellnn.diffusion.training.read_config import ConfigText

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made on the way")
    parser.add_argument("-n", type=int, default=100, help="generated templates")
    parser.add_argument("--chips", type=int, default=50, help="unseen chips")
    parser.add_argument("--pictures", type=int, default=None, help="digits each chip is measured with (default: all)")
    parser.add_argument("--ablations", default="all", choices=("none", "quick", "all"))
    parser.add_argument("--only", choices=("templates", "chips", "denoiser"), help="one part, and no page")
    parser.add_argument("--fast", action="store_true", help="few samples: a first look, no results")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    n, chips = (8, 5) if given.fast else (given.n, given.chips)
    _made(given.work, "mnist-templates")
    templates = denoiser = on_chips = None
    if given.only in (None, "templates"):
        templates = _report(given.work / "templates.json", lambda: _templates(given.work, n, given.ablations))
    if given.only in (None, "denoiser"):
        _made(given.work, "mnist-cellnn-gains")
        denoiser = _report(given.work / "denoiser.json", lambda: _denoiser(given.work, n))
    if given.only in (None, "chips"):
        _made(given.work, "mnist-chips")
        model = given.work / "mnist-chips-run"
        on_chips = _report(
            given.work / "chips.json",
            lambda: evaluate_chips(load_parameters(model), chips, pictures=given.pictures),
        )
    if given.only is None and templates is not None and not given.fast:
        page = DOCS / "parameters.md"
        text = replaced(page.read_text("utf-8"), measured(templates, on_chips, denoiser))
        with replacing(page) as temporary:
            temporary.write_text(text, "utf-8")


def _made(work: Path, name: str) -> None:
    """Collect and train, where that has not been done: `work/NAME.safetensors` and `work/NAME-run`."""
    collected, run = work / f"{name}.safetensors", work / f"{name}-run"
    if not collected.exists():
        print(f"collecting {name}")
        source = _moved(read_collect_config(_pointed(HERE / f"collect-{name}.yaml", work)), work)
        collect(source, collected, go_on=True)
    if not (run / "collected.safetensors").exists():
        print(f"training {name}")
        document = _pointed(HERE / f"parameters-{name}.yaml", work)
        document["data"]["file"] = str(collected.resolve())
        train_parameters(read_parameters_config(document), run, go_on=(run / "config.yaml").exists())


def _pointed(config: Path, work: Path) -> dict[str, Any]:
    """A config's document, the classifier it starts from taken from the study's folder."""
    import yaml

    document: dict[str, Any] = yaml.safe_load(config.read_text("utf-8"))
    if "collected" in document.get("source", {}):
        document["source"]["collected"] = str((work / "mnist-templates.safetensors").resolve())
    return document


def _moved(source: ConfigText[Any], work: Path) -> ConfigText[Any]:
    return ConfigText(source.config, source.text, work)


def _templates(work: Path, n: int, ablations: str) -> dict[str, Any]:
    model = load_parameters(work / "mnist-templates-run")
    found = evaluate_parameters(model, n, ablations=ablations)
    vectors = {name: found.vectors[name].double().numpy() for name in ("original", "generated", "prior")}
    vectors["original"] = np.asarray(model.collection.vectors.double())
    save_plane(vectors, DOCS / "images" / "parameters-plane.png")
    return found.report


def _denoiser(work: Path, n: int) -> dict[str, Any]:
    from cellnn.diffusion.parameters.page.pictures import save_denoisers

    model = load_parameters(work / "mnist-cellnn-gains-run")
    save_denoisers(model, DOCS / "images" / "parameters-denoisers.png")
    return evaluate_parameters(model, min(n, 30), ablations="quick").report


def _report(path: Path, make: Any) -> dict[str, Any]:
    """What a part found, kept in a file."""
    if not path.exists():
        print(f"measuring for {path.name}")
        found = make()
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(found, indent=2, allow_nan=False) + "\n", "utf-8")
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


if __name__ == "__main__":
    main()
