"""The command line: `cellnn COMMAND ...`.

Exit status 0: done; 1: the run failed; 2: the input is at fault. Errors are one message on stderr.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from ..devices.errors import CellnnError, InputError
from .crosscheck import crosscheck
from .data import data
from .deploy import deploy
from .devices import DevicesCommand, devices
from .evaluate import evaluate
from .export import export
from .import_deck import import_deck
from .parameters import parameters
from .restore import restore
from .sample import sample
from .simulate import simulate
from .sweep import sweep
from .templates import templates
from .train import train

app = typer.Typer(
    help="Arrays of analog cells: described in YAML, simulated fast.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    simulate,
    export,
    import_deck,
    crosscheck,
    devices,
    templates,
    train,
    sample,
    restore,
    evaluate,
    data,
    deploy,
    sweep,
):
    _name = "import" if _command is import_deck else None
    app.command(_name, cls=DevicesCommand if _command is devices else None)(_command)

app.add_typer(parameters, name="parameters")


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        print(f"cellnn {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Arrays of analog cells: described in YAML, simulated fast."""


def main() -> None:
    """The entry point of the `cellnn` command."""
    arguments = _arranged(sys.argv[1:]) or ["--help"]
    try:
        status = app(arguments, standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as in `cellnn templates | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except (Exception, KeyboardInterrupt) as error:
        message, status = _verdict(error)
        if "--debug" in arguments:
            traceback.print_exc()
        print(message, file=sys.stderr)
    sys.exit(status if isinstance(status, int) else 0)


def _verdict(error: BaseException) -> tuple[str, int]:
    """The message and the exit status for an error; what is a fault of ours is raised again."""
    if isinstance(error, CellnnError):
        return f"error: {error}", 2 if isinstance(error, InputError) else 1
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return "interrupted: nothing was written", 130
    if isinstance(error, MemoryError):
        return "error: the machine ran out of memory: fewer cells, channels or run.save", 1
    if isinstance(error, OSError):  # standard output on a full disk
        return f"error: cannot write the output: {error.strerror or error}", 1
    if hasattr(error, "format_message"):  # the command line itself was wrong
        return f"error: {' '.join(error.format_message().split())} (see cellnn --help)", 2
    raise error


def _arranged(arguments: list[str]) -> list[str]:
    """`--debug` may stand anywhere, and `--json` without a file after it means standard output."""
    if "--debug" in arguments:
        arguments = ["--debug", *(word for word in arguments if word != "--debug")]
    result = []
    for k, word in enumerate(arguments):
        result.append(word)
        following = arguments[k + 1] if k + 1 < len(arguments) else "--"
        names_a_file = following == "-" or (
            not following.startswith("-") and (os.sep in following or bool(Path(following).suffix))
        )
        if word == "--json" and not names_a_file:
            result.append("-")
    return result
