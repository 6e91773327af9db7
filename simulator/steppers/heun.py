"""Heun's method (the explicit trapezoidal rule)."""

from .tableau import Tableau

HEUN = Tableau(
    name="heun",
    order=2,
    a=((), (1.0,)),
    b=(0.5, 0.5),
    dense=((1.0, -0.5), (0.0, 0.5)),
    paper="K. Heun, Zeitschrift fuer Mathematik und Physik 45, 23-38 (1900)",
)
