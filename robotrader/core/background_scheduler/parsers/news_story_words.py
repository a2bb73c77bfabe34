"""A headline as words in one spelling, figures, quarters, acts and denials, and what parts two of them."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from robotrader.core.background_scheduler.parsers.company_names import KNOWN_NAMES
from robotrader.core.background_scheduler.parsers.news_publishers import tail_publisher
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set


class Told(NamedTuple):
    """What a headline tells.

    Attributes:
        plain: all its words in one spelling, in order; words: the telling ones; names: those that are names.
        figures: its amounts and shares, unit first; quarters: the quarters and years it is about.
        acts: what is done; denied: something in it is denied, called off or refused; actor: the names before the act.
    """

    plain: str
    words: frozenset[str]
    names: frozenset[str]
    figures: frozenset[str]
    quarters: frozenset[str]
    acts: frozenset[str]
    denied: bool
    actor: frozenset[str]


_ACTS = {
    "win": (
        "win wins won bag bags bagged secure secures secured land lands landed clinch clinches "
        "clinched receives received get gets got awarded"
    ),
    "up": "up rise rises rose jump jumps jumped surge surges surged grow grows grew climb climbs "
    "climbed soar soars soared zoom zooms zoomed"
    " increase increases increased advance advances advanced rally rallies rallied higher gain gains gained",
    "down": "down fall falls fell drop drops dropped decline declines declined slip slips slipped "
    "plunge plunges plunged tumble tumbles tumbled"
    " sink sinks sank dip dips dipped slump slumps slumped crash crashes crashed lower tank "
    "tanks tanked decrease decreases decreased",
    "acquire": (
        "acquire acquires acquired acquiring acquisition buy buys bought buying takeover purchase purchases purchased"
    ),
    "sell": "sell sells sold selling divest divests divested divestment offload offloads offloaded",
    "appoint": "appoint appoints appointed appointing appointment name names named elevate elevates elevated hires",
    "resign": "resign resigns resigned resignation quit quits exits steps",
    "raise": "raise raises raised raising hike hikes hiked",
    "cut": "cut cuts cutting slash slashes slashed trim trims trimmed reduce reduces reduced lowers lowered",
    "upgrade": "upgrade upgrades upgraded",
    "downgrade": "downgrade downgrades downgraded",
    "launch": "launch launches launched launching unveil unveils unveiled introduce introduces introduced",
    "approve": "approve approves approved approval nod clears cleared clearance okays",
    "reject": "reject rejects rejected refuses refused dismisses dismissed",
    "beat": "beat beats beating tops topped exceeds",
    "miss": "miss misses missed",
    "open": (
        "open opens opened opening commission commissions commissioned commences commenced start "
        "starts started inaugurates"
    ),
    "close": "shut shuts halts halted suspends suspended closes closed stops stopped",
    "sign": "sign signs signed inks inked",
    "lose": "lose loses lost",
    "merge": "merge merges merged merger amalgamation",
    "demerge": "demerge demerges demerged demerger",
    "invest": "invest invests invested investing investment",
}
_ACT_OF = {word: act for act, words in _ACTS.items() for word in words.split()}
_AGAINST = (
    ("up", "down"),
    ("acquire", "sell"),
    ("appoint", "resign"),
    ("raise", "cut"),
    ("upgrade", "downgrade"),
    ("approve", "reject"),
    ("beat", "miss"),
    ("open", "close"),
    ("win", "lose"),
    ("merge", "demerge"),
    ("profit", "loss"),
)
_DENIAL = word_set(
    "deny denies denied denying denial no not never without rejects reject rejected refutes "
    "refute refuted dismisses dismiss cancels cancel cancelled"
    " canceled terminates terminated withdraws withdraw withdrawn withdrew scraps scrapped "
    "drops-plan rules-out calls-off called-off fails failed fail delays"
    " delayed defers deferred postpones postponed halts halted suspends suspended revokes "
    "revoked stays stayed unlikely shelves shelved rumour rumours"
    " rumor rumors clarifies clarified clarification false isn't won't doesn't didn't cannot can't abandons abandoned"
)
_STOP = word_set(
    "a an the of in on at to for from by with and or as is are was were be been its it's "
    "their this that these those after amid over via through into"
    " about how why what all you need know here check details report reports reported says "
    "said say sees has have had will would may to new india indian"
    " limited ltd company co inc corp pvt private today news update share shares stock "
    "stocks rs inr usd worth nearly around approx more than first"
    " per cent percent crore lakh million billion quarter year results result fy exclusive "
    "breaking live latest against under per which who now also"
    " s t announces announced announce"
)
_SPELLED = (
    (regex(r"\b(?:first|1st) quarter\b|\bjune quarter\b|\b1q(?=\W|fy|$)|\bapril-june\b"), " q1 "),
    (
        regex(r"\b(?:second|2nd) quarter\b|\bseptember quarter\b|\bsept? quarter\b|\b2q(?=\W|fy|$)|\bjuly-september\b"),
        " q2 ",
    ),
    (
        regex(r"\b(?:third|3rd) quarter\b|\bdecember quarter\b|\bdec quarter\b|\b3q(?=\W|fy|$)|\boctober-december\b"),
        " q3 ",
    ),
    (regex(r"\b(?:fourth|4th) quarter\b|\bmarch quarter\b|\b4q(?=\W|fy|$)|\bjanuary-march\b"), " q4 "),
    (regex(r"(?<=q[1-4])(?=fy)"), " "),
    (
        regex(r"\bfy\s?'?(?:20)?\d\d\s?[-/]\s?(?:20)?(\d\d)\b|\bfy\s?'?(?:20)?(\d\d)\b"),
        lambda m: f" fy{m[1] or m[2]} ",
    ),
    (regex(r"\u20b9|\brs\.?(?=\s?\d)|\binr(?=\s?\d)"), " rs "),
    (regex(r"\bus\s?\$|\busd(?=\s?\d)"), " $"),
    (regex(r"\brules? out\b|\bruled out\b"), " rules-out "),
    (regex(r"\bcall(?:s|ed)? off\b"), " called-off "),
    (regex(r"\bm&m\b"), " m&m "),
)
_FIGURE = regex(
    r"(?P<money>rs|\$|\u20ac|\u00a3)?\s?(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<unit>lakh "
    r"crores?|lakhs?|crores?|cr|mn|million|bn|billion|tn|trillion|%|per cent|percent|bps"
    r"|basis points|mw|gw"
    r"|mtpa|x|k)\b|\s?(?P<share>%))?"
)
_TIMES = {
    "lakh crore": 12,
    "lakh crores": 12,
    "lakh": 5,
    "lakhs": 5,
    "crore": 7,
    "crores": 7,
    "cr": 7,
    "mn": 6,
    "million": 6,
    "bn": 9,
    "billion": 9,
    "tn": 12,
    "trillion": 12,
    "k": 3,
}
_QUARTER = regex(r"\b(?:q[1-4]|h[12]|9m|fy\d\d)\b")
_WORD = regex(r"[^\W\d_][\w&'-]*|\d[\w&-]*[a-z][\w&-]*")
_MARKS = regex(r"[^\w%$&+.-]+|[.-](?!\w)")
_LONGEST = 400


def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    owners = {name.lower(): symbol.lower() for symbol, names in KNOWN_NAMES.items() for name in (symbol, *names)}
    found = sorted(owners, key=len, reverse=True)
    return regex(rf"(?<![\w&])(?:{'|'.join(re.escape(n) for n in found)})(?:\s(?:ltd|limited)\b\.?)?(?![\w&])"), owners


_KNOWN, _OWNER = _names()
_OWNED = frozenset(_OWNER.values())


def _one_name(match: re.Match[str]) -> str:
    name = re.sub(r"\s(?:ltd|limited)\.?$", "", match[0])
    return f" {_OWNER.get(name, name)} "


def _figure(match: re.Match[str]) -> str:
    number = Decimal(match["number"].replace(",", ""))
    unit = (match["unit"] or match["share"] or "").strip()
    if unit in ("%", "per cent", "percent"):
        return f"%{number.normalize():f}"
    if unit in ("bps", "basis points", "mw", "gw", "mtpa", "x"):
        return f"{unit[:3]}{number.normalize():f}"
    scaled = number.scaleb(_TIMES.get(unit, 0))
    return f"{match['money'] or '#'}{scaled.normalize():f}"


@lru_cache(maxsize=16384)
def told(headline: str) -> Told:
    """The headline in one spelling. Pure, and fast for headlines that come again."""
    span = tail_publisher(headline, None)
    words = headline[: span[0]].rstrip(" -|\u2013\u2014") if span else headline
    words = unicodedata.normalize("NFKC", html.unescape(words[:_LONGEST])).replace("\u2019", "'")
    proper = {w.lower() for w in re.findall(r"(?<![\w&])[A-Z][\w&'-]*", words)}
    low = words.lower()
    for pattern, spelled in _SPELLED:
        low = pattern.sub(spelled, low)
    low = _KNOWN.sub(_one_name, low)
    quarters = frozenset(_QUARTER.findall(low))
    rest = _QUARTER.sub(" ", low)
    figures = frozenset(_figure(m) for m in _FIGURE.finditer(rest) if _counts(rest, m))
    bare = [w.strip("'-") for w in _WORD.findall(_FIGURE.sub(lambda m: " " if _counts(rest, m) else m[0], rest))]
    tokens = [_ACT_OF.get(w, w) if w in _ACT_OF else _stem(w) for w in bare if w and w not in _STOP]
    named = frozenset(
        t for t, w in zip(tokens, (w for w in bare if w and w not in _STOP), strict=True) if w in proper or w in _OWNED
    )
    acts = frozenset(t for t in tokens if t in _ACTS)
    first = next((i for i, t in enumerate(tokens) if t in _ACTS), len(tokens))
    actor = frozenset(t for t in tokens[:first] if t in named and t not in _ACTS)
    keep = frozenset(tokens)
    return Told(
        " ".join(_MARKS.sub(" ", low).split()),
        keep,
        named - acts,
        figures,
        quarters,
        acts,
        any(w in _DENIAL for w in bare),
        actor,
    )


def _counts(low: str, match: re.Match[str]) -> bool:
    """The number stands for itself: not within a word (tier2, 3mindia)."""
    before = low[match.start("number") - 1 : match.start("number")]
    after = low[match.end() : match.end() + 1]
    return not (before.isalpha() or after.isalpha())


def _stem(word: str) -> str:
    word = re.sub(r"'s?$", "", word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _kinds(figures: Iterable[str]) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {}
    for figure in figures:
        match = re.match(r"(\D*)(.*)$", figure)
        if match and match[2]:
            found.setdefault(match[1], []).append(Decimal(match[2]))
    return found


def _close(one: Decimal, two: Decimal) -> bool:
    """One can be the other rounded."""
    return one == two or abs(one - two) <= max(abs(one), abs(two)) * Decimal("0.004")


def _differ(one: frozenset[str], two: frozenset[str]) -> bool:
    """Both have figures of a kind, and each has one that the other does not have."""
    first, second = _kinds(one), _kinds(two)
    for kind in first.keys() & second.keys():
        left = [n for n in first[kind] if not any(_close(n, o) for o in second[kind])]
        right = [n for n in second[kind] if not any(_close(n, o) for o in first[kind])]
        if left and right:
            return True
    return False


def apart_in_time(first: Told, second: Told) -> bool:
    """The two are about different quarters or years."""
    one, two = first.quarters, second.quarters
    return bool(one and two) and not (one <= two or two <= one)


def conflict(first: Told, second: Told) -> bool:
    """Something in one headline speaks against its telling what the other tells."""
    if first.denied != second.denied or apart_in_time(first, second):
        return True
    if _differ(first.figures, second.figures):
        return True
    for one, two in _AGAINST:
        if (one in first.words) != (one in second.words) and (two in first.words) != (two in second.words):
            return True
    if first.actor and second.actor and not first.actor & second.actor:
        return True
    return bool(first.names - second.words) and bool(second.names - first.words)
