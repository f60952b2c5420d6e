"""Draws the pictures of the notebooks: `python source/pictures/draw.py` writes a PNG beside this file for each.

A picture serves every language: it holds symbols, numbers and identifiers, and the notebook's alternative text
tells in words what it shows. It is a PNG file, since JupyterLab shows no SVG file that is attached to a cell, and
Colab no embedded SVG at all, and a sheet of its own colour with round corners, so that it reads alike on light and on
dark pages. Lengths are in pixels of a page 700 wide, y pointing down; files have half as many again.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.patheffects import withStroke
from PIL import Image

Point = tuple[float, float]

WIDTH = 700
PIXELS = 1.5  # of the file, for each of the page: sharp, and not too tall where a page is wide
COLOURS = 40  # of the palette that a file is reduced to
STYLE: Mapping[str, object] = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "cm",  # as MathJax sets the formulas beside the pictures
    "path.snap": False,
}
INK, LINE, FAINT = "#1f2933", "#3e4c59", "#8795a1"
PAPER = "#eef1f4"  # calm on a dark page, and still a sheet of its own on a white one
GREY, BLUE, DEEP, AMBER, GREEN, PINK = "#dce2e8", "#cfe5f5", "#8fc3e8", "#fbe3b5", "#cdebdc", "#f3d9e8"
"""Tints of the palette of Okabe and Ito, which colour-blind readers can tell apart; each part is labelled as well."""
STRONG: Mapping[str, str] = {"SimpleRNN": "#d55e00", "GRU": "#0072b2", "LSTM": "#009e73"}
"""Colours of the same palette for lines."""
MINUTES: Mapping[str, int] = {
    "shapes": 65, "lstm_parameters": 75, "gru_parameters": 55, "tagging": 115, "cells": 130,
}  # fmt: skip
"""What each notebook says that it takes, in the order of the course."""
EXPERIMENT = Path(__file__).parent / "why_gates.json"
SYMBOL, CODE, NUMBER = 23, 15, 17
GROUND, HOP = "#fafbfc", 7
SOLID, DASHED = "solid", (0, (3, 2))
BEFORE = r"{}_{{t\!-\!1}}"
BATCH = r"\mathrm{batch}"


class Sheet:
    """A sheet of paper with round, transparent corners, and what the pictures are made of."""

    def __init__(self, height: float) -> None:
        self.figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=100 * PIXELS, facecolor="none")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(height, 0))
        self.axes.axis("off")
        self.axes.add_patch(
            FancyBboxPatch(
                (0, 0), WIDTH, height, boxstyle="round,pad=0,rounding_size=18", facecolor=PAPER,
                edgecolor="none", zorder=0,
            )
        )  # fmt: skip

    def text(
        self,
        at: Point,
        text: str,
        size: float = NUMBER,
        *,
        align: str = "center",
        code: bool = False,
        bold: bool = False,
        on: str = "",
        level: str = "center",
    ) -> None:
        """Draw a text, its middle (or left or right end) at a point; `on` a colour that it keeps clear around it."""
        self.axes.text(
            *at, text, size=size * 0.72, color=INK, ha=align, va="center_baseline" if code else level,
            family="DejaVu Sans Mono" if code else "DejaVu Sans", weight="bold" if bold else "normal",
            linespacing=1.25, zorder=6, path_effects=[withStroke(linewidth=4, foreground=on)] if on else None,
        )  # fmt: skip

    def symbol(
        self, at: Point, formula: str, size: float = SYMBOL, *, align: str = "center", on: str = ""
    ) -> None:
        """Draw a formula in TeX's notation."""
        self.text(at, f"${formula}$", size, align=align, on=on)

    def box(self, centre: Point, width: float, height: float, fill: str) -> None:
        """Draw a box with round corners."""
        self.axes.add_patch(
            FancyBboxPatch(
                (centre[0] - width / 2, centre[1] - height / 2), width, height,
                boxstyle="round,pad=0,rounding_size=7", facecolor=fill, edgecolor=LINE, linewidth=1.0, zorder=3,
            )
        )  # fmt: skip

    def grid(
        self,
        corner: Point,
        rows: int,
        columns: int,
        fill: str | Callable[[int, int], str],
        *,
        cell: float = 20,
        dashed: bool = False,
    ) -> None:
        """Draw an array of cells, its upper left corner at a point."""
        for row in range(rows):
            for column in range(columns):
                self.axes.add_patch(
                    Rectangle(
                        (corner[0] + column * cell, corner[1] + row * cell), cell, cell,
                        facecolor=fill if isinstance(fill, str) else fill(row, column),
                        edgecolor=FAINT, linewidth=0.6, zorder=4,
                    )
                )  # fmt: skip
        self.frame(corner, columns * cell, rows * cell, dashed=dashed)

    def block(
        self,
        corner: Point,
        rows: int,
        columns: int,
        fill: str,
        width: float,
        height: float,
    ) -> None:
        """Draw a part of an array in one tint, its cells of a given width and height told apart by white lines."""
        for row in range(rows):
            for column in range(columns):
                self.axes.add_patch(
                    Rectangle(
                        (corner[0] + column * width, corner[1] + row * height), width, height,
                        facecolor=fill, edgecolor="white", linewidth=1.2, zorder=4,
                    )
                )  # fmt: skip

    def bar(self, foot: Point, width: float, height: float, fill: str) -> None:
        """Draw a bar that stands on a point."""
        self.axes.add_patch(
            Rectangle(
                (foot[0] - width / 2, foot[1] - height), width, height, facecolor=fill, edgecolor=LINE,
                linewidth=1.0, zorder=4,
            )
        )  # fmt: skip

    def ground(self, centre: Point, width: float, height: float) -> None:
        """Draw the inside of a cell."""
        self.axes.add_patch(
            FancyBboxPatch(
                (centre[0] - width / 2, centre[1] - height / 2), width, height,
                boxstyle="round,pad=0,rounding_size=16", facecolor=GROUND, edgecolor=FAINT, linewidth=1.0,
                zorder=1,
            )
        )  # fmt: skip

    def frame(
        self, corner: Point, width: float, height: float, *, dashed: bool = False, above: bool = False
    ) -> None:
        """Draw an outline."""
        self.axes.add_patch(
            Rectangle(
                corner, width, height, facecolor="none", edgecolor=LINE, linewidth=1.1,
                linestyle=DASHED if dashed else SOLID, joinstyle="round", zorder=5 if above else 4,
            )
        )  # fmt: skip

    def wire(self, *points: Point, arrow: bool = True) -> None:
        """Draw a line through points, round at its corners, with an arrow head at its end."""
        end, before = points[-1], points[-2]
        if arrow:
            self._head(before, end)
            length = math.dist(before, end)
            points = (*points[:-1], _towards(end, before, min(6, length)))
        path, codes = [points[0]], [Curve.MOVETO]
        for last, corner, following in zip(points, points[1:], points[2:], strict=False):
            radius = min(9, math.dist(last, corner) / 2, math.dist(corner, following) / 2)
            path += [_towards(corner, last, radius), corner, _towards(corner, following, radius)]
            codes += [Curve.LINETO, Curve.CURVE3, Curve.CURVE3]
        path.append(points[-1])
        codes.append(Curve.LINETO)
        self._stroke(path, codes)

    def hop(self, at: Point) -> None:
        """Draw the half circle with which a level line passes over an upright one."""
        turn = [math.pi * step / 24 for step in range(25)]
        path = [(at[0] - HOP * math.cos(angle), at[1] - HOP * math.sin(angle)) for angle in turn]
        self._stroke(path, [Curve.MOVETO] + [Curve.LINETO] * 24)

    def dot(self, at: Point) -> None:
        """Where a line branches."""
        self.axes.add_patch(Circle(at, 3.2, facecolor=LINE, edgecolor="none", zorder=3))

    def operation(self, at: Point, formula: str) -> None:
        """Draw a number by number operation on two arrays."""
        self.axes.add_patch(Circle(at, 13, facecolor="white", edgecolor=LINE, linewidth=1.1, zorder=4))
        self.symbol(at, formula, 21)

    def span(self, start: Point, end: Point, formula: str, *, gap: float = 14, size: float = 19) -> None:
        """Draw a bracket from point to point with its length written beside it: below, or left of an upright one."""
        upright = start[0] == end[0]
        tick = (4, 0) if upright else (0, -4)
        path = [(start[0] + tick[0], start[1] + tick[1]), start, end, (end[0] + tick[0], end[1] + tick[1])]
        self._stroke(path, [Curve.MOVETO] + [Curve.LINETO] * 3, 0.9)
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.symbol((middle[0] - gap, middle[1]) if upright else (middle[0], middle[1] + gap), formula, size)

    def png(self) -> bytes:
        """Return the page as a small PNG file without metadata."""
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())
        image = Image.fromarray(pixels[:, :, :3])
        image = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        # outside the sheet nothing is drawn: one more entry of the palette, which no page shows
        places = np.where(pixels[:, :, 3] < 128, COLOURS, np.asarray(image)).astype(np.uint8)
        palette = (image.getpalette() or [])[: 3 * COLOURS]
        image = Image.fromarray(places, mode="P")
        image.putpalette([*palette, *[255] * (3 * (COLOURS + 1) - len(palette))])
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True, transparency=COLOURS)
        return file.getvalue()

    def _head(self, before: Point, end: Point) -> None:
        angle = math.atan2(end[1] - before[1], end[0] - before[0])
        back, side = (9.5, 4.2)
        corners = [
            end,
            *(
                (
                    end[0] - back * math.cos(angle) + sign * side * math.sin(angle),
                    end[1] - back * math.sin(angle) - sign * side * math.cos(angle),
                )
                for sign in (1, -1)
            ),
        ]
        self.axes.add_patch(Polygon(corners, facecolor=LINE, edgecolor="none", zorder=5))

    def _stroke(self, path: Sequence[Point], codes: Sequence[Any], thick: float = 1.3) -> None:
        self.axes.add_patch(
            PathPatch(
                Curve(path, codes), facecolor="none", edgecolor=LINE, linewidth=thick, capstyle="round",
                zorder=2,
            )
        )  # fmt: skip


