"""Names that texts on a company compare it with, and that no rule tells from other words: "24x at Havells"."""

from __future__ import annotations

_NAMES = (
    "ABB;ACC;APL Apollo;AU SFB;Aarti Industries;Accenture;Adani Green;Adani Power;Akzo Nobel;Alkem;"
    "Amara Raja;Ambuja;Angel One;Apollo Tyres;Ashok Leyland;Astral;Aurobindo;BDL;BEML;Balkrishna;Bandhan;"
    "Bank of Baroda;Berger;Biocon;Birlasoft;Blinkit;Blue Dart;Blue Star;BoB;Bosch;CAMS;CDSL;CEAT;Canara;"
    "Capgemini;Cholamandalam;Cochin Shipyard;Coforge;Cognizant;Colgate;Concor;Coromandel;Crompton;"
    "Cummins;Cyient;DLF;DMart;Daikin;Dalmia;Data Patterns;Deepak Nitrite;Delhivery;Devyani;Divi's;Dixon;"
    "Emami;Escorts;Exide;Finolex;Fortis;GAIL;GRSE;Gillette;Glenmark;Godrej Properties;Granules;"
    "Gujarat Fluorochem;HAL;HDFC AMC;HDFC Life;HUDCO;Happiest Minds;Havells;Hindalco;Hyundai;IDFC First;"
    "IEX;IGL;IOCL;IRCON;IREDA;IRFC;IndiGo;IndiaMART;Indian Bank;Indigo Paints;Indus Towers;IndusInd;"
    "Info Edge;Inox Wind;JK Cement;JK Tyre;JSPL;JSW Energy;Jindal Stainless;Jindal Steel;Jio;Jubilant;"
    "Jupiter Wagons;Jyothy;KFintech;KPIT;Kajaria;Kalyan Jewellers;Kansai Nerolac;Kaynes;L&T Finance;"
    "LTIMindtree;LTTS;Laurus;Lodha;Lupin;MCX;MGL;MRF;Macrotech;Manappuram;Marico;Max Healthcare;"
    "Mazagon Dock;Medanta;Motherson;Mphasis;Muthoot;NALCO;NHPC;NMDC;NSDL;NTPC;Natco;Navin Fluorine;"
    "Nestle;Nippon AMC;Nykaa;Oberoi;PB Fintech;PI Industries;PNB;Paytm;Persistent;Petronet;Pidilite;"
    "Polycab;RBL;RITES;RVNL;Radico;Ramco;SBI Card;SBI Life;SRF;Sapphire;Senco;Shoppers Stop;Shree Cement;"
    "Shriram Finance;Siemens;Sobha;Solar Industries;SpiceJet;Sundaram Finance;Suzlon;Swiggy;Syngene;"
    "Syrma;TVS;Tata Chemicals;Tata Consumer;Tech Mahindra;Thermax;Titagarh;Toyota;Trent;UPL;Ujjivan;"
    "UltraTech;Union Bank;United Breweries;United Spirits;V-Guard;VBL;Varun Beverages;Vedanta;"
    "Vishal Mega Mart;Vodafone Idea;Voltas;Welspun;Westlife;Whirlpool;Yes Bank;Zen Technologies;Zensar;"
    "Zomato;Zydus;"
    "Bajaj Housing;ICICI Lombard;ICICI Prudential;LIC Housing;PNB Housing;Can Fin;Aavas;Home First;"
    "Star Health;New India"
)
PEERS = frozenset(_NAMES.split(";"))
"""Widely held companies by the names the press uses; the one asked for is told from them by its symbol."""
