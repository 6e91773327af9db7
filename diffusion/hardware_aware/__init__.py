"""Training that knows the hardware: what a chip does to an array, drawn afresh in every step, with gradients."""

from .network import Imperfect, make_imperfect

__all__ = ["Imperfect", "make_imperfect"]
