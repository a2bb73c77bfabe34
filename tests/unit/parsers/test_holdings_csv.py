"""Files of holdings as brokers, spreadsheets and people write them; what is not clear is refused by its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.cli import textfile
from robotrader.cli.format import grouped
from robotrader.core.background_scheduler.parsers.holdings_csv import HoldingsFile, parse_holdings
from robotrader.core.background_scheduler.parsers.holdings_values import read_number
from robotrader.core.errors import ValidationError

TODAY = date(2026, 11, 20)
CONSOLE = """\
,,,,,,,,,,,
,Client ID,AB1234,,,,,,,,,
,,,,,,,,,,,
,Equity Holdings Statement as on 2026-11-19,,,,,,,,,,
,,,,,,,,,,,
,Summary,,,,,,,,,,
,Invested Value,"4,02,345.70",,,,,,,,,
,Present Value,"4,80,000.00",,,,,,,,,
,Unrealized P&L,"77,654.30",,,,,,,,,
,,,,,,,,,,,
,Symbol,ISIN,Sector,Quantity Available,Quantity Discrepant,Quantity Long Term,Quantity Pledged (Margin),\
Quantity Pledged (Loan),Average Price,Previous Closing Price,Unrealized P&L,Unrealized P&L Pct.
,SBIN,INE062A01020,FINANCIAL SERVICES,"1,100",0,900,50,5,"1,801.78",974.20,"12,000.00",2.10
,M&M,INE101A01026,Automobile,10,0,10,0,0,"1,23,456.70",3041.30,-358.70,-10.55
,CDSL-BE,INE736A01011,,7,0,0,0,0,900,1000,700,11.1
,NIFTYBEES,INF204KB14I2,ETF,20,0,20,0,0,250.5,270,390,7.78
,ODDONE,INE123A01016,METALS,10,2,0,0,0,50,60,100,20
,NOTHING,INE124A01014,METALS,0,0,0,0,0,50,60,0,0
"""
KITE = """\
"Instrument","Qty.","Avg. cost","LTP","Invested","Cur. val","P&L","Net chg.","Day chg.",""
"ITC",100,410.5,430.25,41050,43025,1975,4.81,0.20,""
"M&M",1,3400,3041.3,3400,3041.3,-358.7,-10.55,-2.77,""
"Total","","","",44450,46066.3,1616.3,"","",""
"""


def parsed(text: str) -> HoldingsFile:
    return parse_holdings(text, TODAY)


def held(text: str) -> dict[str, tuple[int, Decimal | None]]:
    found = parsed(text)
    assert found.bad == ()
    return {row.symbol: (row.quantity, row.price) for row in found.rows}


def lines(remarks: Any) -> list[int]:
    return [each.line for each in remarks]


def test_a_statement_of_console() -> None:
    found = parsed(CONSOLE)
    assert (found.kind, found.as_of, found.bad) == ("console", date(2026, 11, 19), ())
    assert [(row.symbol, row.quantity, row.price, row.isin, row.sector) for row in found.rows] == [
        ("SBIN", 1155, Decimal("1801.78"), "INE062A01020", "FINANCIAL SERVICES"),
        ("M&M", 10, Decimal("123456.70"), "INE101A01026", "Automobile"),
        ("CDSL-BE", 7, Decimal(900), "INE736A01011", None),
        ("NIFTYBEES", 20, Decimal("250.5"), "INF204KB14I2", "ETF"),
        ("ODDONE", 10, None, "INE123A01016", "METALS"),
    ]
    assert [(each.line, each.message.split(":")[0]) for each in found.notes] == [(16, "2 discrepant at Zerodha")]
    assert [(each.line, each.message) for each in found.skipped] == [(17, "none held")]


def test_the_holdings_of_kite_web() -> None:
    found = parsed(KITE)
    assert found.kind == "kite"
    assert held(KITE) == {"ITC": (100, Decimal("410.5")), "M&M": (1, Decimal(3400))}
    assert [(each.line, each.message) for each in found.skipped] == [(4, "a total")]


@pytest.mark.parametrize(
    "text",
    [
        "symbol,quantity,price\nSBIN,10,812.50\nTCS,5,3500\n",
        "\ufeffSymbol;Quantity;Price\r\nSBIN;10;812.50\r\nTCS;5;3500\r\n",
        "Symbol\tQty\tAvg. Price\nSBIN\t10\t₹812.50\nTCS\t5\tRs. 3,500.00\n",
        "  symbol , quantity , price \n\n # a remark\n  SBIN , 10 , 812.5 \n\n TCS , 5.0 , 3500/- \n",
        '"Stock Symbol","Quantity","Average Price"\n"SBIN","10","INR 812.50"\n"TCS","5","3,500"\n',
        "NSE:SBIN,10,812.50\nTCS,5,3500\n",
        "symbol|shares|buy price\nSBIN|10|812.50\nTCS|5|3500\n",
        "symbol,quantity,price\rSBIN,10,812.50\rTCS,5,3500\r",
        "symbol,exchange,quantity,price\nSBIN,NSE,10,812.50\nTCS,NSE,5,3500\n",
        "symbol,quantity,price\nSBIN,10,812.50\nTCS,5,3500\nTotal,15,\n,,\n",
        "My shares\nas of 19 Nov 2026\n\nsymbol,quantity,price\nSBIN,10,812.50\nTCS,5,3500\n",
    ],
)
def test_plain_files(text: str) -> None:
    assert held(text) == {"SBIN": (10, Decimal("812.50")), "TCS": (5, Decimal(3500))}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_whatever_a_spreadsheet_saves(encoding: str) -> None:
    text = CONSOLE.replace("\n", "\r\n")
    assert parsed(textfile.decode(text.encode(encoding), "holdings.csv")) == parsed(CONSOLE)


def test_a_rupee_sign_in_utf_16() -> None:
    data = "Symbol\tQuantity\tPrice\r\nSBIN\t10\t₹1,23,456.70\r\n".encode("utf-16")
    assert held(textfile.decode(data, "holdings.txt")) == {"SBIN": (10, Decimal("123456.70"))}


def test_dates_and_sectors_of_a_plain_file() -> None:
    found = parsed(
        "symbol,quantity,price,date,sector\nSBIN,10,800,2024-03-28,Banks\nSBIN,5,900,01/04/2025,\nTCS,1,3000,,-\n"
    )
    assert [(row.symbol, row.quantity, row.acquired_on, row.sector) for row in found.rows] == [
        ("SBIN", 10, date(2024, 3, 28), "Banks"),
        ("SBIN", 5, date(2025, 4, 1), None),
        ("TCS", 1, None, None),
    ]


def test_one_share_listed_twice_is_added_up_by_its_isin() -> None:
    text = "symbol,exchange,isin,quantity,price\nSBIN,BSE,INE062A01020,10,800\nTCS,NSE,,1,1\n"
    text += "SBIN,NSE,INE062A01020,30,900\n"
    found = parsed(text)
    assert [(row.symbol, row.quantity, row.price, row.lines) for row in found.rows] == [
        ("SBIN", 40, Decimal(875), (2, 4)),
        ("TCS", 1, Decimal(1), (3,)),
    ]
    assert [each.message for each in found.notes] == ["lines 2, 4 are one share, added up"]


def test_what_was_paid_for_a_part_is_not_what_was_paid_for_all() -> None:
    assert held("symbol,quantity,price\nSBIN,10,800\nSBIN,30,\n") == {"SBIN": (40, None)}


def test_a_bse_share_stays_one_of_bse() -> None:
    assert held("symbol,exchange,quantity,price\nABC,BSE,10,800\n") == {"BSE:ABC": (10, Decimal(800))}


def test_the_company_called_total() -> None:
    assert held("symbol,isin,quantity,price\nTOTAL,INE336X01012,10,80\n") == {"TOTAL": (10, Decimal(80))}
    assert held("symbol,quantity,price\nSBIN,10,80\nTOTAL,10,80\n") == {"SBIN": (10, Decimal(80))}
    assert held("symbol,quantity,price\nSBIN,10,80\nTOTAL,7,80\n") == {
        "SBIN": (10, Decimal(80)),
        "TOTAL": (7, Decimal(80)),
    }


def test_mutual_funds_are_left_out_with_a_reason() -> None:
    text = (
        "Symbol,ISIN,Instrument Type,Quantity Available,Average Price\n"
        "SBIN,INE062A01020,Equity,10,800\n"
        "PARAG PARIKH FLEXI CAP FUND - DIRECT PLAN,INF879O01027,Mutual Fund - Equity,250.512,55.2\n"
        "SOME OTHER FUND,INF879O01035,,3.5,5\n"
    )
    found = parsed(text)
    assert [row.symbol for row in found.rows] == ["SBIN"]
    assert (lines(found.skipped), lines(found.bad)) == ([3, 4], [])


@pytest.mark.parametrize("price", ["", "-", "0", "0.00", "NA", "nan"])
def test_a_price_that_is_not_known_is_none(price: str) -> None:
    found = parsed(f"symbol,quantity,price\nSBIN,10,{price}\n")
    assert [row.price for row in found.rows] == [None]
    assert [each.message for each in found.notes] == ["what was paid is not known"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SBIN,10.5,800", "not a whole number of shares: 10.5"),
        ("SBIN,-10,800", "a negative quantity: -10"),
        ("SBIN,(10),800", "not a number"),
        ("SBIN,ten,800", "not a number: 'ten'"),
        ("SBIN,,800", "no quantity"),
        ("SBIN", "no quantity"),
        ("SBIN,10,-800", "a negative price"),
        ("SBIN,10,8oo", "not a number"),
        ("SBIN,10,1,23,456.70", "more cells than the header has"),
        ("SBIN,10,1e3", "not a number"),
        ("SBIN,10,12,34", "more cells than the header has"),
        ('SBIN,10,"1,2,3"', "not a number"),
        ("SBIN,١٠,800", "not a number"),
        ("SBIN,9999999999999,800", "more shares than there are"),
        ("SBIN,1,99999999999999999999999999999", "more rupees than there are"),
        ("sbin,10,800", "not a trading symbol"),
        ("RELIANCE.NS,10,800", "not a trading symbol"),
        ("../../etc/passwd,10,800", "not a trading symbol"),
        ("=cmd|'/c calc'!A1,10,800", "not a trading symbol"),
        ("\x1b[31mSBIN,10,800", "not a trading symbol"),
    ],
)
def test_a_line_that_is_not_clear_is_refused_by_its_number(line: str, words: str) -> None:
    found = parsed(f"symbol,quantity,price\nTCS,1,3500\n{line}\n")
    assert lines(found.bad) == [3]
    assert words in found.bad[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("symbol,quantity,price,date\nSBIN,10,800,2027-01-01\n", "a date to come"),
        ("symbol,quantity,price,date\nSBIN,10,800,someday\n", "not a date"),
        ("symbol,quantity,price,date\nSBIN,10,800,2024-02-31\n", "not a date"),
        ("symbol,quantity,price,date\nSBIN,10,1,23\n", "not a date"),
        ("symbol,quantity,price,sector\nSBIN,10,1,234.50\n", "a number where the sector should be"),
        ("symbol,quantity,price,isin\nSBIN,10,1,234\n", "not an ISIN"),
        ("symbol,quantity,price,sector\nSBIN,10,1,\x1b[31mred\n", "not the name of a sector"),
        ("symbol,exchange,quantity\nGOLD,MCX,10\n", "not a share of NSE or BSE"),
        ("symbol,isin,quantity\n,INE062A01020,10\n", "not a trading symbol"),
    ],
)
def test_other_cells_are_refused_as_well(text: str, words: str) -> None:
    found = parsed(text)
    assert lines(found.bad) == [2]
    assert words in found.bad[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\ufeff \n\n", "the file is empty"),
        ("<!DOCTYPE html><html><table><tr><td>SBIN</td></tr></table></html>", "a web page"),
        ("PK\x03\x04 xl/worksheets", "not a CSV file"),
        ('{"status": "success", "data": []}', "not a CSV file"),
        ("a,b,c\n1,2,3\n", "no holdings found"),
        ("SBIN\nTCS\n", "no holdings found"),
        ("x" * 30_000, "too large"),
        ("symbol,isin,trade_date,trade_type,quantity,price\nSBIN,,2024-01-01,buy,1,2\n", "a list of trades"),
        ('"Product","Instrument","Qty.","Avg.","LTP","P&L","Chg."\n"MIS","SBIN",10,1,1,1,1\n', "a list of positions"),
    ],
)
def test_another_kind_of_file_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as raised:
        parsed(text)
    assert "\n" not in str(raised.value)


def test_no_header_is_looked_for_further_down() -> None:
    with pytest.raises(ValidationError, match="no holdings found"):
        parsed("words, and more words\n" * 300 + "symbol,quantity\nSBIN,1\n")
    assert held("words, and more words\n" * 100 + "symbol,quantity\nSBIN,1\n") == {"SBIN": (1, None)}


def test_a_second_table_below_the_first() -> None:
    text = "symbol,quantity,price\nSBIN,10,800\nOthers\nPrice,Symbol,Quantity\n3500,TCS,5\ntotal,TOTAL,\n"
    found = parsed(text)
    assert {row.symbol: (row.quantity, row.price) for row in found.rows} == {
        "SBIN": (10, Decimal(800)),
        "TCS": (5, Decimal(3500)),
    }
    assert [(each.line, each.message) for each in found.skipped] == [(3, "a line of text"), (6, "a total")]


def test_shares_not_settled_and_pledged_count_and_an_empty_cell_is_none() -> None:
    text = "symbol,qty,T1 quantity,pledged quantity,price\nSBIN,10,2,,800\nTCS,0,5,1,3500\n"
    assert held(text) == {"SBIN": (12, Decimal(800)), "TCS": (6, Decimal(3500))}


@pytest.mark.parametrize("header", ["instrument", "symbol,price", "stock,isin,ltp"])
def test_symbols_without_quantities_are_no_holdings(header: str) -> None:
    with pytest.raises(ValidationError, match="no holdings found"):
        parsed(f"{header}\nSBIN,1,1\n")


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=99))
def test_amounts_in_lakh_and_crore(rupees: int, paise: int) -> None:
    exact = Decimal(f"{rupees}.{paise:02}")
    for words in (f"{grouped(str(rupees))}.{paise:02}", f"₹ {rupees}.{paise:02}", f"{rupees:,}.{paise:02}"):
        assert read_number(words) == exact
        assert read_number(f"-{words}") == -exact


@given(st.lists(st.tuples(st.integers(1, 10**6), st.decimals(1, 10**6, places=2)), min_size=1, max_size=6))
def test_what_is_added_up_has_cost_what_its_parts_cost(parts: list[tuple[int, Decimal]]) -> None:
    text = "symbol,quantity,price\n" + "".join(f"SBIN,{quantity},{price}\n" for quantity, price in parts)
    (row,) = parsed(text).rows
    cost = sum(quantity * price for quantity, price in parts)
    assert row.quantity == sum(quantity for quantity, _ in parts)
    assert row.price is not None
    assert abs(row.price * row.quantity - cost) <= row.quantity * Decimal("0.000001")


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    for given_text in (text, f"symbol,quantity,price\n{text}"):
        try:
            found = parsed(given_text)
        except ValidationError:
            continue
        assert all(row.quantity > 0 and (row.price is None or row.price > 0) for row in found.rows)
