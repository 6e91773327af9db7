"""The command line: `cellnn COMMAND ...`.

Exit status 0: done; 1: the run failed; 2: the input is at fault. Errors are one message on stderr.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..devices.errors import CellnnError, InputError
from .devices import devices
from .simulate import simulate
from .templates import templates

app = typer.Typer(
    help="Arrays of analog cells: described in YAML, simulated fast.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (simulate, devices, templates):
    app.command()(_command)


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
    arguments = _arranged(sys.argv[1:])
    try:
        app(arguments)
    except CellnnError as error:
        if "--debug" in arguments:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except MemoryError:
        if "--debug" in arguments:
            raise
        print("error: the machine ran out of memory: fewer cells, channels or run.save", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, as in `cellnn templates | head`
        sys.stderr.close()
        sys.exit(0)


def _arranged(arguments: list[str]) -> list[str]:
    """`--debug` may stand anywhere, and `--json` without a file means standard output."""
    if "--debug" in arguments:
        arguments = ["--debug", *(word for word in arguments if word != "--debug")]
    result = []
    for here, following in zip(arguments, [*arguments[1:], "--"], strict=True):
        result.append(here)
        if here == "--json" and following.startswith("--"):
            result.append("-")
    return result
