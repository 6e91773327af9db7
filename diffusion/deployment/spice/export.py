"""A deployed layer, or a window of it, as a deck that stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from textwrap import wrap

from ....circuits.array import CellArray
from ....devices.errors import InputError
from ....netlists.analysis import Accuracy
from ....netlists.names import node
from ....netlists.size import size_of
from ....netlists.window import Window
from ..deploy import Deployer
from ..network import DeployedBlock
from ..noised import questions
from .against import window_text
from .check import check_known
from .choose import middle
from .layer import LayerRun, layer_run
from .met import met_by

WINDOW = "R0:R1,C0:C1, rows and columns from the first to before the last"
CHANNELS = "channels as 0,3,5 or 2:6, from 0"


@dataclass(frozen=True)
class LayerDeck:
    """A deck's text, and how large it is."""

    text: str
    layer: str
    window: str
    """Rows x columns + first row + first column."""
    channels: tuple[int, ...]
    cells: int
    nodes: int
    elements: int


def layer_deck(
    deployer: Deployer,
    layer: str,
    *,
    window: str | None = None,
    channels: str | None = None,
    picture: int = 0,
    t: float = 0.5,
    reltol: float = 1e-6,
    threads: int | None = None,
) -> LayerDeck:
    """The deck of a layer's window on the deployer's chip, under a picture nobody learned from, noised to the diffusion
    time t; `picture` counts the drawn ones from 0. The same arguments and seeds give the same bytes.

    `window` is R0:R1,C0:C1 and `channels` 0,3,5 or 2:6; what is left out is as `choose.middle` says, or, where only one
    of the two is given, all rows and columns, all channels. Raises InputError for a layer that the network does not
    have - it names those there are -, and for windows, channels and pictures that are none.
    """
    made = deployer.network(deployer.hardware)
    arrays = {name: part.array for name, part in made.named_modules() if isinstance(part, DeployedBlock)}
    check_known(layer, arrays)
    array = arrays[layer]
    size = array.rows, array.columns
    rows, columns = ((0, n) for n in size) if window is None else parse_window(window, size)
    chosen = None if channels is None else parse_channels(channels, array.folded.channels)
    if picture < 0:
        raise InputError("picture", picture, "a number from 0")
    if not 0.0 <= t <= 1.0:
        raise InputError("time", t, "a diffusion time from 0 (the picture) to 1 (noise)")
    asked = questions(deployer.model, deployer.unseen, picture + 1, 1, t).only(picture)
    run = layer_run(layer, array, met_by(deployer.model.network, asked)[layer], threads=threads)
    cells = middle(run) if window is None and channels is None else Window(rows, columns, chosen)
    text = window_text(run, cells, Accuracy(reltol))
    title, netlist = text.split("\n", 1)
    comments = "\n".join(_comments(deployer, run, cells, picture, t))
    first = next(iter(cells.places(run.array.channels)))
    # without -r, `ngspice -b` runs no analysis whose results nobody asks for: the first cell's state is printed
    netlist = re.sub(r"(?m)^\.tran ", f".print tran v({node('v', 0, *first)})\n.tran ", netlist)
    text = f"{title}\n{comments}\n{netlist}"
    held = tuple(cells.channels_of(run.array.channels))
    count = len(list(cells.places(run.array.channels)))
    return LayerDeck(text, layer, str(cells), held, count, *size_of(text))


def parse_window(text: str, size: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """`4:7,10:13`: rows 4, 5, 6 and columns 10, 11, 12. Raises InputError."""
    form = re.fullmatch(r"\s*(\d{1,9}):(\d{1,9})\s*,\s*(\d{1,9}):(\d{1,9})\s*", text)
    if form is None:
        raise InputError("window", text, WINDOW)
    rows, columns = (int(form[1]), int(form[2])), (int(form[3]), int(form[4]))
    for (first, last), length in zip((rows, columns), size, strict=True):
        if not first < last <= length:
            raise InputError("window", text, f"{WINDOW}, of the layer's {size[0]} x {size[1]}")
    return rows, columns


def parse_channels(text: str, channels: int) -> tuple[int, ...]:
    """`0,3,5` or `2:6`, in rising order. Raises InputError."""
    found: set[int] = set()
    for part in text.split(","):
        form = re.fullmatch(r"\s*(\d{1,9})(?::(\d{1,9}))?\s*", part)
        if form is None:
            raise InputError("channels", text, CHANNELS)
        first = int(form[1])
        last = first + 1 if form[2] is None else int(form[2])
        if not first < last <= channels:
            raise InputError("channels", text, f"{CHANNELS}, of the layer's {channels}")
        found.update(range(first, last))
    return tuple(sorted(found))


def _comments(deployer: Deployer, run: LayerRun, window: Window, picture: int, t: float) -> Iterator[str]:
    array: CellArray = run.array
    config, spec = deployer.model.config, deployer.spec
    seeds = ", ".join(f"{name} {value}" for name, value in deployer.seeds.items())
    channels = ", ".join(map(str, window.channels_of(array.channels)))
    weights = deployer.model.about["weights"]["sha256"]
    for text in (
        f"written by cellnn {version('cellnn')}: layer {run.name} of the model {config.name}, weights {weights}, "
        f"on the hardware {spec.name or 'without a name'}, seeds {seeds}",
        f"cells {window} (rows x columns + first row + first column) of {array.rows} x {array.columns}, channels "
        f"{channels} of {array.channels}",
        f"under picture {picture} of the test data, noised to the diffusion time {t:g}: gain and bias of that step are "
        "part of the weights of B and of the biases",
        f"cell circuit {array.cell.name}: {array.cell.paper}",
        "nodes of the cell in channel k, row i, column j, all from 0: v_0_k_i_j state, y_0_k_i_j output, x_0_k_i_j "
        "memristor state, u_0_k_i_j input",
        "sources y_0_k_i_j are neighbours outside: they put out what the grid simulator gives them",
        "read noise is that of the first run; thermal noise and the jitter of the run's end are left out",
    ):
        plain = text.encode("ascii", "replace").decode()  # not every ngspice reads more
        for k, line in enumerate(wrap(plain, 110)):
            yield ("* " if k == 0 else "*   ") + line
