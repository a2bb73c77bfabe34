"""The keys under which models put earnings figures into JSON, and what makes a key something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from robotrader.core.background_scheduler.parsers.json_text import plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

_NOT = regex(
    r"(?:^|_)(?:estimate[sd]?|est|expected|expectations?|consensus|forecast(?:ed)?|projected"
    r"|projections?|targets?|guided|guidance|outlook|street|"
    r"previous|prev|prior|preceding|last|ago|py|pq|yago|comparable|base|ttm|trailing|annual(?:ized"
    r"|ised)?|annualy|yearly|full|fy\d*|"
    r"9m\w*|nine|half|h1\w*|h2\w*|ytd|12m|history|historical|peers?|segments?|segmental|surprise|beat"
    r"|miss|per_unit|per_ton(?:ne)?|"
    r"before_tax|pre_tax|pbt|range|low|high|next|sector|industry|ttm\w*|usd|dollars?|highest|average"
    r"|avg|max|min)(?:_|$)"
)
_YEAR_AGO = regex(
    r"(?:^|_)(?:year_ago|last_year|previous_year|prior_year|yoy_base|previous_quarter|last_quarter"
    r"|prior_quarter)(?:_|$)"
)
_GROWTH = regex(
    r"(?:^|_)(?:yoy|y_o_y|yo_y|qoq|q_o_q|qo_q|growth|change|year_on_year|year_over_year|quarter_on_quarter"
    r"|sequential|increase)(?:_|$)"
)
_QOQ = regex(r"(?:^|_)(?:qoq|q_o_q|qo_q|quarter_on_quarter|quarter_over_quarter|sequential(?:ly)?)(?:_|$)")
_YOY = regex(r"(?:^|_)(?:yoy|y_o_y|yo_y|year_on_year|year_over_year|annual_growth)(?:_|$)")
_ADJUSTED = (
    r"(?:adj|adjusted|normali[sz]ed|core|underlying|recurring|pro_?forma"
    r"|(?:before|excluding|excl|ex|pre)_(?:\w+_)?(?:exceptional|extraordinary|one_?(?:off|time))s?(?:_items?)?)(?:_|$)"
)
_METRICS = (
    ("net_margin_pct", 0, r"(?:^|_)(?:pat|net_profit|net_income|net|profit)_margins?(?:_|$)"),
    (
        "other",
        0,
        (
            r"margin|operating_(?:profit|income)|gross_(?:profit|income)|before_tax|interest_income"
            r"|other_income|comprehensive|"
            r"(?:^|_)(?:nii|ebit|pbt|nim|cost|expenses?|dividend_yield|payout|(?<!after_)tax)(?:_|$)"
        ),
    ),
    ("adjusted:eps_inr", 0, rf"{_ADJUSTED}(?:\w+_)?(?:eps|earnings_per_(?:equity_)?share)(?:_|$)|eps_{_ADJUSTED}"),
    (
        "adjusted:net_profit_inr",
        0,
        (
            rf"{_ADJUSTED}(?:\w+_)?(?:profit|pat|net_income|earnings|loss)(?:_|$)"
            rf"|(?:profit|pat|net_income|earnings|after_tax|loss)_{_ADJUSTED}"
        ),
    ),
    ("eps_inr", 0, r"(?:^|_)(?:eps|earnings_(?:loss_)?per_(?:equity_)?share)(?:_|$)"),
    ("ebitda_inr", 0, r"(?:^|_)(?:ebitda|ebidta|pbdit|pbidt)(?:_|$)"),
    ("net_loss", 0, r"(?:^|_)(?:net_loss|loss_after_tax)(?:_|$)"),
    (
        "net_profit_inr",
        0,
        (
            r"(?:^|_)(?:net_profit|pat|bottom_?line|profit_after_tax|net_income|net_earnings|profit_for_the_(?:period"
            r"|quarter)|profit_(?:or_)?loss_for_(?:the_)?period|profit_for_period)(?:_|$)|^profit(?:_|$)"
            r"|(?:^|_)(?:yoy|y_o_y|qoq|q_o_q)_profit(?:_|$)"
        ),
    ),
    ("revenue_inr", 2, r"(?:^|_)total_income(?:_|$)(?!.*operations)"),
    ("revenue_inr", 0, r"(?:^|_)(?:revenues?|rev|net_sales|sales|turnover|top_?line|income_from_operations)(?:_|$)"),
    ("dividend_per_share_inr", 1, r"(?:^|_)total_dividend"),
    ("dividend_per_share_inr", 0, r"(?:^|_)dividend"),
)
_SCALES = (
    (regex(r"(?:^|_)lakh_(?:crores?|cr)(?:_|$)"), 12),
    (regex(r"(?:^|_)(?:crores?|crs?)(?:_|$)"), 7),
    (regex(r"(?:^|_)(?:lakhs?|lacs?)(?:_|$)"), 5),
    (regex(r"(?:^|_)(?:millions?|mn|mln)(?:_|$)"), 6),
    (regex(r"(?:^|_)(?:billions?|bn)(?:_|$)"), 9),
    (regex(r"(?:^|_)thousands?(?:_|$)"), 3),
)
_VALUE_KEYS = word_set(
    "value amount actual current reported figure number latest this_quarter current_quarter quarter inr "
    "inr_mn inr_million inr_cr inr_crore inr_crores inr_lakh inr_lakhs rs_cr rs_crore rs_mn rs_lakhs mn million "
    "value_cr value_crore amount_crore amount_cr crore cr in_crore in_crores lakh in_lakhs"
)
_COMPILED = tuple((name, rank, regex(pattern)) for name, rank, pattern in _METRICS)
_PER_SHARE = regex(r"_per_(?:equity_)?share")
_EACH_SHARE = regex(r"(?:(?:amount|value|rate|inr|rs)_)?per_(?:equity_)?share(?:_(?:inr|rs|rupees))?")
_SEGMENT = regex(
    r"(?:^|_)(?:retail|services?|digital|export|domestic|international|subscription|advertising"
    r"|product|cloud|o2c|telecom|jio|"
    r"mix|share|guidance|visibility|per|segment|recurring|deferred|quality|drivers?|notes?|comment\w*"
    r"|trend|status|date|name|source|url)(?:_|$)"
)


@dataclass(frozen=True, slots=True)
class KeyMeaning:
    """What a path of keys means: a field, how good a name, the power of ten its own words give, rupees told or not."""

    field: str
    rank: int
    power: int | None
    rupees: bool


def _named(keys: list[str]) -> tuple[str, int] | None:
    """The figure that the last keys name, with how good a name it is."""
    for key in reversed(keys[-3:]):
        if _EACH_SHARE.fullmatch(key) and len(keys) > 1 and re.search(r"(?:^|_)dividends?$", keys[-2]):
            continue
        found = next(((n, r) for n, r, p in _COMPILED if p.search(key)), None)
        if found:
            part = _SEGMENT.search(_PER_SHARE.sub("", key)) and found[0] != "dividend_per_share_inr"
            return None if part else found
        if not (key in _VALUE_KEYS or key in _BESIDE_KEYS or _GROWTH.search(key)):
            return None
    return None


_BESIDE_KEYS = ("consolidated", "standalone", "basic", "diluted", "pct", "percent")


@lru_cache(maxsize=4096)  # the same keys come with every answer
def meaning(path: tuple[str, ...]) -> KeyMeaning | None:
    """The figure a path of keys leads to, or None."""
    keys = [plain_key(k) for k in path]
    if not keys or any(_YEAR_AGO.search(k) for k in keys) or any(_NOT.search(_unperiod(k)) for k in keys):
        return None
    joined = "_".join(keys[-3:])
    found = _named(keys)
    if found is None or found[0] == "other":
        return None
    name, rank = found
    if name.startswith("adjusted:"):
        return KeyMeaning(name, rank, None, False)
    if any(_GROWTH.search(k) for k in keys):
        return _growth(name, rank, keys, joined)
    if "diluted" in joined:
        rank += 2
    if re.search(r"(?:^|_)(?:pct|percent(?:age)?)(?:_|$)", joined) and not name.endswith("_pct"):
        return None
    power = next((power for pattern, power in _SCALES if pattern.search(joined)), None)
    return KeyMeaning(name, rank, power, bool(re.search(r"(?:^|_)(?:inr|rs|rupees)(?:_|$)", joined)))


def _unperiod(key: str) -> str:
    """A key without the words that only say it is a fiscal year or an adjective of growth."""
    return re.sub(
        (
            r"(?:latest|current|this|reported)_(?:quarter|year)|last_reported|latest_full|fiscal_year"
            r"|_fy\d*(?:_|$)(?=per_share)|_fy\d\d_per"
        ),
        "",
        key,
    )


def _growth(name: str, rank: int, keys: list[str], joined: str) -> KeyMeaning | None:
    base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(name)
    if not base:
        return None
    every = "_".join(keys)
    kind = "qoq" if _QOQ.search(every) else "yoy"
    if _QOQ.search(every) and _YOY.search(every):
        kind = "qoq" if _QOQ.search(keys[-1]) or not _YOY.search(keys[-1]) else "yoy"
    if re.search(r"(?:^|_)(?:abs|absolute|amount|crores?|cagr)(?:_|$)", joined):
        return None
    return KeyMeaning(f"{base}_{kind}_pct", rank, None, False)


QUARTER_KEYS = word_set(
    "period quarter fiscal_quarter reporting_period reporting_quarter quarter_name latest_quarter fiscal_period q "
    "period_name quarter_year result_period results_period"
)
YEAR_KEYS = word_set("fiscal_year financial_year fy year fiscal")
END_KEYS = word_set(
    "qtr_end qtr_ended "
    "period_end period_ended period_ending quarter_end quarter_ended quarter_ending period_end_date quarter_end_date "
    "end_date quarter_ended_on ended ending ended_on reporting_date_end period_to "
    "date_of_end_of_reporting_period reporting_period_end reporting_period_end_date"
)
REPORT_KEYS = word_set(
    "date report_date reported_date results_date result_date announcement_date announced_on announced_date "
    "board_meeting_date reported_on earnings_date board_meeting declaration_date reporting_date board_approved_on "
    "approved_on declared_on declared_date results_declared_on results_announced_on result_announced_on released_on "
    "release_date results_release_date result_release_date date_of_announcement date_of_results date_announced "
    "date_of_declaration results_declaration_date announced declared reported "
    "date_of_board_meeting board_meeting_held_on results_approved_on"
)
NEXT_KEYS = word_set(
    "next_earnings_date next_results_date next_result_date next_earnings next_report_date next_board_meeting "
    "next_results upcoming_earnings_date next_earnings_release next_result next_reporting_date upcoming_results_date "
    "next_board_meeting_date next_quarter_results_date expected_next_results_date"
)
BASIS_KEYS = word_set(
    "basis result_type results_type statement_type consolidation report_type type reporting_basis "
    "nature accounting_basis "
    "statement consolidated_or_standalone standalone_or_consolidated financials_type "
    "nature_of_report_standalone_consolidated nature_of_report report_nature"
)
UNIT_KEYS = word_set(
    "unit units currency_unit scale denomination amounts_in figures_in amount_unit rounding rounding_level currency "
    "monetary_unit"
)
NAME_KEYS = word_set("company company_name name issuer entity stock")
SYMBOL_KEYS = word_set(
    "symbol sym ticker scrip_name nse_symbol stock_symbol nse scrip stock_code code nse_code nse_ticker trading_symbol "
    "tradingsymbol stock_ticker company_symbol company_ticker ticker_symbol"
)
GUIDANCE_KEYS = word_set("guidance outlook management_guidance forward_guidance guidance_summary management_outlook")
NEWS_KEYS = word_set("headline title url link author published_at publishedat published_date")