def _towards(start: Point, end: Point, distance: float) -> Point:
    """Return the point at a distance from `start` on the way to `end`."""
    part = distance / (math.dist(start, end) or 1)
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _shape(*sizes: str) -> str:
    """Return a shape as a formula."""
    return "(" + r",\ ".join(sizes) + ")"


def _cards(
    sheet: Sheet,
    corner: Point,
    rows: int,
    columns: int,
    fill: str | Callable[[int, int], str],
    *,
    cell: float = 20,
    dashed: bool = False,
) -> None:
    """Draw an array of each sample of a batch, one behind the other."""
    for place in (2, 1, 0):
        at = (corner[0] + 6 * place, corner[1] - 6 * place)
        sheet.grid(at, rows, columns, fill, cell=cell, dashed=dashed)


def _gate(sheet: Sheet, at: Point, name: str, function: str, fill: str) -> None:
    """Draw a gate, its activation in the box and its name beside the wire that leaves it."""
    sheet.box(at, 66, 44, fill)
    sheet.symbol(at, function)
    sheet.symbol((at[0] + 17, at[1] - 37), name)


def _told(sheet: Sheet, at: Point, code: str, *shape: str) -> None:
    """Draw an identifier, and below it a shape; the left end of what lies between them at a point."""
    sheet.text((at[0], at[1] - 13), code, CODE, code=True, align="left")
    sheet.symbol((at[0], at[1] + 14), _shape(*shape), 19, align="left")


