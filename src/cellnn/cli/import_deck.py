"""`cellnn import`: a SPICE deck, or a device card, in; YAML out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from .output import note


def import_deck(
    deck: Annotated[Path, typer.Argument(metavar="DECK.cir", help="A deck of `cellnn export`, or a device card.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="SPEC.yaml", help="Where the YAML goes.")],
) -> None:
    """Read an exported deck back as a spec, or a memristor's .subckt card as its section of one."""
    from ..circuits.spec.yaml_file import read_text
    from ..devices.errors import InputError
    from ..devices.files import check_apart, check_writable, replacing

    text = read_text(deck)
    check_apart(deck, output)
    check_writable(output)
    try:
        content = _content(text)
    except InputError as error:
        raise error.in_file(f"{deck}, {error.file}" if error.file else str(deck)) from None
    with replacing(output) as path:
        path.write_text(_as_yaml(content), encoding="utf-8")
    what = "a memristor for the cell of a spec" if "memristor" in content else "a spec"
    print(f"wrote {output}: {what}")


def _content(text: str) -> dict[str, Any]:
    """The spec of a deck, or the memristor of a card: which of them it is, its content tells."""
    from ..devices.errors import MISSING, InputError
    from ..netlists.cards import is_card, read_card
    from ..netlists.export import MARK
    from ..netlists.read import read_deck

    def tell(message: str) -> None:
        note(f"note: {message}")

    if re.search(rf"(?m)^{re.escape(MARK)}", text):
        return read_deck(text, tell)
    if is_card(text):
        return {"memristor": read_card(text, tell)}
    expected = f"a deck written by `cellnn export` (a line starts with `{MARK.strip()}`), or a device card (.subckt)"
    raise InputError("", MISSING, expected, "a deck from elsewhere is no array of cells: see docs/decks.md")


def _as_yaml(content: dict[str, Any]) -> str:
    class Dumper(yaml.SafeDumper):
        """Quotes also what is text in YAML 1.1 and a number in 1.2, which specs are read as: `1e5`."""

    number = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    # lists of numbers on one line each
    return yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
