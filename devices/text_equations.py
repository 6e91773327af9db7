"""A memristor from equations written as text, as in a circuit spec:

    memristor: {model: custom, current: "Gm*x*v", rate: "k*v", parameters: {Gm: 1e-3, k: 10}, x0: 0.1}

The text is parsed, and every node of its syntax tree must be one of those named here; nothing is ever
evaluated as Python. What is left is translated into functions built from `devices.functions`, so that a
custom memristor works in every backend, like a class does.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import keyword
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import functions as f
from .errors import InputError, did_you_mean
from .memristor import Memristor
from .parameter import parameter

MAX_LENGTH = 2000
MAX_DEPTH = 50
MAX_NODES = 500
MAX_POWER = 100
MAX_PARAMETERS = 50

ALLOWED = "numbers, v, x, the parameters, + - * / **, comparisons, `a if c else b`, and, or, and functions"


@dataclass(frozen=True)
class Scope:
    """The values of the names. `strict` refuses (by a NaN) roots and broken powers of negative numbers."""

    values: Mapping[str, Any]
    strict: bool = False


Term = float | bool | Callable[[Scope], Any]
"""A translated subtree: a constant, or a function of the names' values."""


def _sign(z: Any) -> Any:
    return f.where(z > 0, 1.0, f.where(z < 0, -1.0, 0.0))


def _many(pair: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda *values: functools.reduce(pair, values)


FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "exp": (f.exp, 1),
    "sinh": (f.sinh, 1),
    "tanh": (f.tanh, 1),
    "sin": (f.sin, 1),
    "cos": (f.cos, 1),
    "log": (f.log, 1),
    "sqrt": (f.root, 1),
    "abs": (f.absolute, 1),
    "sign": (_sign, 1),
    "min": (_many(f.minimum), -2),
    "max": (_many(f.maximum), -2),
    "clip": (f.clip, 3),
    "where": (f.where, 3),
    "power": (f.power, 2),
}
"""What may be called, and with how many arguments (-2: two or more)."""