def rnn_shapes() -> Sheet:
    """One layer: what goes in, and what comes out with `return_sequences` and `return_state`."""
    sheet = Sheet(400)
    _cards(sheet, (45, 150), 4, 3, GREY)
    sheet.span((37, 150), (37, 230), "T")
    sheet.span((45, 238), (105, 238), "d")
    sheet.symbol((82, 284), _shape(BATCH, "T", "d"), 19)
    sheet.wire((128, 190), (156, 190))
    sheet.box((219, 190), 126, 100, "white")
    for place, name in enumerate(("SimpleRNN", "GRU", "LSTM")):
        sheet.text((219, 162 + 28 * place), f"{name}(u)", CODE, code=True)
    for y in (56, 190, 336):
        sheet.wire((282, 190), (308, 190), (308, y), (336, y))

    def last(row: int, _: int) -> str:
        return DEEP if row == 3 else BLUE

    _cards(sheet, (346, 46), 1, 2, DEEP)
    sheet.symbol((418, 54), "h_T")
    _told(sheet, (458, 56), "return_sequences=False", BATCH, "u")

    _cards(sheet, (346, 150), 4, 2, last)
    for y, name in ((154, "h_1"), (177, "h_2"), (197, r"\vdots"), (220, "h_T")):
        sheet.symbol((418, y), name)
    _told(sheet, (458, 190), "return_sequences=True", BATCH, "T", "u")

    sheet.symbol((346 - 24, 322), "+", 20)
    _cards(sheet, (346, 312), 1, 2, DEEP)
    sheet.symbol((418, 318), "h_T")
    _cards(sheet, (346, 356), 1, 2, AMBER, dashed=True)
    sheet.symbol((418, 362), "c_T")
    _told(sheet, (458, 306), "return_state=True", BATCH, "u")
    sheet.symbol((458, 364), _shape(BATCH, "u"), 19, align="left")
    sheet.text((562, 360), "LSTM", CODE, code=True, align="left")
    return sheet


