"""Names of companies within a text: at the head of a line, before a verb of reporting, called Limited."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.companies import ends_like, is_known_name, known_names, matches
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span, word_set

_TOPIC = regex(
    r"\b(?:results?|quarter\w*|financials?|performance|highlights?|key|metrics?|revenues?|sales"
    r"|profits?|ebitda|eps|margins?|guidance|outlook|summary|overview|details?|data|analysis|growth"
    r"|strengths?|concerns?"
    r"|risks?|drivers?|segments?|notes?|sources?|statement|extract|(?:un-?)?audited|income|balance|cash|debt|dividends?"
    r"|management|commentary|positives?|negatives?|valuation|stock|price|targets?|analysts?|views?"
    r"|takeaway|conclusion"
    r"|snapshot|updates?|earnings|period|information|ratios?|profitability|year|consolidated"
    r"|standalone|particulars|net|total|capacity|goal|focus|leadership|operating|operational|loss|pat"
    r"|nii|npa|gross|market"
    r"|share|shares|q[1-4]\w*|fy\d*|h[12]|9m|ytd|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|deposits?|advances|loans?|asset|quality|expenses?|costs?"
    r"|capex|orders?"
    r"|order|volumes?|strategy|strategic|recommendation|rating|next|recent|latest|current|previous"
    r"|about|disclaimer|references?|citations?|board|agenda|currency|unit|basis|company|symbol|sector"
    r"|industry|draft|final"
    r"|answer|table|report|press|release|date|headline|why|what|how|important|investor|business"
    r"|auditor|red|free|average|write-?off|capital|top|other|others|region|geograph\w+|customers?"
    r"|clients?|headcount"
    r"|attrition|deal|deals|wins?|export|exports|domestic|india|international|per|basic|diluted|title"
    r"|description|content|author|publishedat|name|id|note|url|tax|interest|cost|exceptional|charges"
    r"|subject|sequential|qoq|yoy)\b",
    re.IGNORECASE,
)
_IN_NAMES = regex(r"(?<=\w)\s(?:India|International|Asset|Management|Company)\b")
"""Words of reports that companies have in their names as well, behind a first word of their own."""
_BRANCH_IN_INDIA = regex(
    r"(?!(?:In|Of|From|Across|Rest|Make|Made|All|Pan|North|South|East|West|Non|Ex|Domestic|Retail|Digital|Business"
    r"|Central|Rural|Urban|Core|Total|Overall|International|New|Air|The|And|For|While|Market|Sales|Revenue|Consumer"
    r"|Services?|Products?|Standalone|Consolidated|Pharma|Foods?|Beverages?|Formulations?|Generics?|Power|Steel|Paints"
    r"|Cement|Chemicals?|Auto\w*|Retailing|Wireless|Mobile|Enterprise|Logistics|Hotels?|Hospitals?|Group|Company"
    r"|Bank|Limited|Its|Our|Their|Across|Within|Outside|Beyond|Entire|Whole|Branded|Premium|Mass|Home|Personal|Care"
    r"|Health|Nutrition|Seeds|Crop|Agro|Agri|Specialty|Engineering|Infra\w*|Energy|Oil|Gas|Metals?|Media|Telecom)\b)"
    r"[A-Z0-9][A-Za-z0-9&'.-]{2,20} India"
)
"""A brand and its country: "Bata India"; "North India" is a region and "Retail India" a part of a company."""
_NO_NAME = regex(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}[-' ]{1,2}\d{2,4}$"
    r"|(?:\S+ )?[A-Z]\w+-(?:head)?(?:quartered|based|listed|owned|run|backed|led)$",
    re.IGNORECASE,
)
"""A date, or only where a company is from."""
_STRONG = regex(
    r"\b(?:Ltd|Limited|Bank|Industries|Motors|Pharma\w*|Steel|Cements?|Technologies|Infotech|Finance"
    r"|Financial Services|Power|Energy|Chemicals?|Petroleum|Electricals?|Electronics|Enterprises|Ports"
    r"|Laboratories|Labs|Foods"
    r"|Airlines|Insurance|Logistics|Textiles|Corp|Corporation|Infra\w*|Retail|Paints|Consumer"
    r"|Healthcare|Hospitals?|Holdings|Systems|Products|Fertili[sz]ers|Sugars?|Hotels|Auto|Tyres|Wires"
    r"|Cables|Realty|Securities)\b"
)
_NOUNS = regex(
    r"net profit|net loss|loss|EBITDA|profit|revenue|consolidated|standalone|q[1-4]|PAT|shares", re.IGNORECASE
)
_VERBS = (
    r"reported|reports|posted|posts|made|recorded|records|suffered|experienced|registered|registers|clocked"
    r"|logged|had|announced|announces|witnessed|saw|swung|earned|has reported"
    r"|has posted|net profit|net loss|loss|EBITDA|profit|revenue|consolidated|standalone|[qQ][1-4]|PAT|shares"
)
_NAME = r"[A-Z0-9][\w&.-]{0,60}(?:[ ](?:[A-Z(&][\w&.()-]{0,60}|of|and|&)){0,6}"
_ASIDE = r"(?:,[ ](?:meanwhile|however|too|also|separately|(?:in|by|for|on)[ ](?:[a-z]+[ ]){0,3}[a-z]+)(?=,))?,?"
"""Words between a company and its verb: "Acme Metals, meanwhile, saw"."""
_SUBJECT = regex(
    rf"(?<![\w'])(?<!\d[,.])(?!\d[\d.,]*[ ]\()"
    rf"(?!\d[\d.,]*[ ]{{1,2}}(?i:crores?|crs?|lakhs?|lacs?|million|billion|mn|bn)\b)"
    rf"(?P<name>{_NAME}?)(?:'s?[ ](?:\w+[ ]){{0,2}}"
    rf"|{_ASIDE}[ ](?:(?:on[ ]\w+day|also|too|has"
    rf"|have"
    rf"|its|group|the|(?:Ltd|Limited)\.?)[ ])?)(?=\(?(?:{_VERBS}))"
)
COLON = regex(rf"\s*(?P<name>{_NAME})\s{{0,3}}(?:\([^()\n]{{1,40}}\)\s{{0,2}})?(?::|-\s|\|\s)")
_APPOSED = regex(
    rf"\s*(?P<name>{_NAME})(?:[ ]\([^()\n]{{2,30}}\))?"
    rf"(?:,?[ ](?:in|of|from)[ ](?:the[ ])?[a-z][^,.;:\n]{{2,40}}?|,[ ](?:an?|the|which|India's"
    rf"|one)[ ][^,.;:\n]{{3,70}},)?"
    rf"[ ](?=(?:also[ ]|too[ ]|has[ ]|have[ ])?(?:{_VERBS}|achieved|delivered|earned|booked|saw|sees|swings|slips"
    rf"|swung|slipped))"
)
"""A sentence that opens with a name, its line of business, and a verb: "Acme Metals in the metals sector reported"."""
_LIMITED = regex(
    r"(?<![\w&])([A-Z][\w&.'-]{0,60}(?:[ ](?:[A-Z&(][\w&.'()-]{0,60}|of|and)){0,7}[ ]{1,2}"
    r"(?:Limited|LIMITED|Ltd|LTD)\b)"
)
_EXCHANGES = regex(r"BSE|NSE|Stock Exchange|Depositor|Formerly|Bombay|Securities|Registrar", re.IGNORECASE)
OFFICE = regex(
    r"^.*\b(?:Board|Directors|Shareholders|Members|Results|Statement|Secretary|Meeting|Office)\b(?: of)?(?: the)? ?"
)
"""What stands before a company's name in the letters it writes: "Board of Directors of"."""
SEQUENCE = regex(r"(?<![\w&])[A-Z][\w&.-]*(?:[ ](?:[A-Z&][\w&.-]*|of|and|&)){0,6}")


