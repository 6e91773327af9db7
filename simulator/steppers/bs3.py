"""Bogacki-Shampine 3(2)."""

from .tableau import Tableau

BS3 = Tableau(
    name="bs3",
    order=3,
    a=((), (1 / 2,), (0.0, 3 / 4), (2 / 9, 1 / 3, 4 / 9)),
    b=(2 / 9, 1 / 3, 4 / 9, 0.0),
    error=(-5 / 72, 1 / 12, 1 / 9, -1 / 8),
    # the cubic Hermite interpolant between the ends of the step
    dense=((1.0, -4 / 3, 5 / 9), (0.0, 1.0, -2 / 3), (0.0, 4 / 3, -8 / 9), (0.0, -1.0, 1.0)),
    first_same_as_last=True,
    paper="P. Bogacki, L. F. Shampine, Applied Mathematics Letters 2(4), 321-325 (1989)",
)