def stack_shapes() -> Sheet:
    """Shapes through two recurrent layers and a Dense layer, with and without a sequence at the end."""
    sheet = Sheet(604)
    cell = 17

    def last(row: int, _: int) -> str:
        return DEEP if row == 2 else BLUE

    def tensor(
        x: float, y: float, rows: int, columns: int, fill: str | Callable[[int, int], str], *shape: str
    ) -> None:
        left = x - columns * cell / 2 - 6
        _cards(sheet, (left, y + 12), rows, columns, fill, cell=cell)
        sheet.symbol((left + columns * cell + 26, y + 6 + rows * cell / 2), _shape(*shape), 19, align="left")

    def layer(x: float, y: float, *lines: str) -> None:
        sheet.box((x, y), 226, 24 * len(lines) + 12, "white")
        for place, line in enumerate(lines):
            middle = y + 22 * (place - (len(lines) - 1) / 2)
            sheet.text((x, middle), line, CODE, code=True)

    tensor(350, 8, 3, 2, GREY, BATCH, "T", "d")
    sheet.wire((350, 76), (350, 98))
    layer(350, 129, "LSTM(u1)", "return_sequences=True")
    sheet.wire((350, 160), (350, 182))
    tensor(350, 184, 3, 4, last, BATCH, "T", "u_1")
    for x, whole in ((180, False), (520, True)):
        sheet.wire((350, 252), (350, 272), (x, 272), (x, 294))
        layer(x, 325, "LSTM(u2)", f"return_sequences={whole}")
        rows, steps, low = (3, ("T",), 0) if whole else (1, (), 17)
        sheet.wire((x, 356), (x, 378 + low))
        tensor(x, 380 + low, rows, 3, last if whole else DEEP, BATCH, *steps, "u_2")
        sheet.wire((x, 448 - low), (x, 470))
        layer(x, 489, "Dense(k)")
        sheet.wire((x, 508), (x, 530 + low))
        tensor(x, 532 + low, rows, 2, GREEN, BATCH, *steps, "k")
    return sheet


