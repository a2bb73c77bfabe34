"""Who publishes: names of the press and of feeds, to tell "Headline - Mint" from a headline with a dash in it."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

_NAMES = """
economic times|the economic times|et|et markets|etmarkets|et now|etnow|et bureau|et online|ettech|et auto|etauto
et energyworld|etenergyworld|et realty|etrealty|et bfsi|etbfsi|et prime|economictimes
mint|livemint|live mint|moneycontrol|money control|money_control|cnbc-tv18|cnbc tv18|cnbctv18|cnbc|cnbc awaaz
business standard|business-standard|businessline|business line|the hindu businessline|the hindu business line
hindu businessline|hindu business line|the hindu|financial express|the financial express|times of india
the times of india|toi|ndtv profit|ndtv|bq prime|bloombergquint|bloomberg|reuters|thomson reuters|zee business
zeebiz|zee news|business today|businesstoday|india today|hindustan times|ht|indian express|the indian express
the print|theprint|the wire|outlook|outlook india|outlook business|outlook money
forbes india|forbes|fortune india|fortune|upstox|angel one|angelone|groww|zerodha|zerodha pulse|5paisa
trendlyne|screener|tickertape|investing|investing.com
yahoo finance|yahoo|google news|google finance|marketwatch|wall street journal|the wall street journal|wsj
financial times|ft|pti|press trust of india|ani|ians|uni|bse|nse|bse india|nse india|bse filing|nse filing
exchange filing|stock exchange filing|company filing|bse / nse exchange filing
pr newswire|prnewswire|business wire|businesswire|globenewswire|globe newswire|newsvoir|equitymaster|capital market
capital market live|stockedge|marketscreener|simply wall st|simply wall st.|vccircle|inc42|yourstory|entrackr|the ken
the morning context|money9|goodreturns|scanx|whalesbook|hdfc sky|hdfc securities|kotak securities|motilal oswal
iifl|iifl securities|icici direct|icicidirect|sharekhan|news18|cnn-news18|firstpost|dna|dna india|deccan herald
deccan chronicle|the tribune|the telegraph|telegraph india|the new indian express|new indian express
free press journal|the free press journal|techcrunch|medianama|autocar|autocar india|autocar professional
mercom|mercom india|barron's|seeking alpha|the statesman|the pioneer|millennium post|the week|scroll|scroll.in
rediff|rediff money|msn|msn money|benzinga|tradingview|pulse|siliconindia|express pharma|pharmabiz|nikkei asia
nikkei|ap|associated press|afp|xinhua|bbc|bbc news|the guardian|new york times|the new york times|washington post
business insider|business insider india|mathrubhumi|manorama|rttnews|devdiscourse|analytics insight|stocktwits
cogencis|informist|nasdaq|s&p global|fitch|crisil|icra|marketsmojo|markets mojo|dalal street
dalal street investment journal|dsij|value research|alphastreet|the core|semafor|quartz|swarajya|swarajyamag
republic world|abp live|times now
sakshi|eenadu|lokmat|dainik bhaskar|jagran|informed times|trade brains|tradebrains|stockgro|smallcase|fisdom|samco
univest|invezz|finshots|the daily brief|chittorgarh|ipo watch|ppfas|axis direct|nuvama|bajaj broking|choice
ventura|religare broking|lkp securities|geojit|anand rathi|prabhudas lilladher|jm financial|emkay|nirmal bang
""".strip()
_DESKS = (" news", " bureau", " desk", " online", " staff", " markets", " business")
KNOWN = frozenset(n.strip() for n in re.split(r"[|\n]", _NAMES))
_DOMAIN = regex(r"(?:www\.)?(?:[a-z0-9][a-z0-9-]{0,40}\.){1,3}(?:com|in|co\.in|org|net|co|news|co\.uk|gov\.in)$")
_NAME = regex(r"[A-Z0-9][\w&.'/+-]{0,30}(?: (?:[A-Z0-9&(|/-][\w&.'/+)-]{0,30}|of|the|and|in|for)){0,5}$")
_HINDI_NAME = regex(r"[\u0900-\u097f]{2,20}(?: [\u0900-\u097f]{2,20}){0,3}$")
_NO_NAME = regex(
    r"\b(?:Q[1-4]\w*|FY\w*|profit|revenue|shares?|results?|stock|crore|order|positive|negative|neutral|mixed|bullish"
    r"|bearish|high|medium|low|buy|sell|hold|earnings|regulatory|management|rating|other|impact|sentiment|updated?"
    r"|yesterday|today|ago|ltd|limited|link|read|more|nil|none|null|n/a|unknown|target|ceo|cfo|says?|approx\w*"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|expected|due|yoy|qoq"
    r"|company|board|meeting|intimation|announcements?|general|corporate|events?|live "
    r"updates?|watch|explained|here's|analysis|opinion|exclusive|how|why|what|check|details"
    r"|deal|stake|calls|views|digest|stories|highlights|round-?up|picks|ideas|movers|gainers|losers|ist)\b",
    re.IGNORECASE,
)
_EMPTY = regex(
    r"(?:null|none|nil|n\.?/?a\.?|unknown|not (?:available|specified|stated|mentioned|known|provided|disclosed)"
    r"|unspecified|unavailable|various|various sources|multiple|multiple sources|source|string"
    r"|\[?(?:removed|deleted)\]?|-+|\.+|\?+)$",
    re.IGNORECASE,
)


def is_empty(words: str) -> bool:
    """The words stand for nothing: null, N/A, not specified."""
    return not words.strip(" .-_?*\"'") or bool(_EMPTY.match(words.strip(" .*\"'()")))


def is_known(words: str) -> bool:
    """The words are the name of a publisher the table has, or of its desk."""
    name = " ".join(words.lower().strip(" .*_'\"()[]").split())
    return name in KNOWN or (name.endswith(_DESKS) and name.rpartition(" ")[0] in KNOWN)


def is_domain(words: str) -> bool:
    """The words are an internet domain, as search results name their source."""
    return len(words) < 80 and bool(_DOMAIN.match(words.lower().strip(" *_()[]")))


_TOWNS = word_set(
    "mumbai delhi new bengaluru bangalore chennai kolkata hyderabad pune ahmedabad gurugram gurgaon noida jaipur surat "
    "vadodara indore kochi coimbatore chandigarh lucknow nagpur goa bhubaneswar visakhapatnam thane mysuru mysore "
    "ranchi raipur bhopal london "
    "singapore york tokyo dubai india maharashtra gujarat karnataka telangana haryana kerala"
)
"""The first words of a dateline, which are no paper's name by themselves."""


