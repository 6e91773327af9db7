"""A memristor's functions as source text: `current`, `rate` and `derivatives` of (v, x, parameters...)."""

from __future__ import annotations

from ..memristor import Memristor
from .modules import fingerprint, remembered_source
from .tracing import equations_fingerprint, generator_fingerprint, trace_memristor

DERIVATIVES = ("di_dv", "di_dx", "dg_dv", "dg_dx")


def memristor_source(device: Memristor, *, tensors: bool, decorator: str = "", by_parameters: bool = False) -> str:
    """Source of the three functions; with `by_parameters` also `current_by_P`, `rate_by_P` for each P."""

    def build() -> str:
        from .printer import emit_function
        from .symbolic import derivative

        traced = trace_memristor(device)
        names = ["v", "x", *map(str, traced.parameters)]
        both = (traced.current, traced.rate)
        wanted = {
            "current": [traced.current],
            "rate": [traced.rate],
            "derivatives": [derivative(e, by) for e in both for by in (traced.v, traced.x)],
        }
        if by_parameters:
            for kind, expression in zip(("current", "rate"), both, strict=True):
                for by in (traced.v, traced.x, *traced.parameters):
                    wanted[f"{kind}_by_{by}"] = [derivative(expression, by)]
        return "\n\n".join(
            emit_function(name, names, expressions, tensors=tensors, decorator=decorator)
            for name, expressions in wanted.items()
        )

    key = fingerprint(generator_fingerprint(), equations_fingerprint(device), f"{tensors} {decorator} {by_parameters}")
    return remembered_source(key, build)
