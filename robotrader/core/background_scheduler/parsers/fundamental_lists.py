"""One ratio of several companies in a line: "P/E: Alpha Steel 28.1x, Beta Steel 24x; Gamma Steel 22x"."""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.fundamental_cells import read_label
from robotrader.core.background_scheduler.parsers.fundamental_companies import is_company
from robotrader.core.background_scheduler.parsers.fundamental_values import figures
from robotrader.core.background_scheduler.parsers.tables import Table, trimmed
from robotrader.core.background_scheduler.parsers.text import Line, Span

_LABEL = re.compile(r"(?P<l>[A-Za-z][^:\n\d]{1,48}?)[ ]?(?::|[ ]-)[ ]")
_BEFORE_NAME = re.compile(r"[\s),;|/.x%]*(?:and[ ]|while[ ]|versus[ ]|vs[ ])?[ ]*")
_BEHIND_NAME = re.compile(r"[ ]?(?:[:=(-]|[ ](?:is|at|has|with))?[ ]*$")
_MOST = 400


def listed_tables(view: str, found: list[Line]) -> list[Table]:
    """Such lines as tables: the names are its head, the figures its one row."""
    tables: list[Table] = []
    for line in found[:2500]:
        match = _LABEL.match(view, line.body, line.end) if line.end - line.body <= _MOST else None
        if match is None or read_label(view[match.start("l") : match.end("l")]) is None:
            continue
        pairs = _named(view, match.end(), line.end)
        if len(pairs) >= 2:
            label = trimmed(view, *match.span("l"))
            head = ((label[0], label[0]), *(name for name, _ in pairs))
            tables.append(Table(line.start, line.end, (head, (label, *(value for _, value in pairs)))))
    return tables + _opposed(view, found)


def _opposed(view: str, found: list[Line]) -> list[Table]:
    """Lines "P/E: 20.4 vs 21.9" below a line "Alpha Steel vs Beta Steel", as one table."""
    head: list[Span] = []
    rows: list[tuple[Span, ...]] = []
    tables: list[Table] = []
    for line in [*found[:2500], None]:
        row = _row(view, line, len(head)) if line is not None and head else ()
        names = _heads(view, line) if line is not None and not row else []
        if row:
            rows.append(row)
        elif names or line is None:
            if len(rows) >= _LEAST_ROWS:
                tables.append(Table(rows[0][0][0], rows[-1][-1][1], (((head[0][0],) * 2, *head), *rows)))
            head, rows = names, []
    return tables


_VERSUS = re.compile(r"[ ]+(?:vs?\.?|versus|v/s)[ ]+", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"[\W\d]*(?:(?:head[- ]to[- ]head|compar\w+|stocks?|peers?)(?: of| between)?\s*:?\s*)?", re.IGNORECASE
)
_LEAST_ROWS = 2


def _heads(view: str, line: Line) -> list[Span]:
    """The names of a line that sets companies against each other."""
    if line.end - line.body > 120:
        return []
    lead = _LEAD_IN.match(view, line.body, line.end)
    at = lead.end() if lead else line.body
    spans: list[Span] = []
    for cut in [*_VERSUS.finditer(view, at, line.end), None]:
        spans.append(trimmed(view, at, cut.start() if cut else line.end))
        at = cut.end() if cut else line.end
    words = [re.split(r"[:(,-]", view[a:b])[0].strip() for a, b in spans]
    return spans if len(spans) >= 2 and all(w and is_company(w) and not read_label(w) for w in words) else []


def _row(view: str, line: Line, size: int) -> tuple[Span, ...]:
    """A label and as many figures set against each other as there are names."""
    match = _LABEL.match(view, line.body, line.end) if line.end - line.body <= 120 else None
    if match is None or read_label(view[match.start("l") : match.end("l")]) is None:
        return ()
    values = figures(view, match.end(), line.end)
    parted = all(_VERSUS.fullmatch(view[a.end : b.start]) for a, b in pairwise(values))
    spans = ((f.start, f.end) for f in values)
    return (trimmed(view, *match.span("l")), *spans) if len(values) == size and parted else ()


def _named(view: str, start: int, end: int) -> list[tuple[Span, Span]]:
    """Every figure with the company's name right before it; nothing where one has none."""
    pairs: list[tuple[Span, Span]] = []
    at = start
    for figure in figures(view, start, end):
        lead = _BEFORE_NAME.match(view, at, figure.start)
        name = (lead.end() if lead else at, figure.start)
        tail = _BEHIND_NAME.search(view[name[0] : name[1]])
        name = (name[0], name[0] + tail.start() if tail else name[1])
        words = view[name[0] : name[1]]
        if not words or len(words) > 50 or read_label(words) is not None or not is_company(words):
            return []
        pairs.append((name, (figure.start, figure.end)))
        at = figure.end
    return pairs