def bidirectional() -> Sheet:
    """One layer reads the steps forwards, another backwards; what they give is joined at every step."""
    sheet = Sheet(400)
    steps = (92, 252, 412)
    forward, backward, joined = 262, 170, 62
    for number, x in enumerate(steps, 1):
        left, right = x - 36, x + 36
        sheet.symbol((x, 376), f"x_{number}")
        sheet.wire((x, 356), (x, 330), (left, 330), (left, forward + 22))
        sheet.wire((x, 356), (x, 330), (right, 330), (right, backward + 22))
        sheet.wire((left, forward - 22), (left, joined + 10))
        sheet.wire((right, backward - 22), (right, joined + 10))
        sheet.box((left, forward), 54, 44, BLUE)
        sheet.box((right, backward), 54, 44, AMBER)
        sheet.symbol((left, forward), rf"\overrightarrow{{h}}_{number}", 21)
        sheet.symbol((right, backward), rf"\overleftarrow{{h}}_{number}", 21)
        sheet.grid((x - 60, joined - 12), 1, 3, BLUE)
        sheet.grid((x, joined - 12), 1, 3, AMBER)
        sheet.symbol((x - 30, joined - 30), rf"\overrightarrow{{h}}_{number}", 19)
        sheet.symbol((x + 30, joined - 30), rf"\overleftarrow{{h}}_{number}", 19)
    for here, there in pairwise(steps):
        sheet.wire((here - 9, forward), (here + 36 - HOP, forward), arrow=False)
        sheet.hop((here + 36, forward))
        sheet.wire((here + 36 + HOP, forward), (there - 63, forward))
        sheet.wire((there + 9, backward), (there - 36 + HOP, backward), arrow=False)
        sheet.hop((there - 36, backward))
        sheet.wire((there - 36 - HOP, backward), (here + 63, backward))
    _told(sheet, (512, joined - 2), 'merge_mode="concat"', BATCH, "T", "2u")
    for y, way in ((backward, r"\longleftarrow"), (forward, r"\longrightarrow")):
        _told(sheet, (512, y), "LSTM(u)", BATCH, "T", "u")
        sheet.symbol((600, y - 13), way, 21, align="left")
    sheet.symbol((512, 376), _shape(BATCH, "T", "d"), 19, align="left")
    return sheet


def lstm_cell() -> Sheet:
    """One step of an LSTM: the gates in Keras's order, and how they change the two states."""
    sheet = Sheet(398)
    sheet.ground((350, 172), 540, 318)
    state, product, shown, hidden = 58, 134, 156, 290
    i, f, c, o, out = 155, 255, 365, 465, 560
    sheet.symbol((36, state), BEFORE.format("c"))
    sheet.symbol((660, state), "c_t")
    sheet.symbol((36, hidden), BEFORE.format("h"))
    sheet.symbol((660, hidden), "h_t")
    sheet.symbol((118, 376), "x_t")
    sheet.wire((66, state), (f - 13, state), arrow=False)
    sheet.wire((f + 13, state), (c - 13, state), arrow=False)
    sheet.wire((c + 13, state), (642, state))
    sheet.wire((66, hidden), (o, hidden), (o, 240))
    sheet.wire((118, 358), (118, hidden), arrow=False)
    sheet.dot((118, hidden))
    for x in (i, f, c):
        sheet.wire((x, hidden), (x, 240))
        sheet.dot((x, hidden))
    sheet.wire((i, 196), (i, product), (f - HOP, product), arrow=False)
    sheet.hop((f, product))
    sheet.wire((f + HOP, product), (c - 13, product))
    sheet.wire((f, 196), (f, state + 13))
    sheet.wire((c, 196), (c, product + 13))
    sheet.wire((c, product - 13), (c, state + 13))
    sheet.wire((o, 196), (o, shown), (out - 13, shown))
    sheet.wire((out, state), (out, 87))
    sheet.dot((out, state))
    sheet.wire((out, 119), (out, shown - 13))
    sheet.wire((out, shown + 13), (out, hidden), (642, hidden))
    for x, name, function, fill in (
        (i, "i", r"\sigma", BLUE), (f, "f", r"\sigma", AMBER),
        (c, r"\tilde{c}", r"\mathrm{tanh}", GREEN), (o, "o", r"\sigma", PINK),
    ):  # fmt: skip
        _gate(sheet, (x, 218), name, function, fill)
    sheet.box((out, 103), 66, 32, "white")
    sheet.symbol((out, 103), r"\mathrm{tanh}")
    sheet.operation((f, state), r"\times")
    sheet.operation((c, product), r"\times")
    sheet.operation((c, state), "+")
    sheet.operation((out, shown), r"\times")
    return sheet


