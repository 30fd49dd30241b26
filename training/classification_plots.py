"""The coverage-at-error curve and the confusion matrix as pictures: by matplotlib, or as SVG where it is missing."""

from __future__ import annotations

import html
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, EDGE = 480, 320, 48
CELL = 22


def plot_curve(curve: Sequence[tuple[float, float]], promised: float, path: Path) -> Path:
    """Draw the error among tagged tickets over the share tagged.

    Args:
        curve: pairs of (share tagged, error among them).
        promised: the promised error, drawn as a line.
        path: without suffix; ``.png`` or ``.svg`` is added.
    """
    if find_spec("matplotlib") is None:
        return _write(path.with_suffix(".svg"), curve_svg(curve, promised))
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([100 * x for x, _ in curve], [100 * y for _, y in curve], marker="o", markersize=3)
    axes.axhline(100 * promised, linestyle="--", color="grey", label=f"promised: {promised:.0%}")
    axes.set(xlabel="tickets tagged alone, most confident first (%)", ylabel="errors among them (%)", ylim=(0, None))
    axes.legend()
    figure.savefig(path.with_suffix(".png"), dpi=110)
    return path.with_suffix(".png")


def plot_confusion(labels: Sequence[str], counts: NDArray[np.intp], path: Path) -> Path:
    """Draw the confusion matrix, each row as shares of the true label; ``.png`` or ``.svg`` is added to the path."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    if find_spec("matplotlib") is None:
        return _write(path.with_suffix(".svg"), confusion_svg(labels, shares))
    from matplotlib.figure import Figure

    side = max(4.0, 0.3 * len(labels))
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    figure.colorbar(axes.imshow(shares, cmap="Blues", vmin=0, vmax=1), label="share of the true label")
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set(xlabel="first category of the model", ylabel="true label")
    figure.savefig(path.with_suffix(".png"), dpi=110)
    return path.with_suffix(".png")


def curve_svg(curve: Sequence[tuple[float, float]], promised: float) -> str:
    """The curve as SVG; the vertical scale ends at the largest error or twice the promised one."""
    top = max([2 * promised, *(error for _, error in curve)]) or 1.0

    def place(share: float, error: float) -> str:
        x = EDGE + share * (WIDTH - 2 * EDGE)
        return f"{x:.1f},{HEIGHT - EDGE - error / top * (HEIGHT - 2 * EDGE):.1f}"

    points = " ".join(place(share, error) for share, error in curve)
    left, right = place(0, promised).split(","), place(1, promised).split(",")
    return _svg(
        WIDTH,
        HEIGHT,
        f'<polyline fill="none" stroke="#1f77b4" stroke-width="2" points="{points}"/>'
        f'<line x1="{left[0]}" y1="{left[1]}" x2="{right[0]}" y2="{right[1]}" stroke="grey" stroke-dasharray="6 4"/>'
        f'<text x="{EDGE}" y="{EDGE - 16}">errors among tagged tickets (top: {top:.0%}; dashed: {promised:.0%})</text>'
        f'<text x="{EDGE}" y="{HEIGHT - 14}">share of tickets tagged alone, 0 to 100 %</text>',
    )


def confusion_svg(labels: Sequence[str], shares: NDArray[np.float64]) -> str:
    """The matrix as SVG: row = true label, column = first category, darker = more often."""
    names = [html.escape(label) for label in labels]
    edge = 12 + 7 * max((len(label) for label in labels), default=0)
    cells = [
        f'<rect x="{edge + CELL * column}" y="{edge + CELL * row}" width="{CELL}" height="{CELL}"'
        f' fill="rgb(31,119,180)" fill-opacity="{shares[row, column]:.2f}"/>'
        for row in range(len(names))
        for column in range(len(names))
    ]
    rows = [f'<text x="4" y="{edge + CELL * n + 15}">{name}</text>' for n, name in enumerate(names)]
    columns = [
        f'<text transform="translate({edge + CELL * n + 15},{edge - 4}) rotate(-90)">{name}</text>'
        for n, name in enumerate(names)
    ]
    side = edge + CELL * len(names) + 12
    return _svg(side, side, "".join([*cells, *rows, *columns]))


def _svg(width: int, height: int, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' font-family="sans-serif" font-size="12">{body}</svg>'
    )


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path
