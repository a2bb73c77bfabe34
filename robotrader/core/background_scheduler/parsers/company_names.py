"""Names under which the press knows widely held companies whose symbol does not follow from the name.

A small table for the cases that no rule can guess; every other company is recognised by the likeness of symbol and name.
"""

from __future__ import annotations

KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    "ADANIENT": ("Adani Enterprises",), "ADANIPORTS": ("Adani Ports",), "APOLLOHOSP": ("Apollo Hospitals",),
    "ASIANPAINT": ("Asian Paints",), "AXISBANK": ("Axis Bank",), "BAJAJ-AUTO": ("Bajaj Auto",),
    "BAJAJFINSV": ("Bajaj Finserv",), "BAJFINANCE": ("Bajaj Finance",), "BEL": ("Bharat Electronics",),
    "BHARTIARTL": ("Bharti Airtel", "Airtel"), "BHEL": ("Bharat Heavy Electricals",),
    "BPCL": ("Bharat Petroleum", "BPCL"), "BRITANNIA": ("Britannia",), "CIPLA": ("Cipla",),
    "COALINDIA": ("Coal India", "CIL"), "DABUR": ("Dabur",), "DIVISLAB": ("Divi's Laboratories", "Divis Labs"),
    "DLF": ("DLF",), "DMART": ("Avenue Supermarts", "DMart", "D-Mart"), "DRREDDY": ("Dr Reddy", "Dr. Reddy's"),
    "EICHERMOT": ("Eicher Motors", "Royal Enfield"), "ETERNAL": ("Eternal", "Zomato"), "GAIL": ("GAIL",),
    "GPIL": ("Godawari Power",), "GRASIM": ("Grasim",), "GVT&D": ("GE Vernova T&D", "GE T&D"),
    "HAL": ("Hindustan Aeronautics",), "HCLTECH": ("HCL Technologies", "HCLTech", "HCL Tech"),
    "HDFCBANK": ("HDFC Bank",), "HDFCLIFE": ("HDFC Life",), "HEROMOTOCO": ("Hero MotoCorp",),
    "HINDALCO": ("Hindalco",), "HINDPETRO": ("Hindustan Petroleum", "HPCL"), "HINDUNILVR": ("Hindustan Unilever", "HUL"),
    "HINDZINC": ("Hindustan Zinc",), "ICICIBANK": ("ICICI Bank",), "INDIGO": ("InterGlobe Aviation", "IndiGo"),
    "INDUSINDBK": ("IndusInd Bank",), "INFY": ("Infosys", "Infy"), "IOC": ("Indian Oil", "IndianOil"),
    "IRCTC": ("IRCTC", "Indian Railway Catering"), "ITC": ("ITC",), "JIOFIN": ("Jio Financial",),
    "JSWSTEEL": ("JSW Steel",), "KOTAKBANK": ("Kotak Mahindra Bank", "Kotak Bank"), "LICI": ("LIC", "Life Insurance Corporation"),
    "LT": ("Larsen & Toubro", "L&T", "Larsen and Toubro"), "LTIM": ("LTIMindtree",), "LTM": ("LTIMindtree", "LTM"),
    "M&M": ("Mahindra & Mahindra", "M&M", "Mahindra and Mahindra"), "MARUTI": ("Maruti Suzuki",),
    "MOTHERSON": ("Samvardhana Motherson",), "NATIONALUM": ("National Aluminium", "Nalco"), "NESTLEIND": ("Nestle India", "Nestle"),
    "NYKAA": ("FSN E-Commerce", "Nykaa"), "ONGC": ("Oil and Natural Gas", "Oil & Natural Gas", "ONGC"),
    "PAYTM": ("One97 Communications", "One 97 Communications", "Paytm"), "PFC": ("Power Finance",),
    "PIDILITIND": ("Pidilite",), "PNB": ("Punjab National Bank",), "POLICYBZR": ("PB Fintech", "Policybazaar"),
    "POWERGRID": ("Power Grid",), "PWL": ("PhysicsWallah", "Physics Wallah"), "RECLTD": ("REC",),
    "RELIANCE": ("Reliance Industries", "RIL"), "SAIL": ("Steel Authority",), "SBILIFE": ("SBI Life",),
    "SBIN": ("State Bank of India", "SBI"), "SHRIRAMFIN": ("Shriram Finance",), "SONACOMS": ("Sona BLW", "Sona Comstar"),
    "SUNPHARMA": ("Sun Pharma", "Sun Pharmaceutical"), "SWIGGY": ("Swiggy",), "TATACONSUM": ("Tata Consumer",),
    "TATAMOTORS": ("Tata Motors",), "TATAPOWER": ("Tata Power",), "TATASTEEL": ("Tata Steel",),
    "TCS": ("Tata Consultancy",), "TECHM": ("Tech Mahindra",), "TITAN": ("Titan",), "TRENT": ("Trent",),
    "ULTRACEMCO": ("UltraTech Cement", "Ultratech"), "VEDL": ("Vedanta",), "IDEA": ("Vodafone Idea",),
    "WIPRO": ("Wipro",), "YESBANK": ("Yes Bank",), "RELINFRA": ("Reliance Infrastructure",), "RPOWER": ("Reliance Power",),
    "OIL": ("Oil India",),
}