def gru_cell() -> Sheet:
    """One step of a GRU: the gates, the candidate, and how the update gate mixes old and new."""
    sheet = Sheet(398)
    sheet.ground((350, 172), 540, 318)
    state, mixing, inner, bus = 58, 120, 266, 308
    z, r, product, new = 215, 320, 415, 520
    sheet.symbol((36, state), BEFORE.format("h"))
    sheet.symbol((660, state), "h_t")
    sheet.symbol((150, 376), "x_t")
    sheet.wire((66, state), (z - 13, state), arrow=False)
    sheet.wire((z + 13, state), (new - 13, state), arrow=False)
    sheet.wire((new + 13, state), (642, state))
    sheet.dot((112, state))
    sheet.wire((112, state), (112, inner), (z - 12 - HOP, inner), arrow=False)
    sheet.wire((z - 12 + HOP, inner), (r - 12 - HOP, inner), arrow=False)
    sheet.wire((r - 12 + HOP, inner), (product - 13, inner))
    sheet.wire((150, 358), (150, bus), (new + 12, bus), (new + 12, 228))
    for x in (z, r):
        sheet.wire((x - 12, bus), (x - 12, 228))
        sheet.hop((x - 12, inner))
        sheet.dot((x - 12, bus))
        sheet.wire((x + 12, inner), (x + 12, 228))
        sheet.dot((x + 12, inner))
    sheet.wire((z, 184), (z, state + 13))
    sheet.dot((z, mixing))
    sheet.wire((z, mixing), (345, mixing))
    sheet.wire((395, mixing), (new - 13, mixing))
    sheet.wire((r, 184), (r, 154), (product, 154), (product, inner - 13))
    sheet.wire((product + 13, inner), (new - 12, inner), (new - 12, 228))
    sheet.wire((new, 184), (new, mixing + 13))
    sheet.wire((new, mixing - 13), (new, state + 13))
    for x, name, function, fill in (
        (z, "z", r"\sigma", BLUE), (r, "r", r"\sigma", AMBER), (new, r"\tilde{h}", r"\mathrm{tanh}", GREEN),
    ):  # fmt: skip
        _gate(sheet, (x, 206), name, function, fill)
    sheet.box((370, mixing), 50, 34, "white")
    sheet.symbol((370, mixing), r"1\,{-}", 21)
    sheet.operation((z, state), r"\times")
    sheet.operation((product, inner), r"\times")
    sheet.operation((new, mixing), r"\times")
    sheet.operation((new, state), "+")
    return sheet


def _weights(gates: Sequence[tuple[str, str]], factor: str, *, second_bias: bool) -> Sheet:
    """Kernel, recurrent kernel and bias of a layer that reads 2 numbers and has 3 units.

    gates: the letter and the tint of each, in Keras's order.
    """
    sheet = Sheet(392 if second_bias else 324)
    left, top, high, whole, apart = 236, 46, 30, 444, 40
    wide = whole / len(gates)
    starts = [left + place * wide for place in range(len(gates))]
    for x, (gate, _) in zip(starts, gates, strict=True):
        sheet.symbol((x + wide / 2, 24), rf"\tilde{{{gate}}}" if gate in "ch" else gate)
    for letter, rows, size, name, shape in (
        ("W", 2, "d", "kernel", ("d", factor)),
        ("U", 3, "u", "recurrent_kernel", ("u", factor)),
        ("b", 1, "", "bias", (f"{factor}{{,}}",)),
        (r"b^{\prime}", 1, "", "reset_after=True", ("2", factor)),
    )[: 4 if second_bias else 3]:
        dashed = name == "reset_after=True"
        for x, (gate, fill) in zip(starts, gates, strict=True):
            sheet.block((x, top), rows, 3, fill, wide / 3, high)
            sheet.frame((x, top), 0 if dashed else wide, rows * high, dashed=dashed, above=True)
            sheet.symbol((x + wide / 2, top + rows * high / 2), f"{letter}_{gate}", 21, on=fill)
        _told(sheet, (12, top + rows * high / 2), name, *shape)
        if dashed:
            sheet.frame((left, top), whole, high, dashed=True, above=True)
            sheet.span((left - 12, top - high - apart), (left - 12, top + high), "2")
        if size:
            sheet.span((left - 12, top), (left - 12, top + rows * high), size)
        top += rows * high + (apart if name == "bias" and second_bias else 26)
    for x in starts:
        sheet.span((x + 3, top - 14), (x + wide - 3, top - 14), "u")
    return sheet


def lstm_weights() -> Sheet:
    """Draw the three arrays of an LSTM, gate by gate."""
    gates = (("i", BLUE), ("f", AMBER), ("c", GREEN), ("o", PINK))
    return _weights(gates, "4u", second_bias=False)


