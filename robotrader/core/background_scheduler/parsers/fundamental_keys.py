"""The keys under which models put ratios into JSON, and what makes a key something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from robotrader.core.background_scheduler.parsers.fundamental_facts import NOW, Time
from robotrader.core.background_scheduler.parsers.fundamental_times import head_time
from robotrader.core.background_scheduler.parsers.json_text import plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

_NOT = regex(
    r"(?:^|_)(?:forward|fwd|ntm|est|estimate[sd]?|expected|projected|projections?|forecasts?|target|industry|sector"
    r"|sectoral"
    r"|peers?|peer_group|competitors?|comparables?|benchmarks?|nifty|sensex|index|market_avg|average|avg|mean"
    r"|median|historical"
    r"|history|threshold|min|max|minimum|maximum|high|low|range|premium|discount|change|delta|prev|previous|prior"
    r"|last_year"
    r"|year_ago|ago|cagr|score|rank|ranking|rating|percentile|comment|comments|note|notes|assessment|status|trend"
    r"|interpretation"
    r"|description|weight|weighted|normali[sz]ed|z_?score|bull|bear|upside|downside|implied|justified|ideal"
    r"|adjusted|pledged?|pledge|q_o_q|qoq|quarterly|quarter"
    r"|usd|dollars?|next|vs|versus|text|reason|rationale|standalone|source|sources|url|link|unit|units|name|label"
    r"|date)(?:_|$)"
    r"|(?:^|_)(?:[2-9]|1\d|two|three|five|seven|ten)_?(?:y|yr|yrs|year|years)(?:_|$)"
    r"|(?:^|_)(?:fy|cy)?_?\d{2,4}_?e(?:_|$)"
)
_FIELDS: tuple[tuple[str, str], ...] = (
    (
        "other",
        (
            r"peg|ev_(?:to_)?\w+|enterprise|price_(?:to_)?(?:sales|cash\w*|free\w*|earnings_(?:to_)?growth)|p_s$"
            r"|ps_ratio|p_cf|p_fcf"
            r"|interest_cover\w*|net_debt|long_term_debt|quick_ratio|payout|margin|fii|dii|fpi|institution\w*"
            r"|public_holding"
            r"|free_float|float|face_value|current_price|cmp|book_value_growth|eps_growth|tangible|roic|roi$|rota"
            r"|ebitda"
            r"|dividend_(?:growth|per_share)|(?:52|week)"
        ),
    ),
    (
        "pb",
        (
            r"p_to_bv?|p_?bv?(?:_ratio|_multiple|_value|_x)?|price_?(?:to_)?book(?:_value)?(?:_ratio|_multiple"
            r"|_value_ratio)?|pbv|current_pb"
        ),
    ),
    (
        "pe",
        (
            r"(?:stock_|trailing_|current_|ttm_|company_)?p_?e(?:_ratio|_multiple|_x)?(?:_ttm|_trailing|_current)?"
            r"|p_to_e|(?:current_)?p_to_e_ratio"
            r"|(?:trailing_)?price_?(?:to_)?earnings?(?:_value)?(?:_ratio|_multiple)?(?:_ttm)?|trailing_p_?e|per"
        ),
    ),
    ("debt_to_equity", r"(?:total_)?debt_?(?:to_)?equity(?:_ratio)?|d_?e(?:_ratio)?|d_to_e|de_ratio"),
    ("current_ratio", r"current_ratio"),
    ("dividend_yield_pct", r"(?:trailing_)?(?:dividend|div)_?(?:yield|yld)(?:_ttm)?"),
    ("roce_pct", r"roce|return_on_capital_employed"),
    ("roe_pct", r"roe|ronw|return_on_(?:average_)?(?:equity|net_?worth)|return_on_shareholders_equity"),
    ("roa_pct", r"roaa?|return_on_(?:total_|average_)?assets?"),
    ("market_cap_inr", r"(?:market|mkt|mar)_?cap(?:itali[sz]ation)?|m_?cap"),
    ("eps_ttm_inr", r"eps_(?:ttm|trailing|ltm)|(?:ttm|trailing|ltm)_eps|trailing_(?:twelve|12)_months?_eps"),
    ("eps", r"eps|earnings_per_share|basic_eps|diluted_eps"),
    ("book_value_inr", r"book_?value(?:_per_share)?|bvps|bv|bv_per_share|bv_share"),
    (
        "sales_growth_pct",
        (
            r"(?:sales|revenues?|top_?line|turnover)_growth(?:_rate)?(?:_?(?:yoy|ttm|annual|1_?y|1_?yr|1_?year|one_year"
            r"|yearly))?"
            r"|(?:yoy|ttm|annual|one_year|1_?y)_(?:sales|revenues?)_growth|(?:sales|revenues?)_(?:yoy|ttm)(?:_growth)?"
            r"|compounded_sales_growth|growth_(?:(?:1_?y|1_?yr|1_?year|one_year|yoy|annual|ttm)_)?(?:sales|revenues?)"
        ),
    ),
    (
        "profit_growth_pct",
        (
            r"(?:net_)?(?:profits?|pat|earnings|bottom_?line|income)_growth(?:_rate)?(?:_?(?:yoy|ttm|annual|1_?y|1_?yr"
            r"|1_?year"
            r"|one_year|yearly))?|(?:yoy|ttm|annual|one_year|1_?y)_(?:net_)?(?:profits?|pat|earnings)_growth"
            r"|(?:net_)?(?:profits?|pat)_(?:yoy|ttm)(?:_growth)?|compounded_profit_growth|growth_(?:(?:1_?y|1_?yr|1_?year|one_year|yoy|annual|ttm)_)?(?:net_)?(?:profits?"
            r"|pat)"
        ),
    ),
    (
        "promoter_holding_pct",
        (
            r"promoters?(?:_(?:and_promoters?_)?group)?(?:_share)?_?(?:holdings?|stake|ownership)|promoters?(?:_(?:and_promoters?_)?group)?"
            r"|holding_promoters?"
        ),
    ),
    ("fair_value_inr", r"(?:intrinsic|fair)_(?:value|price)(?:_per_share|_estimate)?|dcf_value"),
)
_COMPILED = tuple((name, regex(rf"(?:{p})(?:_(?P<rest>\w+))?$")) for name, p in _FIELDS)
_REST = regex(
    r"(?:(?:inr|rs|rupees|in|cr|crs?|crores?|lakhs?|lacs?|lakh_crores?|lakh_cr|millions?|mn|billions?|bn|trillions?"
    r"|tn|pct"
    r"|percent|percentage|x|times|ratio|ttm|current|latest|value|consolidated|amount|per|share|absolute|now"
    r"|fy_?\d{2,4}|figure"
    r"|trailing_?(?:12|twelve)_?months?|indicated_annual_dividend|by|the|company|of|total|q[1-4]_?fy_?\d\d|trailing"
    r"|mrq|annual|yoy|1_?y|num|number|raw)(?:_|$))+$"
)
_SCALES = (
    (regex(r"(?:^|_)lakh_(?:crores?|cr)(?:_|$)"), 12),
    (regex(r"(?:^|_)(?:crores?|crs?)(?:_|$)"), 7),
    (regex(r"(?:^|_)(?:lakhs?|lacs?)(?:_|$)"), 5),
    (regex(r"(?:^|_)(?:trillions?|tn)(?:_|$)"), 12),
    (regex(r"(?:^|_)(?:billions?|bn)(?:_|$)"), 9),
    (regex(r"(?:^|_)(?:millions?|mn)(?:_|$)"), 6),
)
_VALUE_KEYS = word_set(
    "value current latest figure amount number now ttm ltm actual current_value latest_value reported company own "
    "consolidated "
    "val data last_year 1_year 1_yr 1y one_year trailing result reading stock raw inr crore cr lakh million billion "
    "lakh_crore in_crore pct percent x number_double number_decimal number_int number_long n s"
)
SCALE_WORDS = {
    Decimal(10) ** 7: "crore",
    Decimal(10) ** 5: "lakh",
    Decimal(10) ** 6: "million",
    Decimal(10) ** 9: "billion",
    Decimal(10) ** 12: "lakh_crore",
}
"""How a magnitude is written as a key."""


@dataclass(frozen=True, slots=True)
class KeyMeaning:
    """What a path of keys means: a field, the unit and the time its words tell, whether rupees or percent are told."""

    field: str
    factor: Decimal | None
    time: Time
    rupees: bool
    percent: bool


def _split_key(key: str) -> str:
    """A key in lower snake case, "salesGrowth1YPct" as well."""
    return plain_key(re.sub(r"(?<=[a-z])(?=\d{1,2}(?:[Yy]|$|[A-Z]))|(?<=\d[Yy])(?=[A-Z])", "_", key[:80]))


@lru_cache(maxsize=4096)  # the same keys come with every answer
def meaning(path: tuple[str, ...]) -> KeyMeaning | None:
    """The ratio a path of keys leads to, or None where it is none or not the company's present one."""
    keys = [_split_key(k) for k in path]
    if not keys:
        return None
    when = NOW
    rest = list(keys)
    while len(rest) > 1 and (rest[-1] in _VALUE_KEYS or (head_time(path[len(rest) - 1]) and not _name_of(rest[-1]))):
        time = head_time(path[len(rest) - 1])
        when = time if time and rest[-1] not in _VALUE_KEYS else when
        rest.pop()
    named = _name_of(rest[-1]) or (_name_of(f"{rest[-2]}_{rest[-1]}") if len(rest) > 1 else None)
    if named == "eps" and len(rest) < len(keys) and keys[-1] in ("ttm", "ltm", "trailing"):
        named = "eps_ttm_inr"
    if named is None or named in ("other", "eps") or any(blocked(k) for k in keys if k != "last_year"):
        return None
    if ("last_year" in keys and "growth" in named) or (len(rest) > 1 and _name_of(rest[-2]) == "other"):
        return None
    when = next((time for raw in reversed(path[: len(rest) - 1]) if (time := head_time(raw))), when)
    joined = "_".join(keys[-3:])
    told = head_time(rest[-1].replace("_", " "))
    factor = next((Decimal(10) ** power for pattern, power in _SCALES if pattern.search(joined)), None)
    return KeyMeaning(
        named,
        factor,
        told if told and when == NOW else when,
        bool(re.search(r"(?:^|_)(?:inr|rs|rupees)(?:_|$)", joined)),
        bool(re.search(r"(?:^|_)(?:pct|percent|percentage)(?:_|$)|%", joined)),
    )


