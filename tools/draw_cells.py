"""Draw the schematics of docs/cells.md with schemdraw. Every component carries its name in the deck, in blue.

python tools/draw_cells.py [FOLDER]         # docs/images, unless another is named
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import schemdraw
import schemdraw.elements as e

Point = tuple[float, float]
BLUE, FONT, SMALL = "#0072b2", 12.5, 11.0


class Sheet:
    """A drawing that knows which components and nodes it shows."""

    def __init__(self) -> None:
        self.drawing = schemdraw.Drawing(canvas="matplotlib", show=False)
        self.drawing.config(fontsize=FONT, lw=1.4, bgcolor="white", margin=0.25)
        self.components: list[str] = []
        self.nodes: list[str] = []

    def part(self, kind: Callable[[], Any], a: Point, b: Point, name: str, value: str, at: Point, align="left") -> None:
        """A component with two ends, from a to b; its name and below it its value stand at `at`."""
        self.drawing += kind().at(a).to(b)
        self.named(name, value, at, align)

    def named(self, name: str, value: str, at: Point, align: str = "left") -> None:
        """A component's name and value."""
        self.components.append(name)
        self.text(name, at, align, color=BLUE, fontsize=SMALL)
        self.text(value, (at[0], at[1] - 0.5), align)

    def amplifier(self, at: Point, name: str, plus_on_top: bool = False) -> None:
        """An op-amp whose upper input is at `at`: the inputs lie 1.25 apart, the output 2.165 further, midway."""
        x, y = at
        self.drawing += e.Line().at(at).to((x + 0.01, y))
        triangle = e.Opamp(leads=False)
        self.drawing += (triangle.flip().anchor("in2") if plus_on_top else triangle.anchor("in1")).at(at).right()
        self.components.append(name)
        self.text(name, (x + 0.95, y - 1.75), "left", color=BLUE, fontsize=SMALL)

    def wire(self, *points: Point) -> None:
        """A line through the points."""
        for a, b in zip(points, points[1:], strict=False):
            self.drawing += e.Line().at(a).to(b)

    def node(self, name: str, at: Point, words: Point, align: str = "left") -> None:
        """A node with its name in the deck, which stands at `words`."""
        self.drawing += e.Dot().at(at)
        self.nodes.append(name)
        self.text(name, words, align, color=BLUE, fontsize=SMALL)

    def joint(self, *places: Point) -> None:
        """Wires that are connected."""
        for at in places:
            self.drawing += e.Dot(radius=0.06).at(at)

    def ground(self, *places: Point) -> None:
        """Ground."""
        for at in places:
            self.drawing += e.Ground().at(at)

    def text(self, words: str, at: Point, align: str = "left", **style: Any) -> None:
        """Words at a place."""
        self.drawing += e.Label().at(at).label(words, loc="center", halign=align, valign="center", **style)

    def save(self, path: Path) -> None:
        """As a PNG."""
        self.drawing.save(str(path), transparent=False, dpi=100)


