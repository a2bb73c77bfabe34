"""One ratio of several companies in a line: "P/E: Alpha Steel 28.1x, Beta Steel 24x; Gamma Steel 22x"."""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.fundamental_cells import is_figure, read_label
from robotrader.core.background_scheduler.parsers.fundamental_columns import OTHERS
from robotrader.core.background_scheduler.parsers.fundamental_companies import is_company, likeness
from robotrader.core.background_scheduler.parsers.fundamental_values import figures
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import Table, trimmed
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences

_LABEL = regex(r"(?P<l>[A-Za-z][^:\n\d]{1,48}?)[ ]?(?::|[ ]-)[ ]")
_BEFORE_NAME = regex(r"[\s),;|/.x%]*(?:and[ ]|while[ ]|versus[ ]|vs[ ])?[ ]*")
_BEHIND_NAME = regex(r"[ ]?(?:[:=(-]|[ ](?:is|at|has|with))?[ ]*$")
_MOST = 400


def listed_tables(view: str, found: list[Line], symbol: str | None = None) -> list[Table]:
    """Such lines as tables: the names are its head, the figures its one row."""
    tables: list[Table] = []
    for line in found[:2500]:
        whole = (line.start, line.end)
        told = [t for a, b in sentences(view, line.body, line.end) if (t := _listed(view, (a, b), (a, b)))]
        table = None if len(told) > 1 else _listed(view, (line.body, line.end), whole)
        tables += [table] if table else told
    return tables + _opposed(view, found) + _below(view, found, symbol)


def _listed(view: str, span: Span, whole: Span) -> Table | None:
    """One such line or sentence; ``whole`` is what of the text it takes."""
    start = span[0] + len(view[slice(*span)]) - len(view[slice(*span)].lstrip())
    match = _LABEL.match(view, start, span[1]) if span[1] - start <= _MOST else None
    if match is None or read_label(view[match.start("l") : match.end("l")]) is None:
        return None
    pairs = _named(view, match.end(), span[1])
    if len(pairs) < _LEAST_ROWS:
        return None
    label = trimmed(view, *match.span("l"))
    head = ((label[0], label[0]), *(name for name, _ in pairs))
    return Table(*whole, (head, (label, *(value for _, value in pairs))))


_NAMED_LINE = regex(r"(?P<n>[A-Za-z][^:|\n]{1,60}?)[ ]?(?::|[ ]-)[ ]+(?P<v>\S[^\n]{0,40})$")


def _below(view: str, found: list[Line], symbol: str | None) -> list[Table]:
    """A line with the name of a ratio, below it a line to a company or to its sector: "Alpha Steel: 33.2"."""
    tables: list[Table] = []
    for i, line in enumerate(found[:2500]):
        text = view[line.body : line.end]
        if len(text) > 60 or read_label(text.strip(" :*")) is None or figures(text, 0, len(text)):
            continue
        pairs: list[tuple[Span, Span]] = []
        for below in found[i + 1 : i + 12]:
            match = _NAMED_LINE.match(view, below.body, below.end)
            name = match["n"] if match else ""
            named = name and read_label(name) is None and (is_company(name) or OTHERS.search(name))
            if not match or not named or not is_figure(view, *match.span("v")):
                break
            pairs.append((match.span("n"), match.span("v")))
        firms = [name for (a, b), _ in pairs if is_company(name := view[a:b]) and not OTHERS.search(name)]
        mine = any(likeness(symbol, name) for name in firms) if symbol else bool(firms)
        if len(pairs) >= _LEAST_ROWS and mine:
            label = trimmed(view, line.body, line.end)
            head = ((label[0], label[0]), *(n for n, _ in pairs))
            tables.append(Table(line.start, pairs[-1][1][1], (head, (label, *(v for _, v in pairs)))))
    return tables


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


_VERSUS = regex(r"[ ]+(?:vs?\.?|versus|v/s)[ ]+", re.IGNORECASE)
_LEAD_IN = regex(r"[\W\d]*(?:(?:head[- ]to[- ]head|compar\w+|stocks?|peers?)(?: of| between)?\s*:?\s*)?", re.IGNORECASE)
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
