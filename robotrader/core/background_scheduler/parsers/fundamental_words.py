"""What a text says in words: its own recommendation, the date of its figures, strengths and weaknesses."""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.dates import DATE, MONTH_YEAR, month_end, read_date
from robotrader.core.background_scheduler.parsers.fundamental_facts import Fact
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line, sentences

_STANCE = (
    r"(?:strong(?:ly)?[ -])?(?:buy(?! ?-?back)|sell(?!ing|er)|hold(?!ing)|accumulate|reduce|avoid|add|neutral"
    r"|overweight|underweight"
    r"|outperform(?:er)?|underperform(?:er)?|book profits?|exit|market perform|equal[- ]weight|subscribe|wait)\b"
)
STANCE = regex(rf"(?<![\w-]){_STANCE}", re.IGNORECASE)
"""A word of advice."""
_LABEL = regex(
    r"(?:(?:investment|final|our|overall|stock|analyst'?s?)[ ])?(?:recommendation|verdict|rating|stance|call|action"
    r"|view|advice)",
    re.IGNORECASE,
)
_TOLD = regex(
    rf"(?<!\w)(?P<label>{_LABEL.pattern})[ \t]{{0,4}}(?::|=|-[ ]|is[ ]|\|)[ \t|]{{0,20}}(?P<v>[^\n|]{{3,120}})",
    re.IGNORECASE,
)
_HEADED = regex(rf"\W{{0,12}}(?:\d{{1,2}}[.)]\s)?\W{{0,6}}{_LABEL.pattern}\W{{0,12}}$", re.IGNORECASE)
_DASHED = regex(
    r"[ ]-[ ](?P<v>(?-i:(?:STRONG )?(?:BUY|SELL|HOLD|AVOID|ACCUMULATE|REDUCE|ADD|NEUTRAL)[A-Z /+]{0,24}))\s*$"
)
_OWN_ADVICE = regex(
    r"(?i:\bwe [^.;\n]{0,80}?(?:reiterate|maintain|retain|recommend|assign|stay|remain)"
    r"(?: (?:a|an|our|the|it|stock|rating|with|on|as|to)){0,4}|; rating:?|, rating:?) ['\"]?"
    rf"(?P<v>(?-i:(?=[A-Z]))(?i:{_STANCE}))"
)
_OWN_TARGET = regex(r"\btarget price\b|\b[Cc]onsensus (?=EPS|expects)", re.IGNORECASE)
"""The writer's own advice in a sentence: "we reiterate Neutral", "target 450; rating ADD"."""
_ALONE = regex(rf"\|[ ]?(?P<v>{_STANCE})[ ]?\|", re.IGNORECASE)
_THIRD = regex(
    r"consensus|analysts\b|brokerage|broker\b|jefferies|nomura|\bubs\b|clsa|citi|macquarie|hsbc|morgan|goldman"
    r"|bernstein|nuvama"
    r"|emkay|motilal|sharekhan|geojit|securities|credit rating|crisil|icra|moody|fitch|target price",
    re.IGNORECASE,
)
_END = regex(r"\.(?:\s|$)|[;|]|\s{3,}|\s-\s|[\u2605\u2606\u2B50]|(?<=\w)\.$")
_TRIM = regex(r"^[^A-Za-z]+|[^A-Za-z)]+$")
_AS_OF = regex(
    rf"(?:^|\n|[(\[])[ \t#>*-]{{0,8}}(?:(?:data|figures?|prices?|ratios?|values?|all data|last updated|updated)"
    rf"[ ]?)?(?:is[ ]|are[ ])?"
    rf"(?:as of|as on|as at|as_of|:)[ \t]{{0,3}}:?[ \t]{{0,3}}(?P<d>(?:{DATE})|(?:{MONTH_YEAR}))",
    re.IGNORECASE,
)
_DATED = regex(
    rf"(?:^|\n)[ \t#>*-]{{0,8}}(?:date|as of date|data date|last updated|updated(?: on)?)[ \t]{{0,3}}[:|]"
    rf"[ \t|]{{0,6}}(?P<d>{DATE})",
    re.IGNORECASE,
)
_SWOT = (
    (
        "strengths",
        (
            r"(?:key |fundamental |financial |core |main |business |competitive )*"
            r"(?:strengths?|pros|positives|(?:strong|plus|good) points)"
        ),
    ),
    ("weaknesses", r"(?:key |main |fundamental |financial )*(?:weakness(?:es)?|cons|negatives|(?:weak|minus) points)"),
    ("opportunities", r"(?:key |growth |main )*opportunit(?:y|ies)"),
    ("threats", r"(?:key |main )*threats?"),
)
_HEADS = tuple(
    (
        name,
        regex(
            rf"[^\w\n]{{0,12}}(?:\d{{1,2}}[.)][ ]{{0,2}})?[^\w\n]{{0,6}}{p}(?:[ ]\([SWOT]\))?[^\w\n:]{{0,8}}(?::"
            rf"[ \t*]{{0,8}}(?P<v>\S[^\n]*)|[^\w\n]{{0,12}})$",
            re.IGNORECASE,
        ),
    )
    for name, p in _SWOT
)
_MOST = 20