def blocked(key: str) -> bool:
    """The key says that what is below it is another's, another time's or words."""
    return bool(_NOT.search(_split_key(key).replace("_on_average_", "_on_")))


def _name_of(key: str) -> str | None:
    key = key.replace("%", "").strip("_")
    for name, pattern in _COMPILED:
        match = pattern.match(key)
        if match and (not match["rest"] or name == "other" or _REST.match(match["rest"])):
            return name
    stripped = re.sub(
        r"^(?:current|latest|ttm|trailing|consolidated|stock|company|reported|valuation|ratios?|key)_", "", key
    )
    return _name_of(stripped) if stripped != key else None


SYMBOL_KEYS = word_set("symbol ticker nse_symbol stock_symbol nse scrip stock_code")
DATE_KEYS = word_set(
    "as_of as_of_date data_date as_on date last_updated updated_on updated data_as_of valuation_date report_date"
)
ADVICE_KEYS = word_set(
    "recommendation verdict rating final_verdict investment_recommendation stance action call advice "
    "overall_recommendation "
    "final_recommendation investment_verdict our_view"
)
METRIC_KEYS = word_set(
    "metric name ratio label parameter key indicator category holder shareholder "
    "measure item field title particulars particular metric_name"
)
VALUE_KEYS = (
    "value",
    "current",
    "current_value",
    "latest",
    "company",
    "figure",
    "actual",
    "amount",
    "ttm",
    "reading",
    "company_value",
    "latest_value",
    "val",
    "result",
    "percent",
    "percentage",
    "pct",
    "holding",
)
"""Keys of a {metric, value} row, the best first."""
