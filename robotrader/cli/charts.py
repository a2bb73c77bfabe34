"""Charts as inline SVG, drawn from figures alone: no script, no font, nothing from elsewhere. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape

from robotrader.cli.series import Point

WIDTH, HEIGHT = 320, 96
FOOT = 16
"""Room below the drawing for the labels of the first and the last point (in the SVG's own units)."""


def bars(title: str, points: Sequence[Point], write: Callable[[Decimal], str]) -> str:
    """A bar for each point, standing on zero; a missing figure leaves its place empty.

    ``write`` gives a figure in words, shown when the bar is pointed at. Empty where there are fewer than two figures.
    """
    known = [point.value for point in points if point.value is not None]
    if len(known) < 2:
        return ""
    low, high = min(Decimal(0), *known), max(Decimal(0), *known)
    scale = Decimal(HEIGHT) / (high - low) if high != low else Decimal(0)
    step = WIDTH / len(points)
    zero = float(high * scale)
    drawn = []
    for number, point in enumerate(points):
        if point.value is None:
            continue
        size = float(abs(point.value) * scale)
        top = zero - size if point.value >= 0 else zero
        said = escape(f"{point.label}: {write(point.value)}")
        style = "" if point.value >= 0 else ' class="loss"'
        drawn.append(
            f'<rect{style} x="{number * step + step * 0.15:.1f}" y="{top:.1f}" width="{step * 0.7:.1f}"'
            f' height="{max(size, 0.5):.1f}"><title>{said}</title></rect>'
        )
    drawn.append(f'<line x1="0" y1="{zero:.1f}" x2="{WIDTH}" y2="{zero:.1f}"/>')
    return _framed(title, points, drawn)


def line(title: str, points: Sequence[Point], write: Callable[[Decimal], str]) -> str:
    """A line through the points, from zero up; as ``bars`` otherwise."""
    found = [(number, point.label, point.value) for number, point in enumerate(points) if point.value is not None]
    if len(found) < 2:
        return ""
    values = [value for _, _, value in found]
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    scale = Decimal(HEIGHT - 6) / (high - low) if high != low else Decimal(0)
    step = (WIDTH - 6) / max(1, len(points) - 1)
    spots = [(3 + number * step, 3 + float((high - value) * scale), label, value) for number, label, value in found]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in spots)
    drawn = [f'<polyline points="{path}"/>']
    drawn += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"><title>{escape(f"{label}: {write(value)}")}</title></circle>'
        for x, y, label, value in spots
    ]
    return _framed(title, points, drawn)


def _framed(title: str, points: Sequence[Point], drawn: Sequence[str]) -> str:
    first, last = escape(points[0].label), escape(points[-1].label)
    under = HEIGHT + FOOT - 3
    labels = f'<text x="0" y="{under}">{first}</text><text x="{WIDTH}" y="{under}" text-anchor="end">{last}</text>'
    name = escape(title)
    return (
        f'<figure><figcaption>{name}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" role="img"'
        f' aria-label="{name}">{"".join(drawn)}{labels}</svg></figure>'
    )