_DESCRIBED = regex(r"^[A-Z][a-z]+-(?:run|owned|based|listed|backed|controlled|promoted|led|headquartered)\s")
"""What reports put before a company's name: "State-run"."""


def lead_name(words: str) -> str:
    """The name a heading, a bullet or a table row starts with, without number, bold marks and what follows it."""
    words = re.sub(r"^[^\w(&]*(?:\d{1,2}[.)]\s+)?[^\w(&]*", "", words[:160].replace("*", " ").replace("_", " "))
    return re.split(r"\s*(?::|\s-\s|\||,\s|\s--|\n)", words)[0].strip()[:90]


def like_company(name: str) -> bool:
    """A short capitalised name without a word of reports in it."""
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    words = bare.split()
    if (
        not 1 <= len(words) <= 7
        or not (bare[0].isupper() or bare[0].isdigit())
        or (len(words) == 1 and bare.strip(".,").replace(".", "").replace(",", "").isdigit())
    ):
        return False
    if is_known_name(bare) or _BRANCH_IN_INDIA.fullmatch(bare):
        return True
    if _NO_NAME.match(bare) or words[-1] in ("of", "and", "&"):
        return False
    if sum(w[0].isupper() or w[0].isdigit() or w in ("of", "and", "&") for w in words) != len(words):
        return False
    rest = _IN_NAMES.sub("", bare).split()
    inner = len(words) - len(rest)
    if inner and len(rest) + (inner >= 2) >= 2 and not _TOPIC.search(" ".join(rest)):
        return True
    return not _TOPIC.search(bare) or bool(re.search(r"\w[ ](?:Ltd|Limited|Bank|Industries)\b", bare))


