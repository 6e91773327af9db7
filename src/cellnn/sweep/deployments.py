"""Points that are trained models on chips: figures of their reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..circuits.spec.messages import input_error
from ..devices.errors import CellnnError, InputError, SimulationError
from .check import try_values
from .files import put_file, unpacked
from .models import check_same
from .places import put
from .work import Work

if TYPE_CHECKING:
    from .study import Study


class DeploymentRunner:
    """Runs points of one work in this process: loads the model and its data once."""

    def __init__(self, work: Work) -> None:
        import torch

        from ..diffusion.training.load_run import load_run

        torch.set_num_threads(1)
        self._work, self._folder = work, unpacked(work.files)
        self._model = load_run(placed(work.options["model"], work.files, self._folder))
        check_same(self._model, work.options)

    def run(self, points: Sequence[Mapping[str, Any]]) -> list[list[float] | SimulationError]:
        """The measures of each point, or how its run failed. Raises InputError for a chip that is none."""
        return [self._one(values) for values in points]

    def _one(self, values: Mapping[str, Any]) -> list[float] | SimulationError:
        from ..diffusion.deployment.deploy import PARTS, Deployer, Sampling
        from ..diffusion.deployment.report import recognised

        options, measures = self._work.options, self._work.measures
        without = [part for part in PARTS if part != "cost" or "energy_per_picture" not in measures]
        deployer = Deployer(self._model, checked(self._work, values), folder=options["folder"], threads=1)
        how = Sampling(options["seed"], options["steps"], options["sampler"])
        try:
            found = deployer.run(options["pictures"], how, without=without)
        except InputError:
            raise
        except CellnnError as error:
            return SimulationError(str(error))
        taken: dict[str, Callable[[], float]] = {
            "similarity": lambda: found.similarity[0],
            "similarity_least": lambda: found.similarity[1],
            "answer_error": lambda: max(one.difference for one in found.answers),
            "recognised": lambda: recognised(deployer.data.name, found.deployed, found.labels),  # type: ignore[arg-type]
            "energy_per_picture": lambda: found.cost.cases[0].joules,  # type: ignore[union-attr]
        }
        return [float(taken[name]()) for name in measures]


def placed(model: str | Mapping[str, str], files: Mapping[str, bytes], folder: Path) -> str:
    """The model's name, or a folder made of the files that came with the work: `model` says which they are."""
    if isinstance(model, str):
        return model
    run = folder / "-".join(["run", *(Path(source).stem for source in model.values())])
    for target, source in model.items():
        put_file(run / target, files[source])
    return str(run)


def checked(work: Work, values: Mapping[str, Any]) -> Any:
    """The HARDWARE.yaml of a point. Raises InputError."""
    from ..diffusion.deployment.hardware_file import DeploymentSpec

    try:
        return DeploymentSpec.model_validate(put(work.document, values))
    except ValidationError as error:
        raise input_error(error) from None


def check(study: Study, work: Work, names: Mapping[str, str]) -> None:
    """InputError for a model that is not there, a chip that is none, and for what this model cannot be asked."""
    try_values(study, names, lambda values: checked(work, values))
    from ..diffusion.training.load_run import load_run

    assert study.deployment is not None
    model = load_run(study.deployment.model)
    if "recognised" in work.measures:
        from ..diffusion.measures.classifier import SHIPPED

        if model.labels(1) is None or model.config.data.name not in SHIPPED:
            raise InputError(
                "measures", "recognised", "a measure of this model", "it knows no classes, or no classifier does"
            )