def plain_cell(memristor: bool = False) -> Sheet:
    """The cell with currents into one node: chua-yang, and with a memristor m-cellnn."""
    sheet, top = Sheet(), 3.0
    sources = [("GA_c_r_s", "A y / R"), ("GB_c_r_s", "B u / R"), ("Iz", "z V1 / R")]
    for k, (name, value) in enumerate(sources):
        x = 3.2 * k
        kind = e.SourceI if name == "Iz" else e.SourceControlledI
        sheet.part(kind, (x, 0), (x, top), name, value, (x + 0.8, 1.75))
        sheet.ground((x, 0))
    parts: list[tuple[Any, str, str]] = [(e.Capacitor, "Ccell", "C"), (e.Resistor, "Rcell", "R")]
    if memristor:
        parts.append((e.Memristor, "Xmemristor", "area i(v, x)"))
    for k, (part, name, value) in enumerate(parts):
        x = 10.4 + 2.4 * k
        sheet.part(part, (x, top), (x, 0), name, value, (x + 0.55, 1.75))
        sheet.ground((x, 0))
        sheet.joint((x, top))
    sheet.joint((3.2, top), (6.4, top))
    last = 10.4 + 2.4 * (len(parts) - 1)
    sheet.wire((0, top), (last, top))
    sheet.node("v_L_k_i_j", (8.6, top), (8.6, top + 0.45), "center")
    if memristor:
        sheet.text("its state: node x_L_k_i_j", (last + 0.55, 0.6), color=BLUE, fontsize=SMALL)
        sheet.nodes.append("x_L_k_i_j")
    x = last + (5.6 if memristor else 3.0)
    sheet.part(e.SourceControlledV, (x, 0), (x, top), "Boutput", "V1 f(v / V1)", (x + 0.8, 1.75))
    sheet.ground((x, 0))
    sheet.wire((x, top), (x + 2.4, top))
    sheet.node("y_L_k_i_j", (x + 2.4, top), (x + 2.4, top + 0.45), "center")
    brace(sheet, (-0.4, 8.6), -1.25, "subcircuit template_L_k: one source for every weight")
    brace(sheet, (10.0, x + 2.9), -1.25, f"subcircuit cell_{'m_cellnn' if memristor else 'chua_yang'}")
    return sheet


def second_order_cell() -> Sheet:
    """The cell with an inductor between the node that currents meet at and the capacitor."""
    sheet, top = Sheet(), 3.0
    sources = [("GA_c_r_s", "A y / R"), ("GB_c_r_s", "B u / R"), ("Iz", "z V1 / R")]
    for k, (name, value) in enumerate(sources):
        x = 3.2 * k
        kind = e.SourceI if name == "Iz" else e.SourceControlledI
        sheet.part(kind, (x, 0), (x, top), name, value, (x + 0.8, 1.75))
        sheet.ground((x, 0))
    sheet.wire((0, top), (11.4, top))
    sheet.joint((3.2, top), (6.4, top), (10.4, top))
    sheet.part(e.Resistor, (10.4, top), (10.4, 0), "Rcell", "R", (10.95, 1.75))
    sheet.part(e.Inductor, (11.4, top), (14.2, top), "Lcell", "L, current i", (12.4, top + 1.0))
    sheet.part(e.Capacitor, (15.0, top), (15.0, 0), "Ccell", "C", (15.55, 1.75))
    sheet.wire((14.2, top), (16.2, top))
    sheet.joint((15.0, top))
    sheet.ground((10.4, 0), (15.0, 0))
    sheet.node("n_L_k_i_j", (8.6, top), (8.6, top + 0.45), "center")
    sheet.node("v_L_k_i_j", (16.2, top), (16.2, top + 0.45), "center")
    sheet.part(e.SourceControlledV, (18.4, 0), (18.4, top), "Boutput", "V1 f(v / V1)", (19.2, 1.75))
    sheet.ground((18.4, 0))
    sheet.wire((18.4, top), (20.8, top))
    sheet.node("y_L_k_i_j", (20.8, top), (20.8, top + 0.45), "center")
    brace(sheet, (-0.4, 8.6), -1.25, "subcircuit template_L_k: one source for every weight")
    brace(sheet, (10.0, 21.3), -1.25, "subcircuit cell_second_order")
    return sheet


def brace(sheet: Sheet, ends: tuple[float, float], y: float, words: str) -> None:
    """What stands above this line belongs together."""
    left, right = ends
    sheet.drawing += e.Line().at((left, y)).to((right, y)).color("#999999").linewidth(0.8)
    sheet.text(words, (0.5 * (left + right), y - 0.4), "center", color="#444444", fontsize=SMALL)


