"""Ratios named in Hindi: the names, magnitudes and words of comparison put in Latin letters, one character for one."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.patterns import regex

_WORDS = {
    "बाजार पूंजीकरण": "market cap",
    "बाज़ार पूंजीकरण": "market cap",
    "बाजार पूँजीकरण": "market cap",
    "मार्केट कैपिटलाइजेशन": "market cap",
    "मार्केट कैप": "mkt cap",
    "पी/ई": "P/E",
    "पीई": "PE",
    "प्राइस टू अर्निंग": "P/E",
    "मूल्य-आय अनुपात": "P/E ratio",
    "पी/बी": "P/B",
    "पीबी": "PB",
    "प्राइस टू बुक": "P/B",
    "अनुपात": "ratio",
    "रेशियो": "ratio",
    "आरओई": "ROE",
    "आरओसीई": "ROCE",
    "आरओए": "ROA",
    "इक्विटी पर रिटर्न": "ROE",
    "इक्विटी पर प्रतिफल": "ROE",
    "रिटर्न ऑन इक्विटी": "ROE",
    "नियोजित पूंजी पर रिटर्न": "ROCE",
    "नियोजित पूंजी पर प्रतिफल": "ROCE",
    "परिसंपत्तियों पर रिटर्न": "ROA",
    "लाभांश प्रतिफल": "div yield",
    "लाभांश यील्ड": "div yield",
    "डिविडेंड यील्ड": "div yield",
    "ऋण-इक्विटी": "D/E",
    "ऋण/इक्विटी": "D/E",
    "ऋण से इक्विटी": "D/E",
    "कर्ज-इक्विटी": "D/E",
    "डेट-इक्विटी": "D/E",
    "डेट/इक्विटी": "D/E",
    "डेट टू इक्विटी": "D/E",
    "प्रमोटर होल्डिंग": "promoter stake",
    "प्रमोटर हिस्सेदारी": "promoter stake",
    "प्रमोटर की हिस्सेदारी": "promoter stake",
    "प्रमोटरों की हिस्सेदारी": "promoter stake",
    "प्रवर्तक हिस्सेदारी": "promoter stake",
    "बुक वैल्यू": "BV",
    "बिक्री वृद्धि": "sales growth",
    "राजस्व वृद्धि": "sales growth",
    "लाभ वृद्धि": "PAT growth",
    "मुनाफा वृद्धि": "PAT growth",
    "उद्योग": "sector",
    "सेक्टर": "sector",
    "इंडस्ट्री": "industry",
    "क्षेत्र": "sector",
    "औसत": "avg",
    "अनुमान": "est",
    "अनुमानित": "est",
    "लक्ष्य": "target",
    "पिछले साल": "last year",
    "साल": "yr",
    "वर्ष": "yr",
    "तिमाही": "qoq",
    "लाख करोड़": "lakh cr",
    "लाख करोड": "lakh cr",
    "करोड़": "cr",
    "करो\u095c": "cr",
    "करोड": "cr",
    "लाख": "lac",
    "प्रतिशत": "%",
    "फीसदी": "%",
    "फ़ीसदी": "%",
    "गुना": "x",
    "रुपये": "rs",
    "रुपए": "rs",
    "लगभग": "~",
    "करीब": "~",
    "है": "",
    "हैं": "",
}
_LETTER = "[\u0900-\u0963\u0966-\u097f]"
_HINDI = regex(_LETTER)
_WORD = regex(f"(?<!{_LETTER})(?:{'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})(?!{_LETTER})")
_WAS = regex(rf"\d[\d,.]{{0,14}}[ ]?(?:%|x|cr|lac|lakh cr|rs)?[ ]*(?:था|थी|थे)(?!{_LETTER})")


def named_in_latin(view: str) -> str:
    """``view``, as long as it was, with such words in Latin letters; what was ("था") is blanked."""
    if not _HINDI.search(view):
        return view
    view = _WORD.sub(lambda m: _WORDS[m[0]].ljust(len(m[0])), view.replace("।", "."))
    return _WAS.sub(lambda m: " " * len(m[0]), view)
