"""Which figure is which ratio's: the one behind its name, the one before it, the newest of a row or a series."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers import fundamental_terms as words
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, Time
from robotrader.core.background_scheduler.parsers.fundamental_phrases import Pair, of_earnings, of_promoter, on_capital
from robotrader.core.background_scheduler.parsers.fundamental_series import BETWEEN_FIGURES, newest_told, series_of
from robotrader.core.background_scheduler.parsers.fundamental_terms import Term
from robotrader.core.background_scheduler.parsers.fundamental_times import PERIODS, head_time
from robotrader.core.background_scheduler.parsers.fundamental_values import BOUND, RANGE, Figure, figures, fits
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

MAX_GAP = 90
_LINKS = word_set(
    "of at is was are stands stood standing currently now the a an its their has have had been being be remains "
    "remained "
    "came comes coming in to for ratio ratios multiple value level levels figure figures trading trades traded "
    "quoted quotes "
    "valued hovering as per share company company's stock's stock bank bank's firm's firm latest current reported "
    "consolidated standalone ttm trailing last twelve months month on basis strong healthy robust solid impressive "
    "moderate "
    "modest high low higher lower very exceptional excellent attractive expensive elevated just only also still "
    "reached "
    "touched yield yields percentage percent stable steady comfortable manageable negligible conservative "
    "reasonable rich "
    "respectable decent premium equal equals around about approximately roughly approx circa some remarkable "
    "outstanding "
    "reading x inr rs rs. fy q1 q2 q3 q4 and-now calculated works out computed using annual full-year year group "
    "promoter "
    "sirf hai abhi ka ki ke lagbhag inched unchanged cooled works worked "
    "improved improving rose risen increased expanded climbed jumped surged fell fallen declined dropped decreased "
    "slipped "
    "eased contracted moderated grew up down well from corrected sharply significantly materially slid"
)
_CHANGE = regex(
    r"\b(?:rose|risen|increased?|improved?|improving|expanded|climbed|jumped|surged|fell|fallen|declined?|dropped"
    r"|decreased"
    r"|slipped|eased|contracted|moderated|grew|up|down|by)[ ]$",
    re.IGNORECASE,
)
_CUT = regex(
    r"[;!?\u2192]|\.\s|\b(?:vs\.?|versus|against|compared|than|while|whereas|but|and|or|with|which|where|making"
    r"|despite|given"
    r"|excluding|ex-?|before|after|yet|although|though|not|no|n't)\b",
    re.IGNORECASE,
)
_COMMA = regex(
    r",(?![ ]?(?:at|of|is|currently|now|which (?:is|stands|stood)|standing|stands|stood|(?:at )?(?:only|just)"
    r"|last (?:fiscal|financial|full)|ttm|FY)\b)",
    re.IGNORECASE,
)
PAREN = regex(r"[(\[][^()\[\]\n]{0,60}[)\]]")
WORD = regex(r"[A-Za-z][A-Za-z'./-]*")
_BEFORE = regex(
    r"[ -]{0,2}(?:(?:trailing|ttm|current|consolidated|reported|annual|its|strong|healthy|attractive|modest|robust"
    r"|solid|ke|ka|ki)[ ])"
    r"{0,2}$",
    re.IGNORECASE,
)
_LIST = regex(
    r"[ ]?(?:,|/|&|and\b|,[ ]?and\b)[ ]?(?:(?:industry|sector|peers?|forward|median|average)[ ]){0,2}$", re.IGNORECASE
)
_TO = regex(
    r"[^,;.!?]{0,24}?(?:\bto\b|\u2192|->)[ ](?:[a-z]{1,10}[ ]){0,2}$|[ ]?(?:\u2192|->|-->|=>)[ ]?$", re.IGNORECASE
)
_IN_RUPEES = regex(r"[ ]?[(/][ ]?$")
_FROM = regex(r"\bfrom[ ](?:[a-z]{1,8}[ ]){0,3}$", re.IGNORECASE)


def find_pairs(
    view: str, names: list[Term], values: list[Figure], start: int, end: int, head: int
) -> tuple[list[Pair], list[Pair]]:
    """Names with their figures: those bound one by one, and those of "ROE and ROCE of 17 % and 6 %"."""
    pairs, used, gone = of_earnings(view, values, names, end)
    of_capital = on_capital(view, [f for f in values if f.start not in used], start)
    of_capital += of_promoter(view, [f for f in values if f.start not in used], end)
    pairs += of_capital
    used |= {f.start for _, f in of_capital}
    listed = _listed(view, [t for t in names if t not in gone], values, used)
    done = {(t.start, t.end) for t, _ in (*pairs, *listed)} | {(t.start, t.end) for t in gone}
    for i, term in enumerate(names):
        if (term.start, term.end) not in done:
            bound = _bind(view, names, i, values, used, start, head)
            if bound is not None:
                used.add(bound.start)
                pairs.append((term, bound))
    return pairs, listed


def _listed(view: str, names: list[Term], values: list[Figure], used: set[int]) -> list[Pair]:
    """ "ROE and ROCE of 17.2% and 6.47%": as many names as figures, in order."""
    pairs: list[Pair] = []
    i = 0
    while i < len(names) - 1:
        run = [names[i]]
        while i + len(run) < len(names) and _LIST.match(view[run[-1].end : names[i + len(run)].start]):
            run.append(names[i + len(run)])
        following = [f for f in values if f.start >= run[-1].end and f.start not in used]
        limit = names[i + len(run)].start if i + len(run) < len(names) else len(view)
        told: list[Figure] = []
        for figure in following:
            if figure.start >= limit or (told and not BETWEEN_FIGURES.match(view[told[-1].end : figure.start])):
                break
            told.append(figure)
        if len(run) > 1 and len(told) == len(run) and _linked(view, run[-1].end, told[0].start):
            pairs += list(zip(run, told, strict=True))
            used.update(f.start for f in told)
        i += len(run)
    return pairs


def _bind(
    view: str, names: list[Term], i: int, values: list[Figure], used: set[int], start: int, head: int
) -> Figure | None:
    """The figure of a name: the one behind it, or the one right before it ("65% ROE")."""
    term = names[i]
    limit = names[i + 1].start if i + 1 < len(names) else term.end + 400
    after = _after(view, term, [f for f in values if term.end <= f.start < limit and f.start not in used], head)
    before = next((f for f in reversed(values) if f.end <= term.start), None)
    if before is not None and (
        before.start in used
        or (before.kind == "plain" and not _bare_multiple(view, before, term))
        or not _BEFORE.match(view[before.end : term.start])
        or (term.field != "other" and not fits(term.field, before, alone=False))
    ):
        before = None
    if before is None or after is None:
        return after or before
    strong = re.match(r"[ ]?(?:\([^()]{0,30}\))?[ ]?(?:[:=(]|of\b|at\b|is\b|stands\b)", view[term.end : term.end + 50])
    if strong or before.status in (BOUND, RANGE) or not _leads(view, before, start):
        return after
    return before


def _bare_multiple(view: str, figure: Figure, term: Term) -> bool:
    """ "a 29.3 Price to Book Value": a multiple without its sign right before its name."""
    if term.field in ("pe", "pb") and view[figure.end : term.start] == " ke ":
        return True
    article = re.search(r"\b(?:an?|with)[ ]$", view[max(0, figure.start - 6) : figure.start])
    decimal = "." in view[figure.start : figure.end]
    return term.field in ("pe", "pb") and bool(article) and decimal and term.start - figure.end == 1


def _leads(view: str, figure: Figure, start: int) -> bool:
    """Words that introduce "65% ROE" stand before the figure."""
    before = view[max(start, figure.start - 12) : figure.start]
    return not before.strip() or bool(
        re.search(r"(?:[,(;:]|\b(?:a|an|and|with|at|has|of|its|the|delivers?))[ ]?$", before)
    )


def _after(view: str, term: Term, following: list[Figure], start: int) -> Figure | None:
    """The figure behind a name: of a row, a series or a movement the newest, else the first."""
    if not following or following[0].start - term.end > MAX_GAP:
        return None
    figure, later = following[0], following[1] if len(following) > 1 else None
    if (row := _row(figure, following, view)) > 1:
        return _of_row(view, start, term, following[:row])
    if later is not None:
        if present := newest_told(view, term, following):
            return present
        series = series_of(view, term, following)
        if series is not None:
            return series[0] if series else None
    return _moved(view, term, following) if _linked(view, term.end, figure.start) else None


def _chained(view: str, following: list[Figure]) -> Figure | None:
    """The last of "0.6 -> 0.4 -> 0.3", a movement of three and more figures."""
    size = 1
    while size < len(following) and _ARROW.fullmatch(view[following[size - 1].end : following[size].start]):
        size += 1
    return following[size - 1] if size > 2 else None


_ARROW = regex(r"[ ]?(?:\u2192|-{1,2}>|=>)[ ]?")


def _moved(view: str, term: Term, following: list[Figure]) -> Figure | None:
    """Of "from 15 % to 17 %" the second figure, of "by 2 %" none, of "$1 bn (₹8,000 crore)" the one in rupees."""
    figure, later = following[0], following[1] if len(following) > 1 else None
    gap = view[term.end : figure.start]
    behind = view[figure.end : later.start] if later is not None else ""
    moved = later is not None and bool(_TO.match(behind))
    if later is not None and figure.foreign and later.rupees and _IN_RUPEES.match(behind):
        return later
    if moved and later is not None and (steps := series_of(view, term, following[1:])):
        return steps[0]
    if _FROM.search(gap):
        return later if moved else None
    if (chain := _chained(view, following)) is not None:
        return chain
    if moved and (_CHANGE.search(gap) or re.match(r"[ ]?(?:\u2192|->)", behind)):
        return later
    return None if _CHANGE.search(gap) and term.field not in GROWTH else figure


def _row(figure: Figure, following: list[Figure], view: str) -> int:
    """How many figures stand in a row with nothing between them."""
    size = 1
    while size < len(following) and not view[following[size - 1].end : following[size].start].strip(" "):
        if following[size].kind != figure.kind and view[following[size].start] in "+-":
            break  # the change beside a figure: "138.0 +68.9%"
        size += 1
    return size


def _of_row(view: str, start: int, term: Term, row: list[Figure]) -> Figure | None:
    """Of figures in a row the newest, if as many periods are told before the name; else none."""
    run: list[tuple[str, Time, int]] = []
    heads: list[tuple[str, Time, int]] = []
    for match in PERIODS.finditer(view, max(start, term.start - 6000), term.start):
        told = head_time(match[0])
        if told:
            run = (
                [*run, (match[0], told, match.end())]
                if run and not view[run[-1][2] : match.start()].strip(" ,|/")
                else [(match[0], told, match.end())]
            )
            heads = run if len(run) == len(row) else heads
    if not heads:
        return None
    return row[max(range(len(row)), key=lambda n: (0, 0) if words.not_own(heads[n][0]) else heads[n][1])]


_REMARK = regex(
    r",[ ](?!which\b|while\b|but\b)[a-z](?:[^,.;:\d()]|\d{1,2}:\d{1,2}(?!\d)){3,60},"
    r"(?=[ ](?:is|are|stands|stood|remains)\b)"
)
"""What stands between commas before the verb: "book value, adjusted for the bonus, is"."""


def _linked(view: str, start: int, end: int) -> bool:
    """The words between a name and a figure only link the two."""
    gap = PAREN.sub(lambda m: " " if not figures(m[0], 0, len(m[0])) else m[0], view[start:end])
    gap = _REMARK.sub(" ", gap)
    if len(gap) > MAX_GAP or _CUT.search(gap) or _COMMA.search(gap) or gap.count("(") > 1 or ")" in gap.split("(")[0]:
        return False
    unknown = [w for w in WORD.findall(gap) if w.lower().rstrip(".") not in _LINKS and not re.match(r"FY|Q\d", w)]
    return len(unknown) <= 2 and len(WORD.findall(gap)) <= 9
