"""What stands where a headline would and is none: refusals, page clocks, tickers, navigation, titles of sections."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.dates import MONTH
from robotrader.core.background_scheduler.parsers.news_publishers import is_empty, is_known
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

REFUSAL = regex(
    r"\bno\s(?:\w+[ -]){0,5}?(?:news|articles?|headlines?|stor(?:y|ies)|developments?|updates?|announcements?|results?"
    r"|information|items?|data)\b(?:\s\w+){0,8}?\s?(?:\b(?:found|available|reported"
    r"|identified|published|returned|located"
    r"|to report|at this time|exists?|could be|were|was|in the|within|for the|as of|yet|about"
    r"|on|regarding|related to)\b|$|[.!])"
    r"|\b(?:could(?: not|n't)|can(?:not|'t| not)|unable to|did(?: not|n't)|was(?: not|n't) able to|do(?: not|n't)"
    r"|does(?: not|n't)|am not able to)\s(?:\w+\s){0,2}?(?:find|locate|provide|access"
    r"|retrieve|verify|confirm|obtain|have"
    r"|identify|determine|browse|search|see|fetch|contain|include)\b"
    r"|\b(?:as an ai|i'?m sorry|i am sorry|i apologi[sz]e|sorry, (?:i|but)|my knowledge"
    r"|knowledge cut-?off|real-time (?:data|news|access))\b"
    r"|\bnothing (?:significant|material|new|relevant|notable)\b",
    re.IGNORECASE,
)
"""A sentence that says there is nothing."""
_OWN_VOICE = regex(
    r"\b(?:I|I'm|I've|I'd|my (?:search|knowledge|training)|search results?|the (?:provided"
    r"|available|given) (?:search|sources|context|results))\b"
)
_NOTHING = regex(
    r"\W{0,4}(?:there (?:is|are|was|were|has been|have been) )?no\s(?:\w+[ -]){0,5}?(?:news"
    r"|articles?|headlines?|stor(?:y|ies)"
    r"|developments?|updates?|announcements?|items?|results?|data|information)\b",
    re.IGNORECASE,
)
_CLOCK = regex(
    r"\W{0,4}(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:\d{1,2} "
    r")?[A-Z][a-z]{2,8}\.? ?\d{0,2},? \d{4}\b.{0,6}\d{1,2}:\d\d",
    re.IGNORECASE,
)
_PAGE = regex(
    r"\W{0,4}(?:(?:read (?:more|full|the full|also)|click here|subscribe|advertisement"
    r"|sponsored|copyright|trending (?:now|news|stocks|topics)|search results|home ?page|menu"
    r"|untitled|loading|cookies? (?:policy|settings)|sign (?:in|up)|log ?in (?:to|for)"
    r"|page not found|404\b|403\b|access denied|just a moment|are you a (?:robot|human)|attention required|error \d{3}"
    r"|share this|follow us|top stories|view all|see (?:more|all)|also read|you may (?:also )?like"
    r"|related (?:articles|news|stories)|terms of use|privacy policy|contact us|about us|all "
    r"rights reserved|lorem ipsum|(?:english|print|india|us) edition|e-?paper|today'?s e-?paper|my account|watchlist)"
    r"(?=\W|$).{0,30}$"
    r"|(?:subscribe|log ?in|home(?: ?page)?|advertisement|sponsored|cookies?|accept|menu"
    r"|search|untitled|loading|trending"
    r"|most read|copyright|(?:news )?headline(?: here| \d{1,2})?|title(?: here)?|string|example(?: headline)?"
    r"|sample headline|placeholder|tbd|todo)\W{0,4}(?:[|>].{0,40})?$)",
    re.IGNORECASE,
)
_CRUMBS = regex(
    r"\W{0,4}[A-Z][\w&,.' -]{1,30}(?:\s{0,2}[\u00bb\u203a]\s{0,2}[^\u00bb\u203a\n]{2,200}){1,6}$"
    r"|\W{0,4}[A-Z][\w&,.' -]{1,30}(?:\s\"\s[^\"\n]{2,200}){1,6}$"
    r"|\W{0,4}(?:home|(?:business )?news|business|markets?)\s{0,2}[/>]\s{1,2}[^/>\n]{2,40}"
    r"(?:\s{0,2}[/>]\s[^/>\n]{2,200}){1,6}$",
    re.IGNORECASE,
)
"""Where a page stands in its site: Home / Companies / News."""
_FURNITURE = regex(
    r"\W{0,4}(?:listen to (?:this|the) (?:article|story)|\d{1,2} min(?:ute)?s? read\b.{0,80}"
    r"|(?:first published|last updated|updated|published)(?: (?:on|at|by))?\s{0,2}[:|].{0,40}\d{4}.{0,40}"
    r"|(?:follow|join) us on\b.{0,60}|add as (?:a )?preferred.{0,40}"
    r"|author:? .{2,40}\|.{0,200}"
    r"|(?:image|photo|picture)(?: (?:credit|source|courtesy))?\s?:.{0,60}"
    r"|gift this article|save this article|text size.{0,20}|share\s{0,2}[|:].{0,60})\W{0,4}$",
    re.IGNORECASE,
)
"""What a page writes around an article."""
_TUPLE = regex(
    r"\W{0,4}(?:insert into\b|create table\b|values\s?\(|\(\s{0,2}\d{1,12}\s{0,2},\s{0,2}['\"])", re.IGNORECASE
)
"""A line of a dump of a database."""
_PAID = regex(
    r"\W{0,4}(?:sponsored|advertisement|advertorial|promoted"
    r"|(?:paid|partner(?:ed)?|brand(?:ed)?|sponsored) (?:content|post|feature|story))\s{0,2}[:|\])-]",
    re.IGNORECASE,
)
"""The mark of what was paid for."""
_CODES = regex(r"(?=.{0,120}\bBSE\s?:\s?\d{6}\b)(?=.{0,120}\bNSE\s?:\s?[A-Z])\W{0,4}(?:\w+\W+){0,7}\w+\W{0,4}$")
"""The codes of a share."""
_CROSS = regex(
    r"\W{0,4}(?:also read|read also|see also|also see|read more|must read|don'?t miss|related(?: story| news| article)?"
    r"|recommended(?: for you)?|more on this)\s{0,2}[:|]",
    re.IGNORECASE,
)
"""What points from one story to another."""
_RECORD = regex(r"\d{5,6},(?=[A-Z])|(?=.{0,600},\d{4}-\d\d-\d\dT\d)[^,]{1,200}(?:,(?=\S)[^,]{0,200}){4}", re.DOTALL)
"""A line of a file of values: a scrip code or an instant between commas."""
_MENU = regex(
    r"\W{0,4}(?:home|search|accept|cookies?|log ?in|most read|headlines?|title|news headline)(?=\W|$).{0,30}$",
    re.IGNORECASE,
)
"""Short words of a page around its stories."""
_QUOTE_PAGE = regex(
    r"\b(?:(?:share|stock) price(?: today| live|,| &| history| chart| nse| target \d{4}|:)"
    r"|(?:live|real-?time) (?:share|stock|nse|bse) (?:price|quote)s?|stock quote|share price today|(?:nse|bse) live"
    r"|stock/share prices?|historical (?:prices?|data))\b",
    re.IGNORECASE,
)
_TOLD = regex(
    r"\b(?:falls?|fell|rises?|rose|jumps?|jumped|surges?|surged|slips?|slipped|drops?|dropped"
    r"|hits?|gains?|gained|tumbles?|soars?|tanks?|climbs?"
    r"|up|down|after|as|amid|crash\w*|rall\w+|plunge[sd]?|ends?|closes?|why|zooms?|sinks?"
    r"|declines?|declined|trades?|snaps?)\b",
    re.IGNORECASE,
)
_TICKER = regex(
    r"[\W\d]{0,8}[A-Z][\w&.-]{0,15} ?(?:[A-Z0-9][\w&.-]{0,15} ?){0,3}[\s:|=-]{1,4}(?:Rs\.?"
    r"|INR|\u20b9|\$)? ?[\d,]{1,12}(?:\.\d{1,4})?"
    r"(?:[\s|,;]{0,3}[(\[]?(?:[-+\u2191\u2193] ?)?(?:Rs\.?|\u20b9)? ?[\d,.]{1,12} "
    r"?%?[)\]]?){0,6}(?:\W{0,3}(?:vol(?:ume)?|high|low|open|close|prev\w*)\b.{0,60})?\W{0,4}$"
)
_MENU_WORDS = 4
_MENUS = word_set(
    "home markets market premium money mutual funds fund news companies company industry politics opinion technology"
    " tech auto sports sport videos video photos latest trending economy personal finance ipo ipos stocks stock"
    " startups world india elections budget lifestyle insurance banking banks crypto cryptocurrency education wealth"
    " multimedia podcasts podcast more live today business science health entertainment e-paper epaper subscribe login"
    " sign in search menu commodities currency bonds web stories"
)
"""Words of the menu of a site."""
_LONGEST_TICKER = 160
_TAGS = regex(r"<(\w{1,20})\b[^<>\n]{0,200}>[^<>\n]{0,400}</\1>")
"""A field as a file of marks has it."""
_YEAR = regex(rf"\b{MONTH},? (?:19|20)\d\d$", re.IGNORECASE)
_WORD = regex(r"[^\W\d_]{2,}(?:['&.-][^\W\d_]+)*")
_FIGURE = regex(r"[-+]?[\d][\d,.:%/-]*")


def word_count(words: str) -> int:
    """Words of letters, figures aside."""
    return sum(1 for _ in _WORD.finditer(words[:600]))


def refuses(words: str) -> bool:
    """The words say that there is nothing to tell, in the voice of who answers."""
    head = words[:400]
    if not REFUSAL.search(head):
        return False
    return bool(
        _NOTHING.match(head)
        or _OWN_VOICE.search(head)
        or re.match(
            r"\W{0,4}(?:unable|could not|cannot|sorry|as an ai|nothing|unfortunately|currently)", head, re.IGNORECASE
        )
    )


def is_junk(words: str) -> bool:
    """The words are no headline, whatever field they stand in."""
    words = words.strip()
    if is_empty(words) or len(words) > 2000 or words.startswith(("{", '["', "[{")) or _TAGS.search(words):
        return True
    if re.match(r"(?:https?://|www\.)\S*$", words, re.IGNORECASE) or is_known(words):
        return True
    count = word_count(words)
    if count == 0 or len(_FIGURE.findall(words[:600])) > 3 * count + 2 or (count < 9 and _CLOCK.match(words)):
        return True
    if any(mark.match(words) for mark in (_PAID, _CROSS, _RECORD, _CRUMBS, _FURNITURE, _TUPLE, _CODES)):
        return True
    menu = count >= _MENU_WORDS and all(w in _MENUS for w in re.split(r"[ |&,]+", words.lower()))
    ticker = len(words) < _LONGEST_TICKER and _TICKER.match(words) and not _YEAR.search(words)
    if _PAGE.match(words) or ticker or menu or refuses(words):
        return True
    around = (count <= 4 and _MENU.match(words)) or _QUOTE_PAGE.search(words)
    return bool(around) and not _TOLD.search(words)


_SECTION = regex(
    r"[\W\d]{0,8}(?-i:[A-Z][\w&.'-]{0,30}(?: [A-Z&][\w&.'-]{0,30}){0,4}(?: \([A-Z0-9&:. "
    r"-]{2,24}\))?\s?[:|-]{0,2}\s)?(?:(?:the (?:following|latest|recent|most|key|top|main|major|last"
    r"|past|news|headlines|stories|articles|items|results? (?:of|are|below)|search)|here (?:are|is)"
    r"|below(?= (?:are|is|you|we|i|the|a)\b)|following(?= (?:are|is|the|these)\b)"
    r"|these (?:are|news|stories|developments|headlines|items|updates|points)|some of"
    r"|list of|summary of|overview of)\b.{0,120}:?|(?:(?:top|key|major|other"
    r"|additional"
    r"|recent|latest|more|important|notable|breaking|significant|today'?s|this week'?s|weekly"
    r"|daily|overall|main|big|general|company|corporate|market|stock|business"
    r"|financial|industry|sector|related|upcoming|past|material|positive|negative|neutral"
    r"|bullish|bearish|mixed|india|indian|global|detailed|quick|final|current|news)\s{0,2}(?:&"
    r"|and)?\s?){0,4}"
    r"(?:news|headlines?|developments?|updates?|stories|highlights?|announcements?|events?"
    r"|summary|overview|takeaways?|conclusion|sources?|references?|citations?"
    r"|links?|disclaimer|notes?|outlook|analysis|context|background|sentiment|impact|risks?"
    r"|catalysts?|sentiment analysis|stock (?:performance|price|action)|price action"
    r"|performance"
    r"|market reaction|reaction|what to watch|watch ?list|implications?|recommendations?"
    r"|verdict|view|digest|roundup|round-up|wrap|articles?|items?|insights?|commentary"
    r"|fundamentals|technicals?|valuation|investor(?:s)?(?: takeaways?)?|bottom line|tl;?dr"
    r"|table of contents|contents|introduction|appendix|methodology|figures|facts|data"
    r"|details|snapshot|briefs?|bulletin|recap|tracker|capsule"
    r"|points?|themes?|drivers?|trends?|factors|triggers|questions?|answers?|observations?"
    r"|timeline|calendar|press releases|filings"
    r"|disclosures)\b(?!['\u2019]s)(?P<rest>.{0,80}))$",
    re.IGNORECASE,
)
_REST = regex(
    r"\W{0,4}(?:$|(?:on|for|about|of|in|from|regarding|related to|around|this|today|yesterday"
    r"|over|during|as of|by|to|and|&|since|summary|roundup|update|digest|news|at a glance"
    r"|section|last|past"
    r"|with|available|nse|bse|analysis|impact|wise|item|\d)\b|[(|,:\u2013\u2014&/-])",
    re.IGNORECASE,
)
_TOPICS = regex(
    r"[\W\d]{0,8}(?:earnings|(?:quarterly |financial |q[1-4]\w* )?results?|orders?(?: wins?| "
    r"book)?|contracts?|regulatory|legal|compliance|management|leadership|m ?& ?a|mergers?"
    r"|acquisitions?"
    r"|ratings?|brokerages?|analysts?(?: views?| ratings?)?|dividends?|corporate actions?"
    r"|capex|expansion|partnerships?|products?|strategy|operations|fund ?raising|governance"
    r"|macro|sector|others?"
    r"|miscellaneous|board|capital|technology|esg|litigation|policy|government|order "
    r"wins)(?:(?: ?[,&/] ?| and | )(?:earnings|results?|orders?|contracts?|regulatory|legal"
    r"|compliance|management|leadership|m ?& ?a|mergers?|acquisitions?|ratings?|brokerages?"
    r"|analysts?|dividends?|capex|expansion|partnerships?|products?|strategy|operations"
    r"|governance|macro|sector|others?|board|capital|technology|litigation|policy|government"
    r"|wins|changes?|actions?|matters|updates?|news|guidance|deals?"
    r"|financials?)){0,5}\W{0,4}$",
    re.IGNORECASE,
)
_SKIPPED = regex(
    r"[\W\d]{0,8}(?:(?:key|overall|main|final|quick|market|investor|investment|stock|general"
    r"|brief|important|current|sentiment|risk|potential|major)\s{1,2}){0,2}"
    r"(?:summary|overview|takeaways?|conclusions?|sources?|references?|citations?|links?"
    r"|disclaimers?|notes?|outlook|analysis|context|background|sentiment|risks?|catalysts?"
    r"|strengths?|weaknesses|opportunities|threats|pros|cons|impact|implications?"
    r"|(?:stock |share )?(?:performance|price)|price action|reaction|what to watch(?: next)?"
    r"|recommendations?|verdict|bottom line|tl;?dr|contents|methodology|technicals?|valuation"
    r"|(?:follow-?up |suggested |further )?questions?|follow-?ups?"
    r"|caveats?|limitations?|assumptions?|next steps|to watch|watch ?list|fundamentals|key "
    r"(?:metrics|figures|numbers|levels)|support and resistance|further reading|also read"
    r"|(?:upcoming|forthcoming) (?:[a-z]+ )?(?:events?|dates?|triggers?|actions?|meetings?)"
    r"|(?:events?|earnings|results?|corporate) calendar"
    r"|(?:related|trending|popular|recommended|most read|more|other top) (?:news|articles|stories|links|topics)"
    r"|read more|most (?:read|popular|viewed)|you may (?:also )?like|trending(?: now)?)\b[^a-z]{0,6}"
    r"(?:(?:on|for|about|of|&|and|used|cited)\b.{0,60})?$",
    re.IGNORECASE,
)


def is_section(words: str) -> bool:
    """The words are the title of a section or a lead-in, not of a story."""
    words = words.strip(" \t*_#:")
    if len(words) > 160:
        return False
    if _TOPICS.match(words):
        return True
    match = _SECTION.match(words)
    return match is not None and (
        match["rest"] is None or not match["rest"].strip() or bool(_REST.match(match["rest"]))
    )


def is_skipped(words: str) -> bool:
    """What stands under this title is no news: sources, outlook, disclaimers."""
    return bool(_SKIPPED.match(words.strip(" \t*_#:")))


_FAREWELL = regex(
    r"[\W]{0,6}(?:please|let me know|if you|would you|do you|feel free|note(?: that)?\b"
    r"|disclaimer|overall|in (?:summary|conclusion|short|sum)|to (?:summari[sz]e|conclude)"
    r"|these (?:news|developments|items|updates|stories)"
    r"|this (?:is not|does not|information|summary|content|list|digest)|sources?:|all "
    r"(?:figures|dates|information)|i (?:have|can|could|hope|found|will)|here (?:are|is)"
    r"|below|sure|certainly|based on (?:the|my)|the following|as of|not (?:investment"
    r"|financial) advice"
    r"|information (?:is|as)|data (?:is|as)|compiled|generated|\(?end of|for (?:more|further)"
    r"|want me|shall i|disclosure:)",
    re.IGNORECASE,
)


def is_talk(words: str) -> bool:
    """Words of who answers to who asked: greetings, notes, closing lines."""
    return bool(_FAREWELL.match(words[:200])) or refuses(words)
