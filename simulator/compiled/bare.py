"""Arrays that are not counted.

Compiled code counts who holds an array, in memory that cores share: a few nanoseconds each time, which is much for
functions that run over a few hundred cells. The engine's arrays outlive every step,
so its inner functions get them bare.
"""

from __future__ import annotations

from typing import Any

from numba.extending import intrinsic


@intrinsic
def _bare(typing_context: Any, array: Any) -> Any:
    """The same array, without the counter."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = context.make_array(signature.args[0])(context, builder, arguments[0])
        whole.meminfo = whole.meminfo.type(None)
        whole.parent = whole.parent.type(None)
        return whole._getvalue()

    return array(array), generate


# numba gives intrinsics the signature they have at compile time
bare: Any = _bare
