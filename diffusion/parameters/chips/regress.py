"""The simplest thing that tells a chip its parameters from what was measured of it: a linear map."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..latents.scaling import Scaling
from ..model import ParametersModel

ALPHAS = np.logspace(-2, 4, 19)


class LinearMap:
    """Ridge regression from the measurements to the parameters of the chips a model learned from.

    Both are normalised; the penalty is the one of `ALPHAS` whose leave-one-out error is least (Golub, Heath and Wahba
    1979). It is what a generative model has to beat: where one answer is wanted for each chip, the mean is the best.
    """

    def __init__(self, model: ParametersModel) -> None:
        from sklearn.linear_model import RidgeCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        vectors, told = model.collection.vectors, model.collection.conditions
        assert told is not None
        self.scaling = Scaling.of(vectors, model.layout)
        self._map: Any = make_pipeline(StandardScaler(), RidgeCV(ALPHAS))
        self._map.fit(told.double().numpy(), self.scaling.normalised(vectors).double().numpy())

    def parameters_of(self, told: Tensor) -> Tensor:
        """Vectors (n, size) for measurements (n, m)."""
        return self.scaling.restored(torch.from_numpy(self._map.predict(told.double().numpy())).float())