def is_place(words: str) -> bool:
    """The words are a town or a region and nothing else."""
    named = words.lower().replace(",", " ").strip(" .*_'\"()[]").split()
    return bool(named) and all(w in _TOWNS for w in named)


def like_name(words: str) -> bool:
    """The words can be a publisher's name where a date beside them says that they stand for the origin."""
    words = words.strip(" .*_'\"()[]")
    named = (_NAME.match(words) or _HINDI_NAME.match(words)) and not _NO_NAME.search(words) and not words.isdigit()
    return bool(named) and not is_place(words)


_TAIL = regex(r"\s[-|\u2013\u2014]\s([^-|\u2013\u2014]{2,40}(?:-[^-|\s]{1,20})?)\s*$")


def tail_publisher(headline: str, url: str | None) -> tuple[int, int] | None:
    """Where a headline ends with " - Publisher" or " | Publisher": a known name, or that of its link."""
    match = _TAIL.search(headline[-80:])
    if match is None:
        return None
    start, end = (len(headline) - len(headline[-80:]) + at for at in match.span(1))
    name = headline[start:end].strip()
    if is_known(name) or is_domain(name):
        return start, start + len(name)
    if url and like_name(name):
        letters = re.sub(r"(?<=...)news$", "", re.sub(r"[^a-z0-9]", "", name.lower()))
        host = re.sub(r"[^a-z0-9]", "", re.sub(r"^https?://(?:www\.)?([^/]{1,80}).*$", r"\1", url.lower()))
        if len(letters) >= 4 and letters in host:
            return start, start + len(name)
    return None
