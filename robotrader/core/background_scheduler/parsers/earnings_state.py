"""How far the reading of a sentence has come, and the words that need no thought or rule a reading out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import word_set

ONE_OFF = regex(
    r"[ ](?:(?:from|on|through|via|by|after|upon)[ ](?:the[ ]|a[ ]|an[ ]|its[ ])?(?:\w+[ ])?(?:sale\b|disposal"
    r"|divest|monetis|revaluation|exit)"
    r"|(?:due[ ]to|because[ ]of|owing[ ]to|on[ ]account[ ]of|from|in)[ ](?:a[ ]|an[ ]|the[ ])?(?:\w+[ ])?"
    r"(?:fire|flood|fraud|theft|accident|cyber|forex|foreign[ ]exchange|derivative|hedg|currency|revaluation))",
    re.IGNORECASE,
)
"""The profit or loss of one event is not that of the quarter."""
GAP = {"money": 7, "percent": 5}
SEGMENTS = word_set(
    "combined cumulative "
    "hfc nbfc amc uk emea apac americas netherlands "
    "retail services service digital mobile export exports domestic india us usa europe north pharma "
    "product products subscription license advertising "
    "premium online offline beauty fashion cloud o2c telecom jio energy upstream downstream segment "
    "division vertical business unit subsidiary arm growth-brand "
    "brand international overseas rental ev fmcg agri food foods hotel hotels insurance lending "
    "wealth automotive auto tractor power cement chemical chemicals "
    "steel aluminium zinc copper oil gas petrochemicals refinery marketing edible segmental category "
    "per store hospital hospitals diagnostics api formulations "
    "generics branded constituent subsidiaries associate associates industry sector peer "
    "company-wide commercial residential leasing annuity defence railway "
    "emerging deposit loan gross operating credit ad engine"
)
PLAIN = word_set(
    "rs cr crs crore crores lakh lakhs lacs inr mn million garnered netted bagged fetched yielded raked "
    "the its their a an in of to and on with strong robust record higher lower quarterly reported "
    "posted recorded recording reporting posting saw seen total overall "
    "net gross for by at as is was were stood healthy sharp steady solid weak muted flat quarter "
    "stable subdued decent better good soft tepid maiden consistent stellar resilient moderate massive huge mixed "
    "all-time lower-than-expected "
    "highest ever highest-ever company company's firm firm's bank bank's "
    "lender's group group's our we that which both year-on-year year-over-year yoy qoq underlying "
    "headline core-adjusted standalone consolidated clocked registered "
    "achieved delivered generated earned marks key or plus includes also while current same "
    "double-digit single-digit significant modest marginal estimated "
    "sirf raha rahi rahe ka ki ke ko ne se hua hui mein kul aur jo jabki terms highlighted said says announced "
    "announces noted disclosed declared indicated reports posts clocks shows showed "
    "logged booked notched witnessed where whose after as per because since despite amid drove lifted boosted "
    "helped aided supported pushed driving lifting boosting including consecutive 's gave gives gained "
    "better-than-expected aggregate quarter's impressive q1 q2 q3 q4 s o"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines around say: the period, the basis, the comparison, the figure that is spoken of.

    ``told`` is a figure whose amount the line above has already.
    """

    period: Period | None = None
    basis: str | None = None
    against: str | None = None
    metric: Token | None = None
    told: Token | None = None


@dataclass(slots=True)
class State:
    """How far the reading of a sentence has come."""

    period: Period | None
    basis: str | None
    own_period: bool = False
    metric: Token | None = None
    has_money: bool = False
    grown: set[str] = field(default_factory=set)
    gap: int = 0
    prior: int = -1
    prior_amount: bool = False
    future: bool = False
    spoken: bool = False
    part: bool = False
    listed: bool = False
    led: bool = False
    settled: int = 0
    foreign: bool = False
    aside: Period | None = None
    held: Period | None = None
    leading: Token | None = None
    leading_money: Token | None = None
    margin: Token | None = None
    facts: list[Fact] = field(default_factory=list)
