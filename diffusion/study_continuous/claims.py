"""The paper's claims beside the numbers: sentences that are computed, true whichever way the numbers fall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..study.sentences import paired_difference
from .findings import ENOUGH, Network, Point
from .quality import Ratio

COMPARABLE = 0.02
"""A difference of SSIM up to which two are called comparable."""
SEEN, NOT_SEEN, OPEN = "**seen here**", "**not seen here**", "**not decided here**"


def at_most(what: str, ours: str, theirs: str, ratio: float, bound: float, claim: str) -> str:
    """Of counts: exact, so there is nothing to doubt."""
    verdict = SEEN if ratio <= bound else NOT_SEEN
    return f"{what}: {ours} against {theirs}, {ratio:.3f} of it. The paper: {claim}; at most {bound:g} is {verdict}."


def time_claim(found: Ratio, arithmetic: float, bound: float, threads: int) -> str:
    """Of sampling times in turn, beside the ratio of multiply-adds."""
    verdict = SEEN if found.high <= bound else NOT_SEEN if found.low > bound else OPEN
    text = (
        f"Sampling time on {threads} thread{'' if threads == 1 else 's'}, the same sampler and steps: "
        f"{found.value:.3f} of the baseline's (rounds from {found.low:.3f} to {found.high:.3f}). "
        f"The paper: up to 30 % faster, elsewhere up to 80 %; at most {bound:g} is {verdict}."
    )
    much = found.value / arithmetic
    if much > 1.1:
        text += (
            f" A multiply-add takes {much:.2g} times as long as in the baseline: norms, functions of single numbers, "
            "the solver's sums and the traffic of memory are not among them, and are a larger share of less arithmetic."
        )
    return text


def frechet_claim(found: Ratio, bound: float, ours: Network, theirs: Network) -> str:
    """Of Frechet distances at equal counts."""
    verdict = SEEN if found.high <= bound else NOT_SEEN if found.low > bound else OPEN
    text = (
        f"Frechet distance: {ours.distance.shown()} against {theirs.distance.shown()}, {found.shown()} times it. "
        f"At most {bound:g} times is {verdict}"
    )
    text += "." if verdict != OPEN else f": the interval of the ratio includes {bound:g}."
    losses = [each.subject.model.about.get("figures", {}).get("held_out_loss") for each in (ours, theirs)]
    if verdict == NOT_SEEN and None not in losses:
        shares = (ours.parameters / theirs.parameters, ours.multiply_adds / theirs.multiply_adds)
        less = "It has learned less" if losses[0] > losses[1] else "It has not learned less by its loss"
        text += (
            f" {less}: held-out loss {losses[0]:.4f} against {losses[1]:.4f}, with {shares[0]:.2f} of the parameters "
            f"and {shares[1]:.2f} of the arithmetic."
        )
    return text


def restoration_claim(level: float, method: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Of one level and method: the paired differences (continuous minus baseline) of distance and SSIM."""
    near = paired_difference(ours["lenet_distance"], theirs["lenet_distance"])
    like = paired_difference(ours["ssim"], theirs["ssim"])
    distance = "lower (better)" if near.high < 0 else "higher (worse)" if near.low > 0 else "not different"
    same = "comparable" if abs(like.mean) <= COMPARABLE else "higher" if like.mean > 0 else "lower"
    verdict = SEEN if near.high < 0 and (like.mean >= -COMPARABLE) else NOT_SEEN
    return (
        f"sigma {level:g}, {method}: LeNet distance {distance} by the mean difference {near.mean:.3g} "
        f"({near.low:.3g} to {near.high:.3g}); SSIM {same} ({like.mean:+.3f}, {like.low:+.3f} to "
        f"{like.high:+.3f}): {verdict}."
    )


def flow_claim(network: Network) -> str:
    """Whether the flow needs fewer evaluations than the SDE for the same quality."""
    flow, sde = network.first_good(random=False), network.first_good(random=True)
    goal = f"within {ENOUGH:g} times the best Frechet distance of all"
    if flow is None or sde is None:
        late, early = ("the flow", sde) if flow is None else ("the SDE", flow)
        most = max(p.evaluations for p in network.curve if (p.run.sampler == "reverse-sde") == (late == "the SDE"))
        verdict = SEEN if sde is None else NOT_SEEN
        assert early is not None  # the best point is one of the two kinds
        return (
            f"{network.name}: {late} did not come {goal} with up to {most:g} evaluations; "
            f"{'the SDE' if late == 'the flow' else 'the flow'} did with {_told(early)}. Flow faster: {verdict}."
        )
    times = sde.evaluations / flow.evaluations
    verdict = SEEN if times > 1 else NOT_SEEN
    return (
        f"{network.name}: {goal} the flow comes with {_told(flow)}, the SDE with {_told(sde)}: {times:.2g} times the "
        f"evaluations. Flow faster: {verdict}."
    )


def memory_claim(rows: Sequence[Mapping[str, Any]]) -> str:
    """Constant with the adjoint? And are the gradients equal?"""
    first, last = rows[0], rows[-1]
    grown = {name: last[f"{name}_bytes"] / first[f"{name}_bytes"] for name in ("adjoint", "direct")}
    verdict = SEEN if grown["adjoint"] <= 1.01 else NOT_SEEN
    differences = [row["gradient_difference"] for row in rows]
    return (
        f"Memory kept for the backward pass from {first['steps']} to {last['steps']} steps of the solver: with the "
        f"adjoint {grown['adjoint']:.3g} times ({_megabytes(last['adjoint_bytes'])} in the end), by direct "
        f"back-propagation {grown['direct']:.3g} times ({_megabytes(last['direct_bytes'])}). "
        f"Constant with the adjoint: {verdict}. Its gradients differ from the direct ones by "
        f"{differences[0]:.2g} of the largest with {first['steps']} step{'' if first['steps'] == 1 else 's'} "
        f"and by {differences[-1]:.2g} with {last['steps']}: "
        "the adjoint solves another equation backwards, and only the solver's error lies between them."
    )


def _told(point: Point) -> str:
    how = f"{point.run.steps} steps" if point.run.steps is not None else f"tolerance {point.run.tolerance:g}"
    return f"{point.evaluations:g} evaluations ({point.run.sampler}, {how}, {point.distance.shown()})"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.3g} MB"
