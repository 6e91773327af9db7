"""Explicit Euler."""

from .tableau import Tableau

EULER = Tableau(
    name="euler",
    order=1,
    a=((),),
    b=(1.0,),
    dense=((1.0,),),  # a straight line
    paper="L. Euler, Institutionum calculi integralis, vol. 1 (1768)",
)