RESERVED = {*FUNCTIONS, "v", "x", "root", "absolute", "maximum", "minimum", "at_least", "cosh"}
"""No parameter may have these names: generated code uses them."""

ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class _Translator:
    """Translates one syntax tree; `place` and `text` are for the messages."""

    def __init__(self, place: str, text: str, names: frozenset[str]) -> None:
        self.place, self.text, self.names, self.nodes = place, text, names, 0

    def error(self, expected: str, hint: str = "") -> InputError:
        return InputError(self.place, self.text, expected, hint)

    def number(self, node: ast.expr, depth: int) -> Term:
        """A subtree that stands where a number is wanted."""
        self.count(depth)
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self.constant(lambda: float(value))
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.number(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.apply(operator.neg, [self.number(operand, depth + 1)])
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.power(self.number(left, depth + 1), self.number(right, depth + 1))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return self.apply(ARITHMETIC[type(op)], [self.number(left, depth + 1), self.number(right, depth + 1)])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = self.condition(test, depth + 1)
                return self.choice(condition, self.number(body, depth + 1), self.number(orelse, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
                return self.call(name, arguments, depth + 1)
            case ast.Call(func=ast.Name(id=name)):
                known = f"`{name}` takes plain arguments" if name in FUNCTIONS else did_you_mean(name, FUNCTIONS)
                raise self.error(f"calls of {', '.join(FUNCTIONS)}", known)
            case ast.BinOp(op=ast.BitXor()):
                raise self.error(ALLOWED, "a power is written **")
            case ast.Compare() | ast.BoolOp():
                raise self.error("a number where a condition stands", "write `1 if v > 0 else 0`")
        raise self.error(ALLOWED, f"{type(node).__name__} is not one of these")

    def condition(self, node: ast.expr, depth: int) -> Term:
        """A subtree that stands where a condition is wanted."""
        self.count(depth)
        match node:
            case ast.BoolOp(op=op, values=parts):
                joint = _and if isinstance(op, ast.And) else _or
                return functools.reduce(
                    lambda a, b: self.apply(joint, [a, b]), [self.condition(part, depth + 1) for part in parts]
                )
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARISONS for op in ops):
                terms = [self.number(part, depth + 1) for part in (left, *others)]
                steps = [
                    self.apply(COMPARISONS[type(op)], [a, b]) for op, a, b in zip(ops, terms, terms[1:], strict=False)
                ]
                return functools.reduce(lambda a, b: self.apply(_and, [a, b]), steps)
        raise self.error("a condition made of < <= > >=, and, or", f"{type(node).__name__} is not one of these")

    def count(self, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self.error(f"an equation nested at most {MAX_DEPTH} deep")
        if self.nodes > MAX_NODES:
            raise self.error(f"an equation of at most {MAX_NODES} numbers, names and operations")

    def name(self, name: str) -> Term:
        if name not in self.names:
            known = self.names | set(FUNCTIONS)
            hint = f"{name} is a function" if name in FUNCTIONS else did_you_mean(name, known)
            raise self.error(f"the names v, x and the parameters, not {name}", hint)
        return lambda scope: scope.values[name]

    def constant(self, compute: Callable[[], Any]) -> Term:
        """A constant worked out now: an equation that overflows says so here, and takes no time later."""
        try:
            with np.errstate(all="ignore"):
                value = compute()
        except (ArithmeticError, ValueError):
            value = math.nan
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        if isinstance(value, complex) or not math.isfinite(value):
            raise self.error("constants that are finite real numbers")
        return float(value)

    def apply(self, function: Callable[..., Any], terms: list[Term]) -> Term:
        if not any(callable(term) for term in terms):
            return self.constant(lambda: function(*terms))
        return lambda scope: function(*(_value(term, scope) for term in terms))

    def choice(self, condition: Term, yes: Term, no: Term) -> Term:
        if isinstance(condition, bool):
            return yes if condition else no

        def choose(scope: Scope) -> Any:
            test = _value(condition, scope)
            # sympy settles some conditions at once, such as |v| >= 0
            if f.is_symbolic(test) and not test.free_symbols:
                return _value(yes if test else no, scope)
            return f.where(test, _value(yes, scope), _value(no, scope))

        return choose

    def call(self, name: str, arguments: list[ast.expr], depth: int) -> Term:
        function, count = FUNCTIONS[name]
        if len(arguments) < -count if count < 0 else len(arguments) != count:
            wanted = f"{-count} or more" if count < 0 else f"{count}"
            raise self.error(f"{wanted} arguments of {name}", f"there are {len(arguments)}")
        if name == "where":
            test, yes, no = arguments
            return self.choice(self.condition(test, depth), self.number(yes, depth), self.number(no, depth))
        terms = [self.number(argument, depth) for argument in arguments]
        if name == "sqrt":
            return self.guarded(f.root, terms)
        return self.apply(function, terms)

    def power(self, base: Term, exponent: Term) -> Term:
        if callable(base) and isinstance(exponent, float) and exponent.is_integer():
            whole = int(exponent)
            if abs(whole) > MAX_POWER:
                raise self.error(f"whole-numbered exponents from -{MAX_POWER} to {MAX_POWER}")
            return lambda scope: _value(base, scope) ** whole
        if not callable(base) and not callable(exponent):
            return self.constant(lambda: base**exponent)
        return self.guarded(f.power, [base, exponent])

    def guarded(self, function: Callable[..., Any], terms: list[Term]) -> Term:
        """A function of |first term|: where its sign would be lost, a strict scope gets a NaN instead."""
        if not any(callable(term) for term in terms):
            if terms[0] < 0:  # type: ignore[operator]
                raise self.error("constants that are finite real numbers", "the root of a negative one")
            return self.constant(lambda: function(*terms))

        def compute(scope: Scope) -> Any:
            values = [_value(term, scope) for term in terms]
            result = function(*values)
            return np.where(np.asarray(values[0]) < 0, np.nan, result) if scope.strict else result

        return compute


def _value(term: Term, scope: Scope) -> Any:
    return term(scope) if callable(term) else term


def _and(a: Any, b: Any) -> Any:
    return a & b if f.is_symbolic(a, b) else np.logical_and(a, b)


def _or(a: Any, b: Any) -> Any:
    return a | b if f.is_symbolic(a, b) else np.logical_or(a, b)


@dataclass(frozen=True)
class Equation:
    """One right-hand side: its text and what it was translated to."""

    text: str
    term: Term = dataclasses.field(compare=False)

    def __call__(self, v: Any, x: Any, parameters: Mapping[str, Any], *, strict: bool = False) -> Any:
        """The value at v, x: numbers, arrays or symbols."""
        if f.is_symbolic(v, x, *parameters.values()):
            return _value(self.term, Scope({"v": v, "x": x, **parameters}))
        v, x = np.asarray(v, float)[()], np.asarray(x, float)[()]
        with np.errstate(all="ignore"):  # a branch not taken may well divide by 0
            result = _value(self.term, Scope({"v": v, "x": x, **parameters}, strict))
        shape = np.broadcast_shapes(np.shape(v), np.shape(x), np.shape(result))
        return np.broadcast_to(np.asarray(result, float), shape).copy()[()]


def parse_equation(place: str, text: Any, names: frozenset[str]) -> Equation:
    """Check and translate the text of an equation in the given names; InputError at `place` if it is not one."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        text = repr(text)  # YAML reads a bare number as one
    if not isinstance(text, str) or not text.strip():
        raise InputError(place, text, "an equation as text", "such as Gm*x*v")
    if len(text) > MAX_LENGTH:
        raise InputError(place, text, f"an equation of at most {MAX_LENGTH} characters", f"it has {len(text)}")
    plain = " ".join(text.split())
    if not (plain.isascii() and plain.isprintable()) or "#" in plain:
        raise InputError(place, text, "an equation in plain ASCII characters, without comments")
    translator = _Translator(place, plain, names)
    try:
        tree = ast.parse(plain, mode="eval")
    except SyntaxError as error:
        where = f"{error.msg} at character {error.offset}" if error.offset else error.msg
        raise translator.error("an equation as text", where) from None
    except (ValueError, RecursionError, MemoryError):
        raise translator.error(f"an equation nested at most {MAX_DEPTH} deep") from None
    return Equation(plain, translator.number(tree.body, 1))


def check_finite(place: str, equation: Equation, parameters: Mapping[str, float]) -> None:
    """InputError unless the equation is a finite real number over the voltages and states of a cell."""
    v = np.concatenate([np.linspace(-2, 2, 41), [-1e-6, 1e-6, -1e-12, 1e-12, -1e-300, 1e-300]])[:, None]
    x = np.concatenate([np.linspace(0, 1, 21), [1e-12, 1 - 1e-12]])[None, :]
    values = np.broadcast_to(equation(v, x, parameters, strict=True), (v.size, x.size))
    bad = np.argwhere(~np.isfinite(values))
    if bad.size:
        row, column = bad[0]
        raise InputError(
            place,
            equation.text,
            "a finite real number for every v from -2 to 2 V and x from 0 to 1",
            f"it is {values[row, column]:g} at v = {v[row, 0]:g}, x = {x[0, column]:g}; only whole-numbered constant "
            "powers of negative numbers are real",
        )


def check_names(parameters: Any) -> dict[str, float]:
    """The parameters sorted by name; InputError for a name that cannot be one or a value that is no number."""
    if not isinstance(parameters, Mapping):
        raise InputError("parameters", parameters, "values by name")
    if len(parameters) > MAX_PARAMETERS:
        raise InputError("parameters", len(parameters), f"at most {MAX_PARAMETERS} parameters")
    for name in parameters:
        fits = isinstance(name, str) and name.isascii() and name.isidentifier() and len(name) <= 40
        if not fits or keyword.iskeyword(name) or name.startswith(("_", "t_")):
            raise InputError(
                f"parameters.{name}", name, "a name of letters, digits and _, not starting with a digit, _ or t_"
            )
        if name in RESERVED or name in Memristor.__annotations__ or hasattr(Memristor, name):
            raise InputError(f"parameters.{name}", name, "a name that means nothing else yet", f"try {name}0")
    free = parameter(0.0, "", "")
    check = free.metadata["parameter"].check
    return {name: check(f"parameters.{name}", parameters[name]) for name in sorted(parameters)}


@functools.lru_cache(maxsize=256)
def _text_class(current: Equation, rate: Equation, names: tuple[str, ...], name: str) -> type[Memristor]:
    """The class of memristors with these equations: one per text, so that equal ones compare equal."""

    def values(self: Any) -> dict[str, Any]:
        return {key: getattr(self, key) for key in names}

    namespace = {
        "__doc__": "A memristor whose equations were given as text.",
        "__module__": __name__,
        "name": name,
        "title": "custom memristor",
        "paper": "",
        "equations_text": (current.text, rate.text, *names),
        "current": lambda self, v, x: current(v, x, values(self)),
        "rate": lambda self, v, x: rate(v, x, values(self)),
        "__reduce__": lambda self: (text_memristor, (current.text, rate.text, values(self), name)),
    }
    fields = [(key, float, parameter(0.0, "", "parameter of a custom memristor")) for key in names]
    return dataclasses.make_dataclass("TextMemristor", fields, bases=(Memristor,), namespace=namespace, frozen=True)


@functools.lru_cache(maxsize=256)
def _parsed(place: str, text: str, names: frozenset[str]) -> Equation:
    return parse_equation(place, text, names)


def text_memristor(current: str, rate: str, parameters: Mapping[str, float], name: str = "custom") -> Memristor:
    """A memristor with i = current(v, x) [A] and dx/dt = rate(v, x) [1/s], both as text.

    Raises InputError, at `current`, `rate` or `parameters.NAME`, for text that is anything but an equation in
    v, x and the parameters, and for equations that are not finite for v from -2 to 2 V and x from 0 to 1.
    """
    values = check_names(parameters)
    known = frozenset({"v", "x", *values})
    equations = []
    for place, text in (("current", current), ("rate", rate)):
        equation = _parsed(place, text, known) if isinstance(text, str) else parse_equation(place, text, known)
        check_finite(place, equation, values)
        equations.append(equation)
    return _text_class(*equations, tuple(values), name)(**values)