def read_words(view: str, found: list[Line], marks: str) -> dict[str, Fact]:
    """Recommendation, as_of and the SWOT lists, where the text has them."""
    facts: dict[str, Fact] = {}
    for fact in (recommendation(view, found), as_of(view), *swot(view, found, marks)):
        if fact is not None:
            facts.setdefault(fact.field, fact)
    return facts


def recommendation(view: str, found: list[Line]) -> Fact | None:
    """The advice of the text itself, in its words; not that of a broker it quotes."""
    for i, line in enumerate(found):
        text = view[line.start : line.end]
        told = _TOLD.search(text[:600])
        if told and not _THIRD.search(text[max(0, told.start() - 40) : told.end("label")]):
            fact = _advice(view, line.start + told.start("v"), line.start + told.end("v"))
            if fact:
                return fact
        if len(text) < 80 and _HEADED.match(text) and i + 1 < len(found):
            fact = _advice(view, found[i + 1].body, min(found[i + 1].end, found[i + 1].body + 200))
            if fact:
                return fact
    return _unlabelled(view, found)


def _unlabelled(view: str, found: list[Line]) -> Fact | None:
    """Advice without a label: alone in a cell at the head, in a sentence of the writer's own, at the end of a title."""
    for line in found[:4]:
        alone = _ALONE.search(view, line.start, line.end)
        if alone:
            return _words("recommendation", view, *alone.span("v"))
    for line in found:
        own = _OWN_ADVICE.search(view, line.start, line.end)
        if own and not _THIRD.search(_OWN_TARGET.sub("", view[max(line.start, own.start() - 160) : own.end() + 40])):
            return _words("recommendation", view, *own.span("v"))
    for line in found:
        dashed = _DASHED.search(view, line.start, line.end) if line.level <= 7 else None
        if dashed:
            return _words("recommendation", view, dashed.start("v"), dashed.end("v"))
    return None


def _advice(view: str, start: int, end: int) -> Fact | None:
    """The words of advice a label leads to: to the end of their sentence."""
    stance = STANCE.search(view, start, min(end, start + 40))
    if stance is None or _THIRD.search(view[start : stance.end()]):
        return None
    lead = view[start : stance.start()]
    if len(re.findall(r"[A-Za-z]+", lead)) > 3 or re.search(r"\b(?:not|no|n't|if|don't)\b", lead, re.IGNORECASE):
        return None
    first = start if re.search(r"[A-Za-z]", lead) else stance.start()
    stop = _END.search(view, stance.end(), end)
    return _words("recommendation", view, first, min(stop.start() if stop else end, first + 80))


def _words(name: str, view: str, start: int, end: int) -> Fact | None:
    piece = view[start:end]
    left = _TRIM.match(piece)
    begin = start + (left.end() if left and left.start() == 0 and left[0][0] != ")" else 0)
    last = begin + len(re.sub(r"[^A-Za-z0-9)%]+$", "", view[begin:end]))
    return Fact(name, " ".join(view[begin:last].split()), begin, last) if last > begin else None