_LINES_OF_BUSINESS = word_set(
    "auto automotive power energy retail consumer consumers products product services service finance financial steel "
    "cement cements chemicals chemical foods food hotels hotel paints textiles infra infrastructure electronics "
    "electricals logistics healthcare hospitals insurance realty pharma petroleum systems technologies airlines ports "
    "paper packaging wires cables tyres fertilizers fertilisers sugar sugars agri fmcg home personal care passenger "
    "commercial vehicles vehicle two wheeler wheelers industrial digital telecom media and & the other of oil gas "
    "to b2b b2c new renewable green specialty international domestic beauty fashion lifestyle motors securities"
)


def surely_company(name: str) -> bool:
    """A name that is a company's beyond doubt; words that only name lines of business are a segment's."""
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    return (
        bool(bare)
        and not all(w.lower().strip(".,") in _LINES_OF_BUSINESS for w in bare.split())
        and len(bare.split()) <= 7
        and (
            is_known_name(bare)
            or bool(_BRANCH_IN_INDIA.fullmatch(bare))
            or (bool(_STRONG.search(bare, 1)) and like_company(name))
        )
    )


_IN_LIST = regex(
    rf";\s{{0,3}}(?P<name>{_NAME}?)(?:'s)? (?=[Qq][1-4] (?:net |consolidated )?(?:profit|PAT|loss|revenue)\b)"
)
"""One more company of a list: "; Acme Q3 PAT Rs 25 crore"."""
NO_HEADS = word_set("reported adjusted headline core overall group company its the strong record while but and also q")


def subject(view: str, start: int, end: int, symbol: str | None = None) -> str | None:
    """The company a clause is about, by its name before a verb of reporting or a colon."""
    lead = COLON.match(view, start, min(end, start + 120))
    if lead and (
        surely_company(lead["name"]) or (symbol and like_company(lead["name"]) and matches(symbol, lead["name"]))
    ):
        return lead["name"]
    listed = _IN_LIST.match(view, start, end)
    if listed and like_company(listed["name"]) and listed["name"].split()[0].lower() not in NO_HEADS:
        return listed["name"]
    apposed = None if lead else _APPOSED.match(view, start, min(end, start + 240))
    if apposed and (surely_company(apposed["name"]) or (symbol and matches(symbol, apposed["name"]))):
        return _DESCRIBED.sub("", apposed["name"])
    for match in _SUBJECT.finditer(view, start, end):
        noun = _NOUNS.match(view, match.end())
        name = re.sub(
            (
                r"^(?:[A-Z][a-z]+-(?:run|owned|based|listed|backed|controlled|promoted|led|headquartered)|The|On|In"
                r"|For|Meanwhile|However|Private|State-owned|Lender|Lenders|Drugmaker|Automaker"
                r"|MUMBAI|New|Delhi|While|But|And|As|After)\s"
            ),
            "",
            match["name"].strip(" .,'"),
        )
        if re.match(
            (
                r"(?:Firm|Company|Lender|Bank|Group|Management|Board|Promoters?|Analysts?|Government|Drug|Street"
                r"|CEO|CFO|MD|Chairman|Crores?|Crs?|Lakhs?|Lacs?|Million|Billion|Mn|Bn)$"
            ),
            name,
        ):
            continue
        name = next(
            (
                " ".join(w)
                for k in range(len(name.split()))
                if symbol and matches(symbol, " ".join(w := name.split()[k:]))
            ),
            name,
        )
        noun = None if view[match.end("name") : match.end("name") + 1] == "'" else noun
        if surely_company(name) or (
            not noun
            and like_company(name)
            and (
                len(name.split()) >= 2
                or not re.match(r"(?:It|This|That|They|We|He|She|A|An|The|Its|Their|And|But)\b", name)
            )
        ):
            return name
    return None


