from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.companies import (
    find_name,
    is_known_name,
    matches,
    resembles,
    standing,
)
from robotrader.core.background_scheduler.parsers.company_mentions import (
    lead_name,
    like_company,
    own_names,
    subject,
    surely_company,
)
from robotrader.core.background_scheduler.parsers.company_names import KNOWN_NAMES
from robotrader.core.background_scheduler.parsers.scope import find_scope
from robotrader.core.background_scheduler.parsers.tables import find_tables
from robotrader.core.background_scheduler.parsers.text import keep, lines, prose_view, raw_view


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("TCS", "Tata Consultancy Services"),
        ("LAURUSLABS", "Laurus Labs Limited"),
        ("CHENNPETRO", "Chennai Petroleum Corporation"),
        ("TVSMOTOR", "TVS Motor"),
        ("VBL", "Varun Beverages"),
        ("SBIN", "State Bank of India"),
        ("M&M", "Mahindra & Mahindra"),
        ("OIL", "Oil India (OIL)"),
        ("UPL", "UPL Limited"),
        ("ETERNAL", "Zomato"),
        ("INDIACEM", "India Cements Ltd"),
        ("ABBOTINDIA", "Abbott India"),
        ("BANKINDIA", "Bank of India"),
        ("WELCORP", "Welspun Corp"),
        ("FRETAIL", "Future Retail"),
        ("KIRLFER", "Kirloskar Ferrous Industries"),
        ("RCOM", "Reliance Communications"),
        ("ICICIPRULI", "ICICI Prudential"),
        ("GIPCL", "Gujarat Industries Power"),
        ("JSWHL", "JSW Holdings"),
        ("BECTORFOOD", "Mrs. Bectors Food Specialities"),
        ("MOLDTKPAC", "Mold-Tek Packaging"),
    ],
)
def test_a_symbol_and_its_company(symbol: str, name: str) -> None:
    assert matches(symbol, name)
    assert resembles(symbol, name)


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("TATASTEEL", "Tata Motors"),
        ("HDFCBANK", "HDFC Life"),
        ("HDFCBANK", "HDFC Asset Management"),
        ("BAJFINANCE", "Bajaj Finserv"),
        ("RELIANCE", "Reliance Infrastructure"),
        ("LT", "L&T Technology Services"),
        ("TCS", "Titan Company"),
        ("INFY", "InfoBeans Technologies"),
        ("BHEL", "Bharat Electronics"),
        ("TCS", ""),
    ],
)
def test_another_company(symbol: str, name: str) -> None:
    assert not matches(symbol, name)
    assert not resembles(symbol, name)


def test_a_weaker_likeness() -> None:
    assert not matches("YASHMGM", "Yash Trading")
    assert resembles("YASHMGM", "Yash Trading")
    assert resembles("PWZ", "Powerzone")


def test_the_table_of_names_is_small_and_clean() -> None:
    assert len(KNOWN_NAMES) < 250
    for symbol, names in KNOWN_NAMES.items():
        assert all(matches(symbol, n) for n in names), symbol
    assert is_known_name("Infosys Ltd")
    assert is_known_name("infy")
    assert not is_known_name("Unheard Of")


def test_names_in_so_many_letters() -> None:
    text = "TCS and Infosys, not TCSX or infosystem"
    assert [text[a:b] for a, b in find_name("TCS", text)] == ["TCS"]
    assert [text[a:b] for a, b in find_name("INFY", text)] == ["Infosys"]


def test_names_at_the_head_of_a_line() -> None:
    assert lead_name("4. Ola Wheels: deep dive") == "Ola Wheels"
    assert lead_name("🚘 **Acme Ltd** - Q1") == "Acme Ltd"
    assert like_company("Acme Tools")
    assert not like_company("Net Profit")
    assert not like_company("acme tools")
    assert surely_company("Acme Industries Ltd")
    assert not surely_company("Acme Tools")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Acme Tools reported a rise in profit", "Acme Tools"),
        ("On Monday, Acme Tools Ltd posted a loss", "Acme Tools"),
        ("Acme Tools' net loss widened", "Acme Tools"),
        ("The company reported a rise", None),
        ("Firm posts net profit", None),
        ("State-run Acme Bank's net profit fell", "Acme Bank"),
        ("Acme Tools (net profit up 5%)", "Acme Tools"),
        ("net profit rose", None),
    ],
)
def test_the_subject_of_a_clause(text: str, name: str | None) -> None:
    assert subject(text, 0, len(text)) == name


def scoped(text: str, symbol: str | None) -> str | None:
    view = prose_view(raw_view(text))
    scope = find_scope(view, lines(view, raw_view(text)), find_tables(view), symbol)
    if scope.reason:
        return None
    return " ".join((view if scope.keep is None else keep(view, scope.keep)).split())


ROUNDUP = """# Results
## Acme Tools
Profit 5
## Beta Works
Profit 6
## Outlook
Fine"""


