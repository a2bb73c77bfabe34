"""The sectors of large companies, by the India Industry Classification of NSE and BSE. Pure data.

The names are those of the second of its four levels ("sector", of which there are 22), the ones NSE's index lists show:
https://www.niftyindices.com/Methodology/NIFTY_Indices_Industry_Classification_Structure.pdf. The companies are those of
the NIFTY 50 of the last years, those that left it included: it decides nothing but in which group a share is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SECTORS = (
    "Automobile and Auto Components",
    "Capital Goods",
    "Chemicals",
    "Construction",
    "Construction Materials",
    "Consumer Durables",
    "Consumer Services",
    "Diversified",
    "Fast Moving Consumer Goods",
    "Financial Services",
    "Forest Materials",
    "Healthcare",
    "Information Technology",
    "Media, Entertainment & Publication",
    "Metals & Mining",
    "Oil, Gas & Consumable Fuels",
    "Power",
    "Realty",
    "Services",
    "Telecommunication",
    "Textiles",
    "Utilities",
)
_COMPANIES: Mapping[str, tuple[str, ...]] = {
    "Automobile and Auto Components": (
        "BAJAJ-AUTO", "EICHERMOT", "HEROMOTOCO", "M&M", "MARUTI", "TATAMOTORS", "TMPV",
    ),
    "Capital Goods": ("BEL",),
    "Chemicals": ("UPL",),
    "Construction": ("LT",),
    "Construction Materials": ("GRASIM", "SHREECEM", "ULTRACEMCO"),
    "Consumer Durables": ("ASIANPAINT", "TITAN"),
    "Consumer Services": ("ETERNAL", "TRENT"),
    "Fast Moving Consumer Goods": ("BRITANNIA", "HINDUNILVR", "ITC", "NESTLEIND", "TATACONSUM"),
    "Financial Services": (
        "AXISBANK", "BAJAJFINSV", "BAJFINANCE", "HDFCBANK", "HDFCLIFE", "ICICIBANK", "INDUSINDBK", "JIOFIN",
        "KOTAKBANK", "SBILIFE", "SBIN", "SHRIRAMFIN",
    ),
    "Healthcare": ("APOLLOHOSP", "CIPLA", "DIVISLAB", "DRREDDY", "MAXHEALTH", "SUNPHARMA"),
    "Information Technology": ("HCLTECH", "INFY", "LTIM", "LTM", "TCS", "TECHM", "WIPRO"),
    "Metals & Mining": ("ADANIENT", "HINDALCO", "JSWSTEEL", "TATASTEEL"),
    "Oil, Gas & Consumable Fuels": ("BPCL", "COALINDIA", "ONGC", "RELIANCE"),
    "Power": ("NTPC", "POWERGRID"),
    "Services": ("ADANIPORTS", "INDIGO"),
    "Telecommunication": ("BHARTIARTL",),
}  # fmt: skip
PACKAGED: Mapping[str, str] = MappingProxyType(
    {symbol: sector for sector, symbols in _COMPANIES.items() for symbol in symbols}
)
_SPELLING: Mapping[str, str] = MappingProxyType({name.casefold(): name for name in SECTORS})


def known_name(text: str) -> str:
    """A sector's name as it is always written, whatever its capitals and spaces are; other words as they are."""
    words = " ".join(text.split())
    return _SPELLING.get(words.casefold(), words)
