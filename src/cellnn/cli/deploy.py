"""`cellnn deploy`: a trained model on a simulated chip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import progress_bar, write_json

PAIRS = 20
"""Pictures that are shown above and below each other: of the ideal arrays, and of the chip."""


def deploy(
    model: Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or the name of a shipped model.")],
    hardware: Annotated[Path, typer.Argument(metavar="HARDWARE.yaml", help="The chip.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="REPORT", help="The folder the report goes to.")],
    n: Annotated[int, typer.Option("-n", metavar="N", help="So many pictures.", min=1, max=1_000_000)] = 64,
    seed: Annotated[
        int | None, typer.Option(metavar="S", help="Seed of the pictures' noise (default: the config's).", min=0)
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="K", help="Steps of the sampler.", min=1)] = None,
    sampler: Annotated[
        str | None, typer.Option(metavar="S", help="analog, or a digital one: dpm-solver++, ddim, ddpm, heun.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(metavar="F", help="Where the data set's files lie.")] = None,
    threads: Annotated[int | None, typer.Option(metavar="T", help="At most so many.", min=1)] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help="Leave out ablation, cost or spice, which take their time; may be repeated."),
    ] = None,
) -> None:
    """Put a trained model's arrays on a simulated chip: pictures, what each effect costs, a report."""
    from ..diffusion.deployment.hardware_file import read_hardware

    read = read_hardware(hardware)

    import torch

    from ..devices.errors import InputError, did_you_mean
    from ..devices.files import replacing
    from ..diffusion.deployment.deploy import ANALOG, PARTS, Deployer, Sampling
    from ..diffusion.deployment.page import page
    from ..diffusion.deployment.report import prepare, report_of, write_samples
    from ..diffusion.process.samplers import find_sampler
    from ..diffusion.training.load_run import load_run
    from ..diffusion.training.pictures import save_sheet
    from ..plots.deployment import plot_answers, plot_effects, plot_states
    from ..plots.files import save_figure
    from ..simulator.engines import thread_count

    for part in without or ():
        if part not in PARTS:
            raise InputError("--without", part, f"one of {', '.join(PARTS)}", did_you_mean(part, PARTS))
    if sampler not in (None, ANALOG) and find_sampler(sampler).evaluations is None:
        raise InputError("--sampler", sampler, "a sampler of fixed steps", "a chip is asked at times known before")
    trained = load_run(model)
    deployer = Deployer(
        trained, read.spec, folder=None if folder is None else str(folder), threads=thread_count(threads)
    )
    prepare(output)
    how = Sampling(trained.config.seed.samples if seed is None else seed, steps, sampler)
    with progress_bar() as report:
        found = deployer.run(n, how, without=without or (), progress=report)
    content = report_of(deployer, found, read, how)
    sheets = {"ideal": output / "ideal.png", "deployed": output / "deployed.png"}
    save_sheet(found.ideal, sheets["ideal"])
    save_sheet(found.deployed, sheets["deployed"])
    save_sheet(torch.cat([found.ideal[:PAIRS], found.deployed[:PAIRS]]), output / "pairs.png", min(n, PAIRS))
    plots = {"answers": output / "answers.png"}
    save_figure(plot_answers(content["answers"], content["blocks"]), plots["answers"])
    plots["states"] = output / "states.png"
    save_figure(plot_states(found.layer), plots["states"])
    if len(content["ablation"]) > 2:
        plots["effects"] = output / "effects.png"
        save_figure(plot_effects(content["ablation"]), plots["effects"])
    write_samples(output / "samples.npz", found, how.seed, content)
    with replacing(output / "report.html") as temporary:
        temporary.write_text(page(content, sheets, plots), encoding="utf-8")
    write_json(content, str(output / "report.json"))
    differ = max(one["difference"] for one in content["answers"])
    most = f"; {content['costs_most']} moves them most" if content["costs_most"] else ""
    same = f"mean SSIM to the ideal arrays' {found.similarity[0]:.3f}"
    print(f"{n} pictures, {same}; answers differ by up to {differ:.2%}{most}")
    if "recognised" in content:
        shares = content["recognised"]
        print(f"recognised as asked for: {shares['deployed']:.0%}, of the ideal arrays' pictures {shares['ideal']:.0%}")
    print(f"wrote {output}: report.html, report.json, samples.npz and pictures")
