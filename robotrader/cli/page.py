"""The report as one HTML file that needs nothing else: no script, no request, everything from outside escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from robotrader.cli import charts, clean, series
from robotrader.cli import format as fmt
from robotrader.cli.screens import fundamentals, news, parts
from robotrader.cli.screens import report as screen
from robotrader.cli.screens.fields import LABELS, value

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.views import EarningsView, FundamentalsView, NewsView, ReportView, SymbolReport

MARK = '<meta name="generator" content="robotrader">'
"""By which a page of ours is known, so that a new one may replace it."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --ink: #1c1f23; --faint: #667; --line: #d5d9e0; --bar: #2f6fb5; --loss: #b5432f;
  --paper: #fff; --mark: #8a5a00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --faint: #9aa; --line: #3a4049; --bar: #6aa5e8;
  --loss: #e88a6a; --paper: #15181c; --mark: #f0b95a } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem;
  margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.25rem; border-top: 1px solid var(--line); padding-top: 1rem }
h3 { font-size: 1rem; margin-bottom: .25rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .15rem .5rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
.wide { overflow-x: auto } .faint { color: var(--faint); font-size: .875rem } .doubt { color: var(--mark) }
.sandbox { display: inline-block; border: 2px solid; color: var(--mark); padding: 0 .5rem; font-weight: 700 }
.charts { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0; flex: 1 1 16rem; max-width: 22rem }
figcaption { font-size: .875rem } svg { width: 100%; height: auto }
rect { fill: var(--bar) } .loss { fill: var(--loss) }
line { stroke: var(--faint) } polyline { fill: none; stroke: var(--bar); stroke-width: 2 } circle { fill: var(--bar) }
text { font-size: 10px; fill: var(--faint) } li, td, p { overflow-wrap: anywhere } a { color: var(--bar) }
"""
QUARTER_FIELDS = ("revenue_inr", "revenue_yoy_pct", "net_profit_inr", "profit_yoy_pct", "eps_inr")
SWOT = ("strengths", "weaknesses", "opportunities", "threats")


def page(found: ReportView, view: Look, version: str) -> str:
    """The whole document."""
    marked = found.provider == "sandbox" or any(screen.provider_of(each) for each in found.symbols)
    sandbox = '<p class="sandbox">SANDBOX: what is marked so is of an embedded snapshot</p>' if marked else ""
    links = " ".join(f'<a href="#{_anchor(each.symbol)}">{_text(each.symbol)}</a>' for each in found.symbols)
    body = "".join(_symbol(each, view) for each in found.symbols)
    made = _text(fmt.instant(found.made_at))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">{MARK}'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>robotrader report, {made}</title><style>{STYLE}</style></head><body>"
        f"<h1>Report of {made}</h1>{sandbox}<nav>{links}</nav>{body}"
        f'<footer class="faint">robotrader {_text(version)}. A dash is what no answer stated. No advice.</footer>'
        "</body></html>\n"
    )


def _symbol(found: SymbolReport, view: Look) -> str:
    company = next((str(each.record.get("company")) for each in found.quarters if each.record.get("company")), "")
    name = f"{_text(found.symbol)}{f' · {_text(company)}' if company else ''}"
    made = [f'<section id="{_anchor(found.symbol)}"><h2>{name}{_mark([screen.provider_of(found)])}</h2>']
    if not (found.quarters or found.fundamentals or found.news):
        return made[0] + "<p>Nothing is stored yet.</p></section>"
    made.append(f'<p class="faint">{" · ".join(map(_text, screen.ages(found, view)))}</p>')
    made.append(f"<p>Next results: {_text(screen.next_results(found))}</p>")
    made += [_charts(found, view), _quarters(found.quarters, view), _fundamentals(found, view), _news(found, view)]
    made += [_sources(found), "</section>"]
    return "".join(made)


def _mark(providers: Iterable[str | None]) -> str:
    """What stands beside a heading where any of what is below it came from the sandbox."""
    return f' <span class="sandbox">{parts.SANDBOX}</span>' if parts.sandbox(providers) else ""


def _titled(title: str, views: Iterable[EarningsView | FundamentalsView | NewsView]) -> str:
    return f"<h3>{title}{_mark(each.provider for each in views)}</h3>"


def _charts(found: SymbolReport, view: Look) -> str:
    drawn = [
        charts.bars(LABELS[name], series.quarters(found.quarters, name), _writer(name, view))
        for name in ("revenue_inr", "net_profit_inr", "eps_inr")
    ]
    drawn += [
        charts.line(LABELS[name], series.readings(found.fundamentals, name), _writer(name, view))
        for name in ("pe", "market_cap_inr")
    ]
    shown = "".join(drawn)
    return f'<div class="charts">{shown}</div>' if shown else ""


def _writer(name: str, view: Look) -> Callable[[Decimal], str]:
    return lambda found: value(name, found, view)


def _quarters(views: Sequence[EarningsView], view: Look) -> str:
    rows = [
        [
            fmt.period(each.record),
            str(each.record.get("basis") or fmt.EMPTY),
            *(value(name, each.record.get(name), view) for name in QUARTER_FIELDS),
        ]
        for each in views
    ]
    header = ["Quarter", "Basis", "Revenue", "YoY", "Net profit", "YoY", "EPS"]
    return _titled("Results", views) + _table(header, rows) if rows else ""


def _fundamentals(found: SymbolReport, view: Look) -> str:
    if not found.fundamentals:
        return ""
    latest = found.fundamentals[0]
    doubtful = fundamentals.doubted(latest.doubts)
    names = [name for name in (*fundamentals.METRICS, *fundamentals.SAID) if latest.record.get(name) is not None]
    rows = [
        [LABELS[name], f"{f'{fundamentals.MARK} ' * (name in doubtful)}{value(name, latest.record[name], view)}"]
        for name in names
    ]
    doubts = "".join(f'<p class="doubt">{_text(words)}</p>' for words in screen.doubts(found))
    swot = "".join(
        f"<h3>{_text(name.capitalize())}</h3>{_list(latest.record[name])}" for name in SWOT if latest.record.get(name)
    )
    as_of = latest.record.get("as_of")
    note = f'<p class="faint">as of {_text(as_of)}</p>' if as_of else ""
    table = _table(["", "Latest"], rows) if rows else ""
    return f"{_titled('Fundamentals', found.fundamentals)}{note}{table}{doubts}{swot}"


def _news(found: SymbolReport, view: Look) -> str:
    if not found.news:
        return ""
    items = []
    for each in found.news:
        record: Mapping[str, Any] = each.record
        said = _linked(str(record.get("headline") or ""), str(record.get("url") or ""))
        about = [news.dated(each, view), record.get("source"), news.about(record, view)]
        noted = " · ".join(_text(word) for word in about if word)
        summary = f"<br>{_text(record['summary'])}" if record.get("summary") else ""
        items.append(f'<li>{said} <span class="faint">{noted}</span>{summary}</li>')
    return f"{_titled('News', found.news)}<ul>{''.join(items)}</ul>"


def _sources(found: SymbolReport) -> str:
    items = [f"<li>{_linked(title or url, url)}</li>" for title, url in screen.sources(found)]
    return f"<h3>Sources</h3><ul>{''.join(items)}</ul>" if items else ""


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _list(items: Iterable[object]) -> str:
    return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"


def _linked(words: str, url: str) -> str:
    """A link where the address is one of the web; anything else is shown as words only."""
    try:
        safe = urlsplit(url).scheme in ("http", "https") and clean.line(url) == url
    except ValueError:
        safe = False
    shown = _text(words)
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{shown}</a>' if safe else shown


def _anchor(symbol: str) -> str:
    return "s-" + "".join(each if each.isalnum() else f"_{ord(each):x}" for each in symbol)


def _text(words: object) -> str:
    return escape(clean.line(words))
