"""Which company a text speaks of: NSE symbols against names, without a directory of all companies."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from robotrader.core.background_scheduler.parsers.company_names import KNOWN_NAMES
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

_WORD = regex(r"[A-Za-z0-9]+(?:&[A-Za-z0-9]+)*")
_PERIOD = regex(r"(?:Q[1-4]\w*|[1-4]Q\w*|FY\d*|results?|quarter)$", re.IGNORECASE)
_SUFFIXES = word_set("mrs ltd limited inc pvt private corp corporation company co the of and india group plc llp")
_GROUPS = word_set(
    "hdfc icici tata bajaj adani jsw sbi lic reliance aditya godrej mahindra kotak axis birla indian "
    "india bharat hindustan "
    "national punjab shriram torrent bank state union central general oil max motilal sundaram"
)

_BRANCHES = word_set("hotels housing asset insurance mutual amc securities infotech realty")
"""What the companies of one group are told apart by."""
_INITIALS = 3
"""Letters of a symbol that is the short name of a whole group: "ITC" is not "ITC Hotels"."""
_INSURED = word_set("life general health allied")
"""Words of an insurer's short name, behind which "Insurance" tells no other company."""
_NEXT = regex(r" [A-Z][a-z]+|[ ](?:AMC)\b")


def name_words(name: str) -> list[str]:
    """The words of a name in lower case, without what every company is called."""
    words = [w.lower() for w in _WORD.findall(name[:120]) if not _PERIOD.match(w)]
    return [w for w in words if w not in _SUFFIXES] or words


def _is_piece(piece: str, word: str) -> bool:
    """``word`` may be shortened to ``piece``: its beginning, or its first letter and consonants in order."""
    if word.startswith(piece):
        return True
    if len(piece) < (2 if len(word) <= 4 else 3) or piece[0] != word[0]:
        return False
    at = 0
    for letter in piece:
        at = word.find(letter, at) + 1
        if at == 0:
            return False
    return len(piece) * 3 >= len(word)


@lru_cache(maxsize=4096)
def _made_of(symbol: str, words: tuple[str, ...], first: bool) -> bool:
    """``symbol`` is pieces of ``words`` in their order, the first word included; later words may be left out."""
    if not symbol:
        return True
    if not words:
        return False
    word, rest = words[0], words[1:]
    for size in range(min(len(symbol), len(word)), 0, -1):
        if size < 3 and first and len(words) < 3:
            break
        if _is_piece(symbol[:size], word) and _made_of(symbol[size:], rest, False):
            return True
    return not first and len(words) > 1 and _made_of(symbol, rest, False)


def known_names(symbol: str) -> tuple[str, ...]:
    """The names the small table has for a symbol."""
    return KNOWN_NAMES.get(symbol.upper(), ())


@lru_cache(maxsize=4096)  # a text names the same companies again and again
def matches(symbol: str, name: str) -> bool:
    """``name`` can well be the company whose symbol is ``symbol``."""
    symbol = symbol.upper()
    words = name_words(name)
    if not words or known_other(symbol, words) or _longer(symbol, words):
        return False
    if standing(symbol, name, "&-", "&-"):
        return True
    if any(_begins(words, name_words(k)) for k in known_names(symbol)):
        return True
    every = tuple(w.lower() for w in _WORD.findall(name[:120]))[:7]
    return _shortened(re.sub(r"(?<=...)LTD$|[^A-Z0-9]", "", symbol).lower(), words, every)


def _shortened(compact: str, words: list[str], every: tuple[str, ...]) -> bool:
    """A symbol in small letters is made of a name: its beginning, its initials, pieces of its words."""
    words, every = [w.replace("&", "") for w in words], tuple(w.replace("&", "") for w in every)
    if compact in (words[0], "".join(every)) or (len(compact) >= 4 and "".join(words).startswith(compact)):
        return True
    initials, all_initials = "".join(w[0] for w in words), "".join(w[0] for w in every)
    if len(compact) >= 3 and len(words) >= 2 and compact in (initials[:6], initials[:3], initials + "l", all_initials):
        return True
    if len(words) >= 2 and (_of_two(compact, words[0], words[1]) or _with_end(compact, initials)):
        return True
    return len(every) >= 2 and len(compact) >= 4 and any(_made_of(compact, w, True) for w in (tuple(words[:6]), every))


_ENDS = ("il", "icl", "cl", "c", "ltd")
"""What symbols write of "India Limited", "Corporation Limited", "Company"."""


def _with_end(compact: str, initials: str) -> bool:
    """Initials with the letters of the company's legal form, which a text leaves out: GIPCL, TRIL."""
    return len(initials) >= 3 and compact.startswith(initials) and compact[len(initials) :] in _ENDS


def _of_two(compact: str, first: str, second: str) -> bool:
    """The first letter or the whole first word, and the beginning of the second: FRETAIL, RCOM, ICICIPRULI, JSWHL."""
    initial = len(compact) >= 4 and compact[0] == first[0] and second.startswith(compact[1:])
    begun = len(first) >= 3 and len(second) >= 3 and compact.startswith(first + second[:3])
    return initial or begun or (len(first) >= 3 and compact == first + second[0] + "l")