def test_the_part_of_one_company() -> None:
    assert scoped(ROUNDUP, "ACMETOOLS") == "# Results ## Acme Tools Profit 5"
    assert scoped(ROUNDUP, "BETAWORKS") == "# Results ## Beta Works Profit 6 ## Outlook Fine"
    assert scoped("- **Acme Tools**: up\n- **Beta Works**: down\n", "BETAWORKS") == "- Beta Works : down"


def test_a_row_of_a_table() -> None:
    table = "| Company | PAT |\n|---|---|\n| Acme Tools | 5 |\n| Beta Works | 6 |\n"
    assert scoped(table, "BETAWORKS") == "| Company | PAT | | Beta Works | 6 |"
    assert scoped(table, "GAMMA") is None
    assert scoped(table, None) is None


def test_sentences_of_one_company() -> None:
    text = "Acme Tools reported a profit of 5. It grew. Beta Works posted a loss of 6. Margins fell."
    assert scoped(text, "ACMETOOLS") == "Acme Tools reported a profit of 5. It grew."
    assert scoped(text, "BETAWORKS") == "Beta Works posted a loss of 6. Margins fell."
    assert scoped(text, "GAMMA") is None


def test_names_with_words_between_them_and_the_verb() -> None:
    text = (
        "Several companies have reported. Acme Bank in the lending sector reported a profit of 5. "
        "Beta Bank, a lender from Pune, achieved a profit of 6. "
    )
    assert scoped(text, "BETABANK") == (
        "Several companies have reported. Beta Bank, a lender from Pune, achieved a profit of 6."
    )
    assert scoped("Delhi, Nov 6 (PTI) Acme Tools Ltd posted 5. Its arm Beta Rail posted 6.", "ACMETOOLS") == (
        "Delhi, Nov 6 (PTI) Acme Tools Ltd posted 5."
    )


def test_a_sister_of_the_group_is_another_company() -> None:
    text = "Kamal Power posted a profit of 5; group company Kamal Cement posted a profit of 6"
    assert scoped(text, "KAMALPOWER") == "Kamal Power posted a profit of 5"


def test_a_name_and_a_pipe_open_a_part() -> None:
    assert scoped("Acme Bank | Profit of 5.\nBeta Bank | Profit of 6.\n", "BETABANK") == "Beta Bank | Profit of 6."


def test_what_stands_below_a_table_of_companies() -> None:
    table = "| Company | PAT |\n|---|---|\n| Acme Tools | 5 |\n| Beta Works | 6 |\nFigures for Q3 FY26.\n"
    assert scoped(table, "BETAWORKS") == "| Company | PAT | | Beta Works | 6 | Figures for Q3 FY26."


def test_names_that_end_in_a_line_of_business() -> None:
    assert own_names("Tata Power net profit", "TATAPOWER") == [(0, 10)]
    assert own_names("Chalet Hotels Q2 results", "CHALET") == [(0, 13)]
    assert own_names("Reliance Retail revenue", "RELIANCE") == []


def test_a_text_that_names_nobody_is_read() -> None:
    assert scoped("Net profit was 5.", "ACMETOOLS") == "Net profit was 5."


def test_a_text_of_one_other_company_is_not() -> None:
    assert scoped("GAMMA HOLDINGS LIMITED\nNet profit 5", "ACMETOOLS") is None
    assert scoped("Company: Gamma Holdings\nNet profit 5", "ACMETOOLS") is None
    assert scoped("Gamma Holdings Q1 FY27\nNet profit 5", "ACMETOOLS") is None


@given(st.text(max_size=200), st.sampled_from(["TCS", "M&M", "BAJAJ-AUTO", None]))
def test_any_text(text: str, symbol: str | None) -> None:
    scoped(text, symbol)
    if symbol:
        matches(symbol, text)
        resembles(symbol, text)


LETTERS = ("SBI", "sbi", "N", "&", "-", "_", " ", ".", "\u0130", "\u20b9", "7")
PIECES = st.lists(st.sampled_from(LETTERS), max_size=12).map("".join)


@given(st.sampled_from(["SBI", "SBIN", "M&M", "N", "SBI-N"]), PIECES, st.booleans())
def test_a_word_stands_where_a_pattern_with_borders_finds_it(word: str, text: str, fold: bool) -> None:
    for before, after in (("&", ""), ("&-", "&-")):
        pattern = rf"(?<![\w{before}]){re.escape(word)}(?![\w{after}])"
        text = text.replace("\u0130", "I") if fold else text
        found = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE if fold else 0)]
        assert standing(word, text, before, after, fold=fold) == found


def test_places_are_those_of_the_text_whatever_small_letters_make_of_it() -> None:
    text = "\u0130\u0130 and sbin"
    assert [text[a:b] for a, b in standing("SBIN", text, "&", "", fold=True)] == ["sbin"]


def test_no_word_stands_nowhere() -> None:
    assert standing("", "text", "", "") == []