def op_amp_cell() -> Sheet:
    """Integrator, limiter, divider and driver."""
    sheet = Sheet()
    weights = [
        ("RA_c_r_s", "R / |A|", "y_..., yn_... where A < 0"),
        ("RB_c_r_s", "R / |B|", "u_..., un_... where B < 0"),
    ]
    for (name, value, source), y in zip(weights, (4.2, 2.4), strict=True):
        sheet.part(e.Resistor, (0, y), (3, y), name, value, (1.5, y + 1.0), "center")
        sheet.wire((3, y), (3.6, y))
        sheet.drawing += e.Dot(open=True).at((0, y))
        sheet.text(source, (-0.3, y), "right", color=BLUE, fontsize=SMALL)
    sheet.part(e.Resistor, (0, 0.6), (3, 0.6), "Rz", "R / |z|", (1.5, 1.6), "center")
    sheet.wire((3, 0.6), (3.6, 0.6))
    sheet.part(e.SourceV, (0, -1.4), (0, 0.6), "Vz", "V1 sign z", (-0.7, -0.2), "right")
    sheet.part(e.Resistor, (3.6, 0.6), (3.6, -1.4), "Rrest", "R / (loading - Σ|w|)", (4.05, -0.2))
    sheet.ground((0, -1.4), (3.6, -1.4))
    sheet.wire((3.6, 4.2), (3.6, 0.6))
    sheet.joint((3.6, 2.4), (3.6, 0.6))
    # integrator
    sheet.wire((3.6, 2.4), (6.6, 2.4))
    sheet.node("n_L_k_i_j", (4.6, 2.4), (4.5, 1.95))
    sheet.amplifier((6.6, 2.4), "Xintegrator")
    sheet.wire((6.6, 1.15), (6.6, 0.6))
    sheet.ground((6.6, 0.6))
    for kind, name, value, y in (
        (e.Memristor, "Xmemristor", "area i(v, x), where there is one; its state: node x_L_k_i_j", 8.3),
        (e.Capacitor, "Cintegrator", "C", 6.3),
        (e.Resistor, "Rintegrator", "R", 4.3),
    ):
        sheet.part(kind, (5.6, y), (9.6, y), name, value, (7.6, y + 1.0), "center")
    sheet.wire((5.6, 2.4), (5.6, 8.3))
    sheet.wire((9.6, 8.3), (9.6, 1.775))
    sheet.joint((5.6, 2.4), (5.6, 4.3), (5.6, 6.3), (9.6, 6.3), (9.6, 4.3))
    sheet.wire((8.765, 1.775), (9.6, 1.775))
    sheet.node("out_1", (9.6, 1.775), (9.5, 1.35))
    # what the state is
    sheet.part(e.SourceControlledV, (6.6, -4.0), (6.6, -2.0), "Ev", "v = V(n) - V(out_1)", (7.4, -2.9))
    sheet.ground((6.6, -4.0))
    sheet.wire((6.6, -2.0), (9.6, -2.0))
    sheet.node("v_L_k_i_j", (9.6, -2.0), (9.8, -2.0))
    # limiter
    sheet.part(e.Resistor, (9.6, 1.775), (12.9, 1.775), "Rlimiter_in", "10 R", (11.3, 2.8), "center")
    sheet.wire((12.9, 1.775), (14.3, 1.775))
    sheet.node("minus_2", (12.9, 1.775), (12.8, 1.3))
    sheet.amplifier((14.3, 1.775), "Xlimiter")
    sheet.wire((14.3, 0.525), (14.3, -0.1))
    sheet.ground((14.3, -0.1))
    sheet.part(e.Resistor, (13.5, 4.3), (17.2, 4.3), "Rlimiter", "g 10 R,  g = V_s / V1", (15.35, 5.35), "center")
    sheet.wire((13.5, 1.775), (13.5, 4.3))
    sheet.wire((17.2, 4.3), (17.2, 1.15))
    sheet.joint((13.5, 1.775))
    sheet.wire((16.465, 1.15), (17.2, 1.15))
    sheet.node("out_2", (17.2, 1.15), (17.1, 0.7))
    # divider
    sheet.part(e.Resistor, (17.2, 1.15), (20.6, 1.15), "Rdivider_top", "(g - 1) R", (19.0, 2.2), "center")
    sheet.part(e.Resistor, (20.6, 1.15), (20.6, -1.4), "Rdivider", "R", (20.05, 0.2), "right")
    sheet.ground((20.6, -1.4))
    sheet.node("tap", (20.6, 1.15), (20.6, 1.6), "center")
    # driver
    sheet.wire((20.6, 1.15), (22.4, 1.15))
    sheet.amplifier((22.4, 1.15), "Xdriver", plus_on_top=True)
    sheet.wire((24.565, 0.525), (26.6, 0.525))
    sheet.wire((25.1, 0.525), (25.1, -1.3), (21.9, -1.3), (21.9, -0.1), (22.4, -0.1))
    sheet.joint((25.1, 0.525))
    sheet.node("y_L_k_i_j", (26.6, 0.525), (26.6, 0.95), "center")
    sheet.part(e.SourceControlledV, (23.4, -4.0), (23.4, -2.0), "Einverted", "- V(y)", (24.2, -2.9))
    sheet.ground((23.4, -4.0))
    sheet.wire((23.4, -2.0), (26.6, -2.0))
    sheet.node("yn_L_k_i_j", (26.6, -2.0), (26.6, -1.6), "center")
    brace(sheet, (-4.6, 4.0), -5.2, "subcircuit template_L_k")
    brace(sheet, (4.4, 12.0), -5.2, "integrator")
    brace(sheet, (12.4, 21.0), -5.2, "limiter and divider")
    brace(sheet, (21.4, 27.6), -5.2, "driver, with an inverted output")
    return sheet


