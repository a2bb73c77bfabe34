"""JSON of every shape and key a model may choose."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

CASES = [
    case(
        '{"symbol":"TCS","pe":28.3,"pb":12.6,"roe":47,"market_cap_cr":1236000}',
        "TCS",
        pe="28.3",
        pb="12.6",
        roe_pct="47",
        market_cap_inr="12360000000000",
    ),
    case(
        ('{"P/E":"28.3x","P/B":"12.6","ROE":"47%","Market Cap":"₹12.36 lakh crore","Debt/Equity":"0.08"}'),
        "TCS",
        pe="28.3",
        pb="12.6",
        roe_pct="47",
        market_cap_inr="12360000000000",
        debt_to_equity="0.08",
    ),
    case(
        (
            '{"trailingPE":28.3,"forwardPE":20,"priceToBook":12.6,"marketCap":12360000000000,"currentRati'
            'o":2.1,"bookValue":235.1}'
        ),
        "TCS",
        pe="28.3",
        pb="12.6",
        market_cap_inr="12360000000000",
        current_ratio="2.1",
        book_value_inr="235.1",
    ),
    case(
        (
            '{"valuation":{"pe_ratio":{"value":28.3,"industry":30},"pb_ratio":{"current":12.6,"5y_median"'
            ':12}},"profitability":{"roe_pct":47,"roce_pct":58}}'
        ),
        "TCS",
        pe="28.3",
        pb="12.6",
        roe_pct="47",
        roce_pct="58",
    ),
    case(
        (
            '[{"metric":"P/E","value":"28.3x","industry":"30x"},{"metric":"ROE '
            '(%)","value":47},{"metric":"Sector P/E","value":30},{"metric":"Market Cap (₹ '
            'Cr)","value":"12,36,000"}]'
        ),
        "TCS",
        pe="28.3",
        roe_pct="47",
        market_cap_inr="12360000000000",
    ),
    case('{"SBIN":{"pe":10.9},"TCS":{"pe":28.3}}', "TCS", pe="28.3"),
    case('{"SBIN":{"pe":10.9},"TCS":{"pe":28.3}}', None),
    case('{"SBIN":{"pe":10.9},"TCS":{"pe":28.3}}', "INFY"),
    case('{"pe":{"SBIN":10.9,"TCS":28.3},"roe":{"SBIN":17,"TCS":47}}', "TCS", pe="28.3", roe_pct="47"),
    case(
        (
            '{"symbol":"TCS","pe":28.3,"peers":[{"name":"Infosys","pe":22},{"name":"Wipro","pe":19}],"sec'
            'tor_pe":27,"pe_5y_avg":28}'
        ),
        "TCS",
        pe="28.3",
    ),
    case(
        '{"roe":{"FY23":60,"FY24":62,"FY25":47},"debt_to_equity":{"2024":0.1,"2025":0.08}}',
        "TCS",
        roe_pct="47",
        debt_to_equity="0.08",
    ),
    case(
        ('{"sales_growth":{"10_years":9,"5_years":13,"ttm":6},"profit_growth":{"3y":30,"1y":2},"revenue_cagr_5y":12}'),
        "TCS",
        sales_growth_pct="6",
        profit_growth_pct="2",
    ),
    case('{"symbol":"TCS","market_cap":1236000,"pe":null,"roe":"N/A"}', "TCS"),
    case(
        (
            '{"symbol":"TCS","strengths":["Cash rich","Brand"],"weaknesses":["Slow '
            'growth"],"opportunities":["AI"],"threats":["Visa rules"],"recommendation":"BUY"}'
        ),
        "TCS",
        strengths=("Cash rich", "Brand"),
        weaknesses=("Slow growth",),
        recommendation="BUY",
        threats=("Visa rules",),
    ),
    case(
        (
            '{"swot":{"strengths":[{"point":"Cash rich"}],"threats":"Visa '
            'rules"},"fair_value":"₹3,500","as_of":"2026-01-26"}'
        ),
        "TCS",
        fair_value_inr="3500",
        as_of="2026-01-26",
        strengths=("Cash rich",),
    ),
    case('{"returnOnEquity":0.164,"dividendYield":0.0147,"pe":10.9}', "SBIN", pe="10.9"),
    case('{"pe":"20-25x","pb":"over 3","roe":">15%","roce":"~18%"}', "TCS", roce_pct="18"),
    case('{"symbol":"SBIN","pe":10.9,"roe":16.4,"market_cap":"₹9,44,5', "SBIN", pe="10.9", roe_pct="16.4"),
    case('{"company":"Infosys","pe":22}', "TCS"),
    case(
        (
            '{"data":{"stocks":[{"symbol":"TCS","fundamentals":{"pe":28.3,"promoter_holding":71.8,"pledge'
            'd_promoter_holding":0.5}},{"symbol":"INFY","fundamentals":{"pe":22}}]}}'
        ),
        "TCS",
        pe="28.3",
        promoter_holding_pct="71.8",
    ),
    case(
        '{"shareholding":{"promoters":71.8,"fii":10,"dii":11},"eps_ttm":137.2,"eps":130}',
        "TCS",
        promoter_holding_pct="71.8",
        eps_ttm_inr="137.2",
    ),
    case('{"ratios":[["P/E",28.3],["ROE","47%"]]}', "TCS", pe="28.3", roe_pct="47"),
    case(
        '{"pe":-12.5,"roe":-3.2,"debt_to_equity":0.0,"promoter_holding_pct":"0.00%"}',
        "IDEA",
        pe="-12.5",
        roe_pct="-3.2",
        debt_to_equity="0",
        promoter_holding_pct="0",
    ),
    case(('{"symbol":"TCS","targets":{"Jefferies":{"rating":"BUY","target":4000}},"analyst_rating":"BUY"}'), "TCS"),
    case(
        (
            '{"market_cap_inr_crore":"12,36,000","market_cap_category":"Large '
            'Cap","pe_ratio_ttm":28.3,"forward_pe_ratio":20.1,"industry_pe":27}'
        ),
        "TCS",
        market_cap_inr="12360000000000",
        pe="28.3",
    ),
    case(
        '{"fundamentals":{"FY25":{"roe":47,"roce":58},"FY24":{"roe":62,"roce":75}}}', "TCS", roe_pct="47", roce_pct="58"
    ),
    case('{"ratios":[{"year":"FY24","roe":62},{"year":"FY25","roe":47}]}', "TCS", roe_pct="47"),
    case(
        (
            '{"ticker":"TCS","analysis":"The stock trades at 28.3x trailing earnings, against a sector '
            'average of 30x. ROE stood at 47% and ROCE at 58%."}'
        ),
        "TCS",
        pe="28.3",
        roe_pct="47",
        roce_pct="58",
    ),
    case('{"market_cap":"$134 billion","pe":28.3}', "TCS", pe="28.3"),
    case(
        (
            '{"Profitability":{"Return on Equity":"47.0%","Return on Capital Employed '
            '(ROCE)":"58.6%"},"Valuation":{"Price to Earnings '
            '(P/E)":"28.3","Price-to-Book":12.6,"Dividend Yield (%)":1.9,"PEG":2.5,"EV/EBITDA":16.4}}'
        ),
        "TCS",
        roe_pct="47",
        roce_pct="58.6",
        pe="28.3",
        pb="12.6",
        dividend_yield_pct="1.9",
    ),
    case(('{"symbol":"INFY","pe":22.1}\n{"symbol":"TCS","pe":28.3}'), "TCS", pe="28.3"),
    case(('{"symbol":"INFY","pe":22.1}\n{"symbol":"TCS","pe":28.3}'), None),
    case(
        (
            '[{"info":{"symbol":"AAA","name":"Alpha '
            'Ltd"},"ratios":{"pe":10}},{"info":{"symbol":"BBB","name":"Beta Ltd"},"ratios":{"pe":20}}]'
        ),
        "BBB",
        pe="20",
    ),
    case(
        (
            '[{"info":{"symbol":"AAA","name":"Alpha '
            'Ltd"},"ratios":{"pe":10}},{"info":{"symbol":"BBB","name":"Beta Ltd"},"ratios":{"pe":20}}]'
        ),
        None,
    ),
    case(
        ('{"stocks":[{"company":{"ticker":"AAA"},"data":{"pe":10}},{"company":{"ticker":"BBB"},"data":{"pe":20}}]}'),
        "AAA",
        pe="10",
    ),
    case(
        ('{"stocks":[{"company":{"ticker":"AAA"},"data":{"pe":10}},{"company":{"ticker":"BBB"},"data":{"pe":20}}]}'),
        "CCC",
    ),
    case('{"results":{"AAA":{"ratios":{"pe":10}},"BBB":{"ratios":{"pe":20}}},"count":2}', "BBB", pe="20"),
    case(
        ('{"results":{"Alpha Chemicals":{"ratios":{"pe":10}},"Beta Foods":{"ratios":{"pe":20}}},"count":2}'),
        "BETAFOODS",
        pe="20",
    ),
    case('{"primary":{"symbol":"AAA","pe":10},"comparison":{"symbol":"BBB","pe":20}}', "BBB", pe="20"),
    case('{"primary":{"symbol":"AAA","pe":10},"comparison":{"symbol":"BBB","pe":20}}', "AAA", pe="10"),
    case('{"pe_ratio": {"standalone": 24.5, "consolidated": 22.1}}', "INFY", pe="22.1"),
    case(
        ('{"ratios": {"P/E": "22.1 (TTM)", "ROE": "31.8% (FY25)", "Promoter holding": "14.6% (Dec 2025)"}}'),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
        promoter_holding_pct="14.6",
    ),
    case(
        ('{"key_metrics": {"Market Cap": {"value": 620000, "unit": "crore"}, "P/E": {"value": 22.1, "unit": "x"}}}'),
        "INFY",
        market_cap_inr="6200000000000",
        pe="22.1",
    ),
    case('{"units": {"market_cap": "INR crore"}, "market_cap": 620000, "pe": 22.1}', "INFY", pe="22.1"),
    case(
        '{"INFY": [{"ratio": "PE", "value": 22.1}, {"ratio": "ROE", "value": "31.8%"}]}',
        "INFY",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(
        (
            '{"roe_percent": 31.8, "roce_percentage": 40.1, "dividend_yield_percent": 2.5, '
            '"revenue_growth_percent": 6.1, "net_profit_growth_percent": 4.2}'
        ),
        "INFY",
        roe_pct="31.8",
        roce_pct="40.1",
        dividend_yield_pct="2.5",
        sales_growth_pct="6.1",
        profit_growth_pct="4.2",
    ),
    case(
        (
            '{"Price-to-Earnings Ratio (P/E)": 22.1, "Price-to-Book Ratio (P/B)": 6.5, "Return on Equity '
            '(ROE)": "31.8%", "Debt-to-Equity Ratio": 0.1, "Market Capitalization": "INR 6.2 Trillion"}'
        ),
        "INFY",
        pe="22.1",
        pb="6.5",
        roe_pct="31.8",
        debt_to_equity="0.1",
        market_cap_inr="6200000000000",
    ),
    case(
        ('Here is the JSON:\n```json\n{"pe": 22.1, "roe": 31.8,}\n```\nThe forward P/E is 20.'),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(
        (
            '{"layer_1":{"pe_ratio":{"value":24.5,"score":7,"benchmark":20},"roe":{"raw":"18%","normalize'
            'd":0.6}},"layer_2":{"debt_to_equity":0.4}}'
        ),
        "ABCD",
        pe="24.5",
        roe_pct="18",
        debt_to_equity="0.4",
    ),
    case(
        (
            '{"company":{"name":"Coal '
            'India","symbol":"COALINDIA"},"ratios":{"valuation":{"P/E":{"ttm":7.2,"forward":6.9}},"size":'
            '{"market_cap":{"value":2.4,"unit":"lakh '
            'crore"}}},"ownership":{"promoter":{"dec_2025":63.1,"sep_2025":63.1}}}'
        ),
        "COALINDIA",
        pe="7.2",
        market_cap_inr="2400000000000",
        promoter_holding_pct="63.1",
    ),
    case(
        '{"stocks":{"AAA":{"overview":{"pe":10}},"BBB":{"overview":{"pe":20,"mcap_cr":500}}}}',
        "BBB",
        pe="20",
        market_cap_inr="5000000000",
    ),
    case(
        (
            '[{"_id":"x1","stock":{"symbol":"AAA","exchange":"NSE"},"ratios":{"peRatio":10,"pbRatio":1}},'
            '{"_id":"x2","stock":{"symbol":"BBB","exchange":"NSE"},"ratios":{"peRatio":20,"pbRatio":2}}]'
        ),
        "BBB",
        pe="20",
        pb="2",
    ),
    case(
        (
            '{"docs":[{"name":"Alpha Hospitals","fundamentals":{"pe":10}},{"name":"Beta '
            'Hospitals","fundamentals":{"pe":20}}]}'
        ),
        "BETAHOSP",
        pe="20",
    ),
    case(('{"ticker":"AAA.NS","pe":10}\n{"ticker":"BBB.NS","pe":20}\n{"ticker":"CCC.NS","pe":30}'), "BBB", pe="20"),
    case(
        (
            '{"valuation_ratios": {"trailing_pe": 7.2, "price_to_book_value": 2.1}, "returns": '
            '{"return_on_equity_percent": 45.2, "return_on_capital_employed_percent": 60.1}, "dividend": '
            '{"yield_percent": 5.2}, "size": {"market_cap": {"crore": 240000}}, "shareholding": '
            '{"promoter_and_promoter_group": 63.13}, "growth": {"sales": {"1_year": 3.1, "3_years": 9}}}'
        ),
        "COALINDIA",
        pe="7.2",
        pb="2.1",
        roe_pct="45.2",
        roce_pct="60.1",
        dividend_yield_pct="5.2",
        market_cap_inr="2400000000000",
        promoter_holding_pct="63.13",
        sales_growth_pct="3.1",
    ),
    case('[{"symbol":{"S":"AAA"},"pe":{"N":"10.5"}},{"symbol":{"S":"BBB"},"pe":{"N":"20.5"}}]', "BBB", pe="20.5"),
    case(
        (
            '{"company":"Apollo Hospitals Enterprise","pe":70}\n'
            '{"company":"Max Healthcare Institute","pe":80}\n'
            '{"company":"Fortis Healthcare","pe":60}'
        ),
        "MAXHEALTH",
        pe="80",
    ),
    case('{"pe": {"$numberDouble": "22.1"}, "roe": {"$numberDouble": "18.5"}}', "ABCD", pe="22.1", roe_pct="18.5"),
    case(
        (
            '{"stocks": {"INFY": {"name": "Infosys", "ratios": {"pe": 22.1}, "peers": ["TCS", "WIPRO"]}, '
            '"TCS": {"name": "TCS", "ratios": {"pe": 28.3}}}}'
        ),
        "INFY",
        pe="22.1",
    ),
    case(
        (
            '{"id": 1, "ticker": "INFY", "latest": {"date": "2025-12-31", "pe": 22.1}, "history": '
            '[{"date": "2024-12-31", "pe": 25}]}'
        ),
        "INFY",
        pe="22.1",
    ),
    case('{"INFY": {"2025": {"pe": 22.1, "roe": 31}, "2024": {"pe": 25, "roe": 30}}}', "INFY", pe="22.1", roe_pct="31"),
    case(
        ('{"symbol": "INFY", "current": {"pe": 22.1}, "five_year_average": {"pe": 26}, "industry": {"pe": 28}}'),
        "INFY",
        pe="22.1",
    ),
    case(
        '{"result": {"answer": "INFY trades at a P/E of 22.1 and has an ROE of 31%."}}', "INFY", pe="22.1", roe_pct="31"
    ),
    case('{"summary": "P/E 22.1x, P/B 6.5x", "details": {"ROE": "31%"}}', "INFY", roe_pct="31", pe="22.1", pb="6.5"),
    case('[{"nseCode":"AAA","ratios":{"pe":10}},{"nseCode":"BBB","ratios":{"pe":20}}]', "BBB", pe="20"),
    case('{"shortName":"Syrma SGS Technology","trailingPE":60}', "KAYNES"),
    case('{"Kaynes Technology": {"pe": 90}, "Syrma Technologies": {"pe": 60}}', "DIXON"),
    case('{"Kaynes Technology": {"pe": 90}, "Syrma Technologies": {"pe": 60}}', "KAYNES", pe="90"),
    case(
        ('{"Valuation": {"pe": 90}, "Leverage": {"debt_to_equity": 0.3}, "Liquidity": {"current_ratio": 1.5}}'),
        "KAYNES",
        pe="90",
        debt_to_equity="0.3",
        current_ratio="1.5",
    ),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_json(given: Case) -> None:
    assert read(given) == given.fields