def as_of(view: str) -> Fact | None:
    """The one date the text gives for its figures at the head of a line or in brackets of their own."""
    days: dict[str, tuple[int, int]] = {}
    for pattern in (_AS_OF, _DATED):
        for match in pattern.finditer(view):
            if match["d"] and (told := iso(match["d"])):
                days.setdefault(told, match.span("d"))
    if len(days) != 1:
        return None
    day, span = next(iter(days.items()))
    return Fact("as_of", day, *span)


def iso(words: str) -> str | None:
    """A date as ISO text, a month and year as YYYY-MM; None for anything else."""
    words = words.strip()
    if re.fullmatch(DATE, words, re.IGNORECASE):
        day = read_date(words)
        return day.isoformat() if day else None
    if re.fullmatch(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])", words):
        return words
    if re.fullmatch(MONTH_YEAR, words, re.IGNORECASE):
        end = month_end(words)
        return f"{end:%Y-%m}" if end else None
    return None


def swot(view: str, found: list[Line], marks: str) -> list[Fact]:
    """The lists below headings of strengths, weaknesses, opportunities and threats."""
    facts: list[Fact] = []
    for i, line in enumerate(found):
        name, inline = _head(view, line)
        if name is None or any(f.field == name for f in facts):
            continue
        items: list[tuple[int, int]] = []
        if inline:
            items = _parted(view, *inline)
        elif line.level <= 8 or line.level >= 10:
            items = _items(view, found, i, marks)
        if items:
            told = tuple(" ".join(view[a:b].split()) for a, b in items)
            facts.append(Fact(name, told, items[0][0], items[-1][1]))
    return facts


def _parted(view: str, start: int, end: int) -> list[tuple[int, int]]:
    """The points of "Pros: debt free; high ROE", without their numbers."""
    cuts = [start, *(m.end() for m in re.finditer(r";[ ]*", view[:end]) if m.start() > start), end]
    spans = []
    for a, b in pairwise(cuts):
        number = re.match(r"[ ]*(?:and )?(?:\(?\d[.)][ ]+)?", view[a:b])
        begin = a + (number.end() if number else 0)
        size = len(view[begin:b].rstrip(" ;"))
        spans += [(begin, begin + size)] if size else []
    return spans


def _head(view: str, line: Line) -> tuple[str | None, tuple[int, int] | None]:
    if line.end - line.start > 600:
        return None, None
    for name, pattern in _HEADS:
        match = pattern.match(view, line.start, line.end)
        if match:
            return name, match.span("v") if match["v"] else None
    return None, None


def _stated(view: str, below: list[Line]) -> list[Line]:
    """The first line and, where each is a statement of its own, those that follow it without a gap."""
    told = below[:1]
    for line in below[1:_MOST]:
        apart = told[-1].end - told[-1].body < _WRAP or view[told[-1].end - 1 : told[-1].end] == "."
        alike = line.level == told[0].level and view.count("\n", told[-1].end, line.start) == 1
        if not (apart and alike and all(_STATEMENT.match(view, ln.body, ln.end) for ln in (told[-1], line))):
            break
        if _head(view, line)[0]:
            break
        told.append(line)
    return told


_STATEMENT = regex(r"[A-Z][a-z]*(?: [^\s:|]+){3,40}:?(?: [-+]?[\d.]+%)?\s*$")
_WRAP = 75
"""A line shorter than this was not broken for its length."""


def _items(view: str, found: list[Line], i: int, marks: str) -> list[tuple[int, int]]:
    """The bullets below a heading, or the sentences of the one paragraph there."""
    head = found[i]
    items: list[tuple[int, int]] = []
    for line in found[i + 1 :]:
        if line.level <= 7 or _head(view, line)[0] or len(items) >= _MOST:
            break
        bullet = line.level >= 10 or re.match(r"\s*[+\u2713\u2714\u2705\u26a0\u2022-]", marks[line.start : line.end])
        if head.level >= 10 and line.level <= head.level:
            break
        if not bullet:
            if items:
                break
            told = _stated(view, found[i + 1 :])
            return [(a, b) for ln in told for a, b in sentences(view, ln.body, ln.end) if view[a:b].strip()][:_MOST]
        begin = line.body + len(re.match(r"[\s+*\u2713\u2714\u2705\u26a0\u2022-]*", view[line.body : line.end])[0])  # type: ignore[index]
        if line.end > begin:
            items.append((begin, line.end))
    return items
