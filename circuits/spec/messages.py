"""pydantic's validation errors as InputErrors that name the key, the value and what was expected."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ...devices.errors import MISSING, InputError, did_you_mean

EXPECTED = {
    "missing": "this key",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "string_unicode": "text of valid characters",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "model_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than_equal": "a number of at most {le}",
    "less_than": "a number below {lt}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} character",
    "string_pattern_mismatch": "plain text: letters, digits, spaces, '.', '-' and '_'",
    "int_parsing_size": "a whole number of sensible size",
}


def input_error(error: ValidationError) -> InputError:
    """The first problem as an InputError at its place in the spec."""
    detail = error.errors()[0]
    place = dotted(tuple(detail["loc"]))
    original = detail.get("ctx", {}).get("error")
    return original.at(place) if isinstance(original, InputError) else _translate(place, detail)


def dotted(path: tuple[str | int, ...]) -> str:
    """`layers[0].template` for ("layers", 0, "template")."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def on_one_line(error: InputError, file: str = "") -> InputError:
    """The same error, showing nothing of a user's key, file name or a library's words that would break the line or
    fill the screen."""
    place, expected, hint = _tidy(error.place, 200), _tidy(error.expected, 1000), _tidy(error.hint, 400)
    return InputError(place, error.value, expected, hint, _tidy(file or error.file, 4000))


def _tidy(text: str, limit: int) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= limit else f"{plain[:limit]}..."


def _translate(place: str, detail: Any) -> InputError:
    kind, context = detail["type"], detail.get("ctx", {})
    value = MISSING if kind == "missing" else detail["input"]
    if kind == "literal_error":
        hint = ""
        names = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        if isinstance(value, str):
            hint = did_you_mean(value, names)
        return InputError(place, value, f"one of {', '.join(names)}", hint if "did you" in hint else "")
    template = EXPECTED.get(kind)
    expected = template.format(**context) if template else detail["msg"]
    if kind == "string_pattern_mismatch" and place == "name":
        expected = "text without NUL characters, which NetCDF cannot hold"
    return InputError(place, value, expected)
