"""What the name of a list in JSON says of every story in it: a symbol, a day, a category, a sentiment."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.json_text import Node
from robotrader.core.background_scheduler.parsers.news_dates import published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged
from robotrader.core.background_scheduler.parsers.news_keys import LISTS
from robotrader.core.background_scheduler.parsers.news_meta import symbols_in
from robotrader.core.background_scheduler.parsers.news_words import sentiment_of, stated_category


def key_told(page: Page, name: Node, plain_name: str) -> Draft:
    """What the key of a list says of all in it: a symbol, a day, a category, a sentiment."""
    told = merged(_key_symbol(name), _key_sentiment(name, plain_name))
    day = published(name.text, month_first=page.month_first)
    kind = stated_category(name.text)
    if day:
        told["published_at"] = Fact(day, name.start, name.end)
    if kind and kind != "other" and not LISTS.match(plain_name):
        told["category"] = Fact(kind, name.start, name.end)
    return told


def _key_symbol(name: Node) -> Draft:
    if (
        re.match(r"[A-Z0-9&-]{2,20}$", name.text)
        and re.search(r"[A-Z]", name.text)
        and not LISTS.match(name.text.lower())
    ):
        found = symbols_in(name.text)
        return {"symbols": Fact(found, name.start, name.end)} if found else {}
    return {}


def _key_sentiment(name: Node, plain_name: str) -> Draft:
    if re.match(
        r"(?:positive|negative|bullish|bearish|neutral|mixed)_(?:news|headlines|articles|stories|developments|items)$",
        plain_name,
    ):
        return {"sentiment": Fact(sentiment_of(name.text) or "", name.start, name.end)}
    return {}