def limited(view: str) -> set[str]:
    """The companies the text calls Limited, stock exchanges aside."""
    names = {_DESCRIBED.sub("", OFFICE.sub("", m[1])) for m in _LIMITED.finditer(view[:8000])}
    return {n for n in names if n and not _EXCHANGES.search(n)}


def own_names(view: str, symbol: str) -> list[Span]:
    """The names of the company that end in a word for a line of business, which alone would be a part of it."""
    found: list[Span] = []
    titled = ""
    for start, end in mentions(view, symbol):
        words = view[start:end].split(" ")
        named = len(words) > 1 and symbol == words[0].upper() and re.match(r"[A-Z][a-z]{2}", words[1])
        if named and start < _TITLE and not titled and not known_names(symbol):
            titled = " ".join(words[:2])  # a text about Chalet Hotels names CHALET so in its first line
        sizes = (n for n in range(min(4, len(words)), 1, -1) if ends_like(symbol, words[n - 1].strip(".,").lower()))
        size = next(sizes, 2 if titled and " ".join(words[:2]) == titled else 0)
        stop = start + len(" ".join(words[:size]))
        if size and not re.match(r"\s*[|:(]|,\S|\t", view[stop : stop + 6]):
            found.append((start, stop))
    return found


_TITLE = 100
"""Characters of a text that are its title."""


_PERIOD_WORD = regex(r"(?:Q[1-4]|H[12])(?:FY)?[\d-]*$|FY[\d-]*$")


def mentions(view: str, symbol: str) -> list[Span]:
    """Where the text names the company somewhere within its sentences."""
    found: list[Span] = []
    for match in list(SEQUENCE.finditer(view))[:600]:
        words = match[0].split(" ")
        dated = sum(bool(_PERIOD_WORD.match(w)) for w in words[:4])  # "In Q1 FY26 Acme Metals"
        for skip in range(min(3 + dated, len(words))):
            if (
                not _PERIOD_WORD.match(words[skip])
                and words[skip][0].isupper()
                and len(words) - skip <= 5
                and matches(symbol, " ".join(words[skip:]))
            ):
                found.append((match.end() - len(" ".join(words[skip:])), match.end()))
                break
    return found


PERIOD_ON = regex(r"\s+(?:\(?(?:Q[1-4]|[1-4]Q|FY ?'?\d|H[12]|9M)|results?\b|earnings\b).*$", re.IGNORECASE)
_LEAST_WORDS = 2


def initials(view: str, symbol: str) -> set[str]:
    """The letters that may stand for the company's name, with and without its Limited: "AMT", "AMTL"."""
    names = [PERIOD_ON.sub("", view[a:b]).split() for a, b in mentions(view, symbol)]
    letters = {"".join(w[0] for w in n if w[0].isupper()) for n in names if len(n) >= _LEAST_WORDS}
    return {v for t in letters for v in (t, t + "L") if len(v) > _LEAST_WORDS}


def also_called(view: str, name: str, symbol: str) -> bool:
    """The company's own short name stands in brackets behind a longer one: "Acme Asset Management (ALAM India)"."""
    behind = re.escape(name) + r"(?: (?:Ltd|Limited)\.?)?[ ]?\(([A-Z][^()]{1,30})\)"
    inside = re.findall(r"\(([A-Z][^()]{1,30})\)", name)
    return any(matches(symbol, n) for n in (*inside, *(m[1] for m in re.finditer(behind, view))))