def op_amp() -> Sheet:
    """The macro-model of one amplifier."""
    sheet, top = Sheet(), 3.0
    sheet.part(e.Resistor, (0, top), (3.2, top), "Rnoise", "noise^2 / 4kT", (1.6, top + 1.05), "center")
    sheet.node("plus", (0, top), (-0.3, top), "right")
    sheet.drawing += e.Dot(open=True).at((3.2, top))
    sheet.nodes.append("input")
    sheet.text("input", (3.45, top), color=BLUE, fontsize=SMALL)
    sheet.node("minus", (0, 0.4), (-0.3, 0.4), "right")
    sheet.drawing += e.Line().at((0, 0.4)).to((3.2, 0.4))
    sheet.drawing += e.Dot(open=True).at((3.2, 0.4))
    sheet.text("v_d = V(input) - V(minus) + offset", (0.1, 1.7))
    x = 7.6
    sheet.part(e.SourceControlledI, (x, 0), (x, top), "Bpole", "limited(gm v_d - gm/A0 V(pole))", (x + 0.8, 1.85))
    sheet.text("  - gm (V(pole) - within(V(pole)))", (x + 0.8, 0.85))
    sheet.ground((x, 0))
    sheet.wire((x, top), (x + 8.4, top))
    x += 8.4
    sheet.part(e.Capacitor, (x, top), (x, 0), "Cpole", "10 pF", (x + 0.55, 1.75))
    sheet.ground((x, 0))
    sheet.node("pole", (x, top), (x, top + 0.45), "center")
    x += 3.6
    sheet.part(e.SourceControlledV, (x, 0), (x, top), "Bout", "within(V(pole))", (x + 0.8, 1.75))
    sheet.ground((x, 0))
    sheet.part(e.Resistor, (x, top), (x + 4.2, top), "Rout", "output_resistance", (x + 2.1, top + 1.05), "center")
    sheet.node("out", (x + 4.2, top), (x + 4.5, top))
    sheet.node("source", (x, top), (x - 0.15, top + 0.45), "right")
    sheet.text("limited(i): between -imax and imax, imax = slew_rate 10 pF;   within(p): between the rails;   "
               "gm = 2 pi GBW 10 pF", (10.3, -1.7), "center")  # fmt: skip
    return sheet


SHEETS: dict[str, Callable[[], Sheet]] = {
    "cell-chua-yang": plain_cell,
    "cell-m-cellnn": lambda: plain_cell(memristor=True),
    "cell-second-order": second_order_cell,
    "cell-op-amp": op_amp_cell,
    "cell-op-amp-model": op_amp,
}
"""What draws each picture, by the name of its file."""


if __name__ == "__main__":
    matplotlib.use("Agg")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "images"
    for name, draw in SHEETS.items():
        draw().save(folder / f"{name}.png")
        print(folder / f"{name}.png")