def ends_like(symbol: str, word: str) -> bool:
    """A word of a name ends the symbol as well: Power of Tata Power ends TATAPOWER, Retail does not end RELIANCE."""
    compact = re.sub(r"[^A-Z0-9]", "", symbol.upper()).lower()
    return any(compact.endswith(word[:size]) for size in range(3, len(word) + 1))


def _begins(words: list[str], known: list[str]) -> bool:
    size = min(len(words), len(known))
    return size > 0 and words[:size] == known[:size] and (len(words) >= len(known) or size >= 2)


@lru_cache(maxsize=2048)
def _owner(name: str) -> str | None:
    words = name_words(name)
    best, size = None, 0
    for begin, symbol in _by_first_word().get(words[0], ()) if words else ():
        if len(begin) > size and words[: len(begin)] == begin and (len(begin) > 1 or len(words) == 1):
            best, size = symbol, len(begin)
    return best


@cache
def _by_first_word() -> dict[str, list[tuple[list[str], str]]]:
    """The words of each name of the table, and its symbol, by the first word: looked up for each name of a text."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    for symbol, names in KNOWN_NAMES.items():
        for begin in map(name_words, names):
            if begin:
                found.setdefault(begin[0], []).append((begin, symbol))
    return found


def known_other(symbol: str, words: list[str]) -> bool:
    """The table knows these words as another company's name."""
    owner = _owner(" ".join(words))
    return owner is not None and owner != symbol.upper() and not _shares(symbol, owner, words)


def _longer(symbol: str, words: list[str]) -> bool:
    """The words start as a name the table has for ``symbol`` does, and go on as another company of its group."""
    known = [name_words(k) for k in known_names(symbol)]
    kin = [k for k in known if len(k) > 1 and k[0] == words[0] and words[0] in _GROUPS]
    if kin and len(words) > 1 and not any(k[1] == words[1] for k in kin):
        return True
    if words[1:2] == ["finance"] and "FIN" not in symbol and words[:1] in known:
        return True
    further = _BRANCHES.intersection(words[1:3])
    if further and len(symbol) == _INITIALS and words[0] == symbol.lower():
        return True
    if any(words[: len(k)] == k and k[-1] in _INSURED for k in known):
        further -= {"insurance"}
    return bool(further) and any(k[0] == words[0] for k in known) and not any(further & set(k) for k in known)


def _shares(symbol: str, owner: str, words: list[str]) -> bool:
    """One company under two symbols, as after a change of its name."""
    own, other = ({" ".join(name_words(k)) for k in KNOWN_NAMES.get(s.upper(), ())} for s in (symbol, owner))
    return any(" ".join(words).startswith(name) for name in own & other)


def resembles(symbol: str, name: str) -> bool:
    """A weaker likeness, enough where a text has one company: the first word, or its letters in order."""
    if matches(symbol, name):
        return True
    words = name_words(name)
    if not words or known_other(symbol, words) or _longer(symbol, words):
        return False
    compact = re.sub(r"[^A-Z0-9]", "", symbol.upper()).lower()
    first = words[0]
    if first in _GROUPS:
        return False
    if len(first) >= 4 and (compact.startswith(first[:4]) and (compact.startswith(first) or _is_piece(compact, first))):
        return True
    if len(compact) <= 5 and compact[0] == first[0]:
        at = 0
        for letter in compact:
            at = first.find(letter, at) + 1
            if at == 0:
                break
        else:
            return True
    return any(len(w) >= 3 and compact == w for w in words)


def find_name(symbol: str, view: str) -> list[tuple[int, int]]:
    """Where ``view`` names the company in so many letters: its symbol as a token, or a name the table knows."""
    found = standing(symbol, view, "&", "", fold=len(re.escape(symbol)) > 4)
    small = view.lower()
    for name in known_names(symbol):
        if name.partition(" ")[0].lower() in small:
            words = re.escape(name).replace(r"\ ", r"\s{1,3}")
            flags = re.IGNORECASE if len(words) > 4 else 0
            found += [m.span() for m in re.finditer(rf"(?<![\w&]){words}(?![\w])", view, flags)]
    return sorted(
        s for s in found if not ((m := _NEXT.match(view, s[1])) and _longer(symbol, name_words(view[s[0] : m.end()])))
    )


def standing(word: str, view: str, before: str, after: str, *, fold: bool = False) -> list[tuple[int, int]]:
    """Where a word stands that is part of no longer one; ``before`` and ``after`` join words too, as letters do.

    There are as many symbols as companies: a pattern for each would have to be made anew for nearly every text.
    """
    if fold:
        word, view = word.lower(), view.replace("\u0130", "I").lower()  # the one letter that is two in small
    found, at = [], view.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        if not (_joins(view[at - 1 : at], before) or _joins(view[end : end + 1], after)):
            found.append((at, end))
            at = view.find(word, end)
        else:
            at = view.find(word, at + 1)
    return found


def _joins(letter: str, others: str) -> bool:
    return letter.isalnum() or letter == "_" or (letter != "" and letter in others)


def is_known_name(name: str) -> bool:
    """The table knows the words as a company's name, or as its symbol."""
    return _owner(name) is not None or name.strip().upper() in KNOWN_NAMES
