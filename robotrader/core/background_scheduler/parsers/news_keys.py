"""Names of the fields of a story, as JSON keys, columns of tables and labels of lines give them, best name first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from robotrader.core.background_scheduler.parsers.json_text import plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

_NAMES = {
    "headline": "headline news_headline head_line headline_text article_headline story_headline title news_title"
    " article_title story_title n_title title_text heading heading_text news news_item story announcement development"
    " news_event event subject caption attchmnt topic newssub news_sub attchmnt_txt",
    "summary": "summary news_summary short_summary article_summary brief abstract synopsis description snippet excerpt"
    " details detail news_details key_takeaway takeaway gist content body text article_text full_text what_happened"
    " key_points highlights desc more",
    "published_at": "published_at published_date publish_date publication_date date_published published_on published"
    " publishedat pub_date pubdate published_time publish_time publication_time time_published publication_datetime"
    " published_datetime provider_publish_time date_of_publication news_date n_date article_date posted_at posted_on"
    " date_posted posted news_time date datetime date_time announcement_date broadcast_date broadcast_date_time"
    " broadcast_time dissemination_date date_and_time timestamp time displaytime display_time news_dt dt ts"
    " created_at seendate seen_date display_date disp_date entdate page_age"
    " an_dt sort_date exchdisstime exchange_disseminated_time dissem_dt "
    "announced_on dated date_ist published_at_ist when on reported_on submission_date",
    "source": "source source_name publisher publisher_name news_source publication outlet media media_outlet provider"
    " provider_name provider_display_name news_provider source_title publisher_title "
    "source_display_name sourcename source_id site_name agency"
    " source_publication via_source channel newspaper src reported_by site sources domain source_domain",
    "url": "url link article_url news_url source_url web_url article_link news_link source_link canonical_url permalink"
    " href canonical_url_url click_through_url_url click_through_url uri guid attachment "
    "attachment_url attchmnt_file attachment_file attachment_name pdf pdf_link pdf_url "
    "url_link n_url share_url links_self links_html links_web links_article links_canonical"
    " reference reference_url citation_url publisher_url source_urls urls links sources citations references",
    "sentiment": "sentiment news_sentiment sentiment_label overall_sentiment overall_sentiment_label sentiment_value"
    " sentiment_overall mood market_sentiment sentiment_category tone polarity sentiment_type sentiment_class",
    "impact": "impact impact_level impact_rating expected_impact market_impact importance significance materiality"
    " impact_on_stock stock_impact impact_assessment severity",
    "category": "category news_category news_type type categories event_type event_types topic topics tag tags"
    " classification theme subject_category",
    "key_figures": "key_figures key_numbers key_metrics key_metrics_mentioned figures numbers amounts key_data"
    " key_data_points metrics_mentioned financial_figures important_figures",
    "symbols": "symbol symbols nse_symbol ticker tickers stock_symbol stock_ticker trading_symbol tradingsymbol"
    " related_symbols related_tickers affected_symbols affected_stocks stocks stock companies_mentioned scrip"
    " scrip_code nse_code nse_ticker sm_symbol security related entities",
    "company": "company company_name slongname companies issuer issuer_name client stock_name entity "
    "firm name_of_company sm_name"
    " company_names",
}  # fmt: skip
_RANKS = {name: {key: i for i, key in enumerate(keys.split())} for name, keys in _NAMES.items()}
STRICT_HEADLINES = word_set(
    "headline news_headline head_line headline_text article_headline story_headline title news_title"
    " article_title story_title n_title heading news_item caption"
)
"""Names that only a headline has."""
LISTS = regex(
    r"(?:.{0,30}_)?(?:news|headlines?|articles?|stories|items?|results?|news_items?"
    r"|developments?|updates?|announcements?"
    r"|events?|data|feed|entries|hits|top_stories|records|response|filings|rows"
    r"|value)(?:_(?:list|items?|feed|summary|data))?$"
)
"""Names of lists of stories."""
NEWS_LISTS = regex(
    r"(?:.{0,30}_)?(?:news|headlines?|articles?|stories|news_items?|developments?|announcements?|updates)"
    r"(?:_(?:list|items?|feed))?$"
)
"""Names of lists that hold nothing but stories; their strings are headlines."""
BESIDE = regex(
    r"(?:.{0,20}_)?(?:related|citations?|references?|sources|similar|also_read|search_results"
    r"|see_also|prompt|query|request"
    r"|schema|example|examples|footnotes|related_\w{1,20}|images?|media|authors?|thumbnail"
    r"|json_schema|usage|expected_format|output_format)$"
)
"""Names of what stands beside stories: the links of an answer, related stories, what was asked."""


def rank(name: str, key: str) -> int | None:
    """How good ``key`` (as ``plain_key`` makes it) is as a name of the field; 0 is best, None is no name of it."""
    return _RANKS[name].get(key)


DETAILS = (
    "published_at", "source", "url", "sentiment", "impact", "category", "key_figures", "symbols", "company", "summary",
)  # fmt: skip
"""The fields beside the headline, in the order in which they take a key that more than one of them may have."""


def best(name: str, keys: Iterable[str]) -> list[str]:
    """The keys that name a field, best first."""
    ranks = _RANKS[name]
    return sorted((k for k in keys if k in ranks), key=lambda k: ranks[k])


def field_of(key: str) -> str | None:
    """The field that a key names."""
    return next((name for name, ranks in _RANKS.items() if key in ranks), None)


def column_key(words: str) -> str:
    """The key that the head of a column is: ``**BROADCAST DATE/TIME**`` is ``broadcast_date_time``."""
    words = re.sub(r"\([^()]{0,30}\)", " ", words[:80].replace("*", " "))
    return plain_key(words.title() if words.isupper() else words)


_LABELS = {
    "headline": r"(?:news )?headline|title|news title|story|news|news item|article",
    "summary": (
    r"(?:brief |short |news )?summary|description|details?|what happened|brief|synopsis"
    r"|snippet|gist|key (?:points?|takeaways?|details?)|overview|content|highlights?|excerpt"
    r"|abstract"
),
    "published_at": (
    r"(?:date )?(?:first )?(?:published|posted)(?: (?:on|at|date|time))?|publish(?:ed|ing)? "
    r"(?:date|time)|publication (?:date|time)|(?:news |article )?date|date (?:published"
    r"|posted|of publication)|dated|date (?:and|&) time|date/time|pub ?date|when"
),
    "source": r"(?:news )?source(?: name)?|publisher|publication|outlet|via|media|provider"
    r"|(?:where )?reported(?: by| in)?|published by",
    "url": (
    r"(?:source |article |news |web )?(?:url|link)|read (?:more|full (?:story|article))|href"
    r"|attachment|reference"
),
    "sentiment": r"(?:news |overall |market |stock )?sentiment|tone",
    "impact": (
    r"(?:expected |market |stock |potential |likely )?impact(?: level| rating| on (?:the "
    r")?stock(?: price)?)?|importance|significance|materiality"
),
    "category": r"(?:news |event )?(?:category|type)|topic|tags?|theme|classification",
    "key_figures": r"key (?:figures?|numbers?|metrics?|data(?: points)?)|figures|numbers|amounts?",
    "symbols": r"(?:nse |stock |bse / nse )?(?:symbols?|tickers?)|nse scrip symbol|nse code|scrip",
    "company": r"company(?: name)?|compan(?:y|ies)|issuer|stock|firm",
}  # fmt: skip
_NAMED = "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
LABEL = regex(rf"[\W_]{{0,10}}(?:{_NAMED})[*_ \t]{{0,4}}(?::|\s-(?=\s)|=)[*_ \t]{{0,4}}", re.IGNORECASE)
"""A label at the head of a line; the group that matched is the field."""
IDLE_LABEL = regex(
    r"[\W_]{0,10}(?:author|by|event date|record date|ex-?date|results? date|last updated"
    r"|updated(?: on| at)?|as of|effective date"
    r"|relevance|confidence|score|language|country|region|exchange|isin|sector|industry|why it matters|relevance score"
    r"|id|keywords?|action|target(?: price)?|rating|time ?frame|price|cmp|volume|reason"
    r"|rationale|implications?|analysis|context"
    r"|background|market reaction|(?:stock|share) (?:price|reaction|performance)|next steps?"
    r"|risks?|outlook|takeaways?|note|urgency)[*_ \t]{0,4}:[*_ \t]{0,4}",
    re.IGNORECASE,
)
"""A label of a line that tells of a story and is no field of it."""


def label_at(view: str, start: int, end: int) -> tuple[str, int] | None:
    """The field whose label a line starts with, and where its value begins."""
    match = LABEL.match(view, start, min(end, start + 80))
    if match is None or not match.lastgroup:
        return None
    return match.lastgroup, match.end()
