"""What a network predicts - the noise, the picture, or v between them - and conversions among these.

With alpha = alpha(t), sigma = sigma(t), x = alpha x0 + sigma eps, and v = alpha eps - sigma x0 (Salimans and Ho 2022,
arXiv 2202.00512, appendix D). All of x, x0, eps, v are (n, channels, rows, columns); alpha and sigma are (n,) or
numbers.
"""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor

from ...devices.errors import InputError, did_you_mean

Prediction = Literal["eps", "x0", "v"]
PREDICTIONS: tuple[Prediction, ...] = get_args(Prediction)


def check_prediction(name: str) -> None:
    """Raises InputError for what is no prediction."""
    if name not in PREDICTIONS:
        raise InputError("prediction", name, f"one of {', '.join(PREDICTIONS)}", did_you_mean(name, PREDICTIONS))


def along(values: Tensor | float, x: Tensor) -> Tensor | float:
    """One value per sample (n,) as a factor of x (n, ...), in x's precision and on its device; numbers stay."""
    if not isinstance(values, Tensor):
        return values
    return values.to(device=x.device, dtype=x.dtype).reshape(values.shape + (1,) * (x.dim() - values.dim()))


def noised(x0: Tensor, eps: Tensor, alpha: Tensor | float, sigma: Tensor | float) -> Tensor:
    """x = alpha x0 + sigma eps (Ho et al. 2020, equation 4)."""
    return along(alpha, x0) * x0 + along(sigma, x0) * eps


def target(prediction: Prediction, x0: Tensor, eps: Tensor, alpha: Tensor | float, sigma: Tensor | float) -> Tensor:
    """What the network should answer for x = alpha x0 + sigma eps."""
    check_prediction(prediction)
    if prediction == "eps":
        return eps
    if prediction == "x0":
        return x0
    return along(alpha, x0) * eps - along(sigma, x0) * x0


def to_x0(prediction: Prediction, value: Tensor, x: Tensor, alpha: Tensor | float, sigma: Tensor | float) -> Tensor:
    """The picture a prediction stands for. Of `eps` it is (x - sigma eps)/alpha: ill-conditioned for small alpha."""
    check_prediction(prediction)
    if prediction == "x0":
        return value
    alpha, sigma = along(alpha, x), along(sigma, x)
    return (x - sigma * value) / alpha if prediction == "eps" else alpha * x - sigma * value


def to_eps(prediction: Prediction, value: Tensor, x: Tensor, alpha: Tensor | float, sigma: Tensor | float) -> Tensor:
    """The noise a prediction stands for. Of `x0` it is (x - alpha x0)/sigma: ill-conditioned for small sigma."""
    check_prediction(prediction)
    if prediction == "eps":
        return value
    alpha, sigma = along(alpha, x), along(sigma, x)
    return (x - alpha * value) / sigma if prediction == "x0" else sigma * x + alpha * value


def convert(
    value: Tensor, have: Prediction, want: Prediction, x: Tensor, alpha: Tensor | float, sigma: Tensor | float
) -> Tensor:
    """The prediction `have` as the prediction `want`, at the same x."""
    check_prediction(want)
    if have == want:
        return value
    if want == "x0":
        return to_x0(have, value, x, alpha, sigma)
    if want == "eps":
        return to_eps(have, value, x, alpha, sigma)
    alpha, sigma = along(alpha, x), along(sigma, x)
    return (value - sigma * x) / alpha if have == "eps" else (alpha * x - value) / sigma
