"""`cellnn export RUN --hardware HARDWARE.yaml --layer NAME`: a deployed layer as a SPICE deck."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .export_line import tell

OPTIONS = {name: f"--{name}" for name in ("layer", "window", "channels", "time")} | {"picture": "--sample"}


@dataclass(frozen=True)
class LayerOptions:
    """What says which part of which layer is meant, as it was given."""

    hardware: Path | None
    layer: str | None
    window: str | None
    channels: str | None
    time: float | None
    folder: Path | None

    def check(self) -> bool:
        """Whether a deployed layer is asked for. Raises InputError for options that want `--hardware`."""
        from ..devices.errors import InputError

        if self.hardware is not None:
            return True
        for name in ("layer", "window", "channels", "time", "folder"):
            if getattr(self, name) is not None:
                expected = "--hardware HARDWARE.yaml beside it: it is about a layer of a deployed network"
                raise InputError(f"--{name}", str(getattr(self, name)), expected)
        return False


def export_layer(
    run: str, options: LayerOptions, output: Path, sample: int | None, reltol: float | None, json_file: str | None
) -> None:
    """Write the deck. `sample` says which of the noised pictures is asked."""
    from ..devices.errors import MISSING, InputError
    from ..devices.files import check_apart, check_writable, replacing
    from ..diffusion.deployment.hardware_file import read_hardware

    assert options.hardware is not None
    json_path = None if json_file in (None, "-") else Path(json_file)
    read = read_hardware(options.hardware)
    check_apart(options.hardware, output, json_path)
    for target in (output, json_path):
        if target is not None:
            check_writable(target)

    from ..diffusion.deployment.deploy import Deployer
    from ..diffusion.deployment.spice.export import layer_deck
    from ..diffusion.networks.blocks.cells import blocks_of
    from ..diffusion.training.load_run import load_run

    model = load_run(run)
    names = list(blocks_of(model.network))
    if options.layer is None:
        raise InputError("--layer", MISSING, f"one of {', '.join(names)}")
    deployer = Deployer(model, read.spec, folder=None if options.folder is None else str(options.folder))
    try:
        deck = layer_deck(
            deployer,
            options.layer,
            window=options.window,
            channels=options.channels,
            picture=sample or 0,
            t=0.5 if options.time is None else options.time,
            reltol=1e-6 if reltol is None else reltol,
        )
    except InputError as error:
        if error.place in OPTIONS:
            raise InputError(OPTIONS[error.place], error.value, error.expected, error.hint) from None
        raise
    with replacing(output) as path:
        path.write_text(deck.text, encoding="utf-8")
    more = {"layer": deck.layer, "window": deck.window, "channels": list(deck.channels)}
    tell(output, deck.cells, deck.nodes, deck.elements, json_file, more)