def gru_weights() -> Sheet:
    """Draw the three arrays of a GRU, gate by gate, and the second row of the bias."""
    return _weights((("z", BLUE), ("r", AMBER), ("h", GREEN)), "3u", second_bias=True)


def unrolled() -> Sheet:
    """Draw a cell that goes round, and the same cell at every step."""
    sheet = Sheet(270)
    middle, half = 138, 38

    def cell(x: float, time: str) -> None:
        sheet.symbol((x, 248), f"x_{time}")
        sheet.wire((x, 230), (x, middle + 31))
        sheet.box((x, middle), 2 * half, 62, BLUE)
        sheet.symbol((x, middle), r"W\,\ U\,\ b", 19)
        sheet.wire((x, middle - 31), (x, 42))
        sheet.symbol((x, 22), f"h_{time}")

    cell(66, "t")
    sheet.dot((66, 76))
    sheet.wire((66, 76), (128, 76), (128, middle), (66 + half, middle))
    sheet.symbol((168, middle), "=", 30)
    sheet.symbol((212, middle), "h_0")
    start: float = 230
    for x, time in ((288, "1"), (394, "2"), (500, "3"), (640, "T")):
        sheet.wire((start, middle), (x - half, middle))
        cell(x, time)
        start = x + half
        if time == "3":
            sheet.wire((start, middle), (start + 16, middle), arrow=False)
            sheet.symbol((570, middle + 3), r"\cdots", 26)
            start = 584
    return sheet


def tagging() -> Sheet:
    """Draw a sentence as one-hot vectors, through a recurrent layer and a Dense softmax, to a tag at every step."""
    sheet = Sheet(520)
    steps = (
        (248, "John", (0.8, 0.06, 0.14)),
        (424, "loves", (0.09, 0.82, 0.09)),
        (600, "Jane", (0.2, 0.1, 0.7)),
    )
    tag, floor, tall, dense, layer, vector, word = 26, 146, 72, 222, 312, 406, 494
    for y, last in ((vector, "4"), (layer, "u"), (dense, "3")):
        sheet.symbol((14, y), _shape("1", "3", last), 19, align="left")
    for place, (x, name, chances) in enumerate(steps):
        best = max(range(3), key=chances.__getitem__)
        sheet.text((x, word + 7), name, 20, level="baseline")
        sheet.wire((x, word - 18), (x, vector + 14))
        for column in range(4):
            one = column == place
            corner = (x - 52 + 26 * column, vector - 13)
            sheet.grid(corner, 1, 1, GREY if one else "white", cell=26)
            sheet.text((corner[0] + 13, vector), str(int(one)), bold=one)
        sheet.wire((x, vector - 14), (x, layer + 23))
        sheet.box((x, layer), 108, 46, BLUE)
        sheet.text((x, layer - 1), "LSTM", CODE + 1, code=True)
        sheet.wire((x, layer - 23), (x, dense + 27))
        sheet.box((x, dense), 108, 54, "white")
        sheet.text((x, dense - 11), "Dense", CODE, code=True)
        sheet.text((x, dense + 11), "softmax", CODE, code=True)
        sheet.wire((x, dense - 27), (x, floor + 30))
        for number, (letter, chance) in enumerate(zip("SVO", chances, strict=True)):
            middle = x + 34 * (number - 1)
            sheet.bar((middle, floor), 22, tall * chance, AMBER if number == best else "white")
            sheet.text((middle, floor + 16), letter, bold=number == best)
        sheet.wire((x - 52, floor), (x + 52, floor), arrow=False)
        target = x + 34 * (best - 1)
        sheet.wire((target, floor - tall * chances[best] - 5), (target, tag + 20))
        sheet.text((target, tag), "SVO"[best], 24, bold=True)
    for (here, *_), (there, *_) in pairwise(steps):
        sheet.wire((here + 54, layer), (there - 54, layer))
    return sheet


