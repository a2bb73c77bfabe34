"""How values read on the screen: rupees in lakh and crore, dollars, percentages, instants in IST, ages. Pure functions.

1 lakh is 1,00,000 and 1 crore is 1,00,00,000; Indian grouping puts a comma after the last three digits and then after
every two. India Standard Time is UTC+05:30 all year.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

IST = timezone(timedelta(hours=5, minutes=30), "IST")
LAKH = Decimal(100_000)
CRORE = Decimal(10_000_000)
CENT = Decimal("0.01")
WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
LARGEST = 300
RATIO_PLACES = 4
COUNTED_DAYS = 100
EMPTY = "-"

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUTE, HOUR, DAY, MONTH, YEAR = 60, 3_600, 86_400, 2_629_800, 31_557_600


def grouped(digits: str) -> str:
    """Digits with Indian grouping: ``12345678`` is ``1,23,45,678``."""
    head, tail = digits[:-3], digits[-3:]
    first = len(head) % 2
    pairs = [head[:first]] if first else []
    pairs += [head[i : i + 2] for i in range(first, len(head), 2)]
    return ",".join([*pairs, tail])


def amount(value: Decimal | int, places: int = 2) -> str:
    """A number with Indian grouping, rounded half up to ``places``; a whole number shows no decimals."""
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > LARGEST:
        return str(number)
    with localcontext(WIDE):
        rounded = number.quantize(Decimal(1).scaleb(-places))
    sign = "-" if rounded < 0 else ""
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    fraction = "" if not fraction.strip("0") else fraction
    return sign + grouped(whole) + ("." + fraction if fraction else "")


def rupees(value: Decimal | int, symbol: str = "₹") -> str:
    """Absolute rupees as Indians write them: ``₹1,34,979.47 crore``, ``₹4.20 lakh``, ``₹23.15``."""
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > LARGEST:
        return f"{symbol}{number}"
    with localcontext(WIDE):
        size = abs(number)
        if (size / LAKH).quantize(CENT) >= CRORE / LAKH:
            number, unit = number / CRORE, " crore"
        elif size.quantize(CENT) >= LAKH:
            number, unit = number / LAKH, " lakh"
        else:
            unit = ""
        tiny = 0 < abs(number) < CENT
    text = f"{number.normalize():f}" if tiny else amount(number)
    return text.replace("-", f"-{symbol}", 1) + unit if text.startswith("-") else symbol + text + unit


def dollars(value: Decimal | None) -> str:
    """US dollars, exact, with at least two decimals: ``$0.0061``, ``$1.20``."""
    if value is None:
        return EMPTY
    if not value.is_finite() or abs(value.adjusted()) > LARGEST:
        return f"${value}"
    with localcontext(WIDE):
        whole, _, fraction = f"{abs(value):f}".partition(".")
    return f"{'-' if value < 0 else ''}${int(whole):,}.{fraction.rstrip('0').ljust(2, '0')}"


def percent(value: Decimal | int, *, signed: bool = True) -> str:
    """A percentage, ``12.5`` as ``+12.5%``; ``signed=False`` for shares such as a margin."""
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > LARGEST:
        return f"{number}%"
    text = amount(number)
    text = text.rstrip("0") if "." in text else text
    return f"+{text}%" if signed and number > 0 and text != "0" else f"{text}%"


def ratio(value: Decimal) -> str:
    """A plain number with the decimals it came with, four at most: ``11.7``, ``1,234.5``."""
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    text = amount(value, min(places, RATIO_PLACES))
    return text.rstrip("0") if "." in text else text


def quarter(year: object, number: object) -> str:
    """An Indian fiscal period, named by the calendar year it ends in: ``Q2 FY26``, ``FY26``; ``-`` where unknown."""
    if not isinstance(year, int):
        return f"Q{number}" if isinstance(number, int) else EMPTY
    name = f"FY{year % 100:02d}"
    return f"Q{number} {name}" if isinstance(number, int) else name


def period(record: Mapping[str, object]) -> str:
    """The period that a record of earnings is about: ``Q2 FY26``, ``FY26``, ``H1 FY26``; ``-`` where unknown."""
    from robotrader.core.background_scheduler.models import part_of_year

    year, number = record.get("fiscal_year"), record.get("fiscal_quarter")
    half = number is None and part_of_year(year, number, record.get("period_end"))
    return f"{half} {quarter(year, None)}" if half else quarter(year, number)


def instant(moment: datetime | None) -> str:
    """An instant in IST to the minute: ``21 Nov 2026 19:30 IST``."""
    return EMPTY if moment is None else f"{_day(moment.astimezone(IST).date())} {_time(moment)} IST"


def day(found: date) -> str:
    """A day: ``21 Nov 2026``."""
    return _day(found)


def local_day(moment: datetime) -> str:
    """The day of an instant in India: ``21 Nov 2026``."""
    return _day(moment.astimezone(IST).date())


def day_age(found: date, now: datetime) -> str:
    """How far a day is from today in India: ``today``, ``yesterday``, ``3 days ago``, ``in 12 days``."""
    return days_away((found - now.astimezone(IST).date()).days)


def days_away(days: int) -> str:
    """How far off a day is: ``today``, ``tomorrow``, ``in 12 days``, ``3 days ago``, ``11 months ago``."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    length = f"{abs(days)} days" if abs(days) < COUNTED_DAYS else span(days * DAY)
    return f"in {length}" if days > 0 else f"{length} ago"


def log_instant(moment: datetime) -> str:
    """An instant in IST to the second, for log lines: ``2026-11-21 19:30:05 IST``."""
    return f"{moment.astimezone(IST):%Y-%m-%d %H:%M:%S} IST"


def span(seconds: float) -> str:
    """A length of time in its largest unit, rounded down: ``45 s``, ``5 min``, ``3 h``, ``2 days``."""
    whole = int(abs(seconds))
    for size, one, many in ((YEAR, "year", "years"), (MONTH, "month", "months"), (DAY, "day", "days")):
        if whole >= size:
            return f"{whole // size} {one if whole // size == 1 else many}"
    for size, unit in ((HOUR, "h"), (MINUTE, "min")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago an instant was: ``3 h ago``; ``just now`` below a minute, ``in 3 h`` for one to come, ``never``."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    if abs(seconds) < MINUTE:
        return "just now" if seconds >= 0 else "now"
    return f"{span(seconds)} ago" if seconds > 0 else f"in {span(seconds)}"


def due(moment: datetime, now: datetime) -> str:
    """When something comes: ``19:30 IST (in 3 h)``, with the day where it is not today in India."""
    if moment <= now:
        return "now"
    day, today = moment.astimezone(IST).date(), now.astimezone(IST).date()
    prefix = "" if day == today else "tomorrow " if day == today + timedelta(days=1) else f"{_day(day)} "
    return f"{prefix}{_time(moment)} IST (in {span((moment - now).total_seconds())})"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(IST):%H:%M}"


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
