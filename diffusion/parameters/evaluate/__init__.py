"""What generated parameters are worth, beside the originals they were learned from."""

from .evaluate import Evaluation, evaluate_parameters

__all__ = ["Evaluation", "evaluate_parameters"]