def course_map() -> Sheet:
    """Draw the notebooks of the course in their order, what each is about, and its minutes."""
    sheet = Sheet(392)
    about = (
        _shape(BATCH, "T", "u"),
        r"4\,u\,(d + u + 1)",
        r"3\,u\,(d + u + 1)",
        r"\mathrm{John\ loves\ Jane} \rightarrow \mathrm{S\,V\,O}",
        r"c_t = f \odot c_{t-1} + i \odot \tilde{c}",
    )
    tints = (GREY, BLUE, AMBER, GREEN, PINK)
    first, apart, start, per_minute = 44, 76, 500, 1.45
    sheet.wire((40, first), (40, first + 4 * apart), arrow=False)
    for number, (name, minutes) in enumerate(MINUTES.items()):
        y, fill = first + apart * number, tints[number]
        sheet.axes.add_patch(Circle((40, y), 19, facecolor=fill, edgecolor=LINE, linewidth=1.1, zorder=4))
        sheet.text((40, y), str(number + 1), bold=True)
        sheet.text((78, y), name, CODE, code=True, align="left")
        sheet.symbol((236, y), about[number], 19, align="left")
        sheet.bar((start + minutes * per_minute / 2, y + 13), minutes * per_minute, 26, fill)
        sheet.text((start + 10, y), f"{minutes} min", 16, align="left")
    return sheet


def why_gates() -> Sheet:
    """Draw the errors that `why_gates.py` measured: by epoch, and of every run at the end."""
    sheet = Sheet(356)
    runs = json.loads(EXPERIMENT.read_text(encoding="utf-8"))["errors"]
    left = sheet.figure.add_axes((0.10, 0.17, 0.38, 0.79), facecolor=GROUND)
    right = sheet.figure.add_axes((0.51, 0.17, 0.47, 0.79), facecolor=GROUND, sharey=left)
    place, ticks = 0.0, {}
    for name, by_rate in runs.items():
        medians = {rate: float(np.median(repeats, axis=0)[-1]) for rate, repeats in by_rate.items()}
        errors = np.array(by_rate[min(medians, key=medians.__getitem__)])
        epochs = np.arange(1, errors.shape[1] + 1)
        left.fill_between(
            epochs, errors.min(axis=0), errors.max(axis=0), color=STRONG[name], alpha=0.25, lw=0
        )
        left.plot(epochs, np.median(errors, axis=0), color=STRONG[name], lw=2.2)
        for rate, repeats in by_rate.items():
            ends = [repeat[-1] for repeat in repeats]
            right.plot([place] * len(ends), ends, "o", color=STRONG[name], alpha=0.75, ms=7, mec=INK, mew=0.5)
            ticks[place] = rate.removeprefix("0")
            place += 1
        right.text(
            place - 2, 0.62, name, family="DejaVu Sans Mono", size=10.5, color=INK, ha="center", va="center"
        )
        place += 0.5
    for name, at in (("SimpleRNN", (16.5, 0.125)), ("LSTM", (16, 0.0016)), ("GRU", (9.5, 0.00022))):
        left.text(*at, name, family="DejaVu Sans Mono", size=10.5, color=INK)
    for axes in (left, right):
        axes.axhline(1 / 3, color=FAINT, linestyle=":", lw=1.5)
        axes.tick_params(labelsize=9.5, colors=INK)
        axes.spines[:].set_color(FAINT)
    left.set(yscale="log", ylim=(5e-5, 1), xlim=(1, 30), xlabel="epoch", ylabel="MSE")
    right.set(xticks=list(ticks), xlabel="learning rate")
    right.set_xticklabels(ticks.values())
    right.tick_params(axis="x", labelsize=8.5)
    right.tick_params(labelleft=False)
    return sheet


PICTURES: Mapping[str, Callable[[], Sheet]] = {
    "course-map": course_map,
    "why-gates": why_gates,
    "rnn-shapes": rnn_shapes,
    "stack-shapes": stack_shapes,
    "bidirectional": bidirectional,
    "lstm-cell": lstm_cell,
    "gru-cell": gru_cell,
    "lstm-weights": lstm_weights,
    "gru-weights": gru_weights,
    "unrolled": unrolled,
    "tagging": tagging,
}


def draw(name: str) -> bytes:
    """Return the PNG file of a picture."""
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the author's own settings are
        mpl.rcParams.update(STYLE)
        return PICTURES[name]().png()


def main() -> None:
    """Write every picture beside this file."""
    for name in PICTURES:
        (Path(__file__).parent / f"{name}.png").write_bytes(draw(name))


if __name__ == "__main__":
    main()
