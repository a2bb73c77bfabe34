"""Results told in Hindi: the words for amounts, figures and their ways put in Latin letters, one character for one.

Hindi says the comparison before its mark ("628 crore se" is from 628 crore) and closes what was with "tha"; amounts so
marked are an earlier period's and are taken out.
"""

from __future__ import annotations

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import blank

_WORDS = {
    "करोड़": "crore",
    "करो\u095c": "cr",
    "करोड": "cr",
    "लाख": "lac",
    "अरब": "bn",
    "फीसदी": "pc",
    "फ़ीसदी": "pc",
    "प्रतिशत": "percent",
    "परसेंट": "pc",
    "शुद्ध लाभ": "net PAT",
    "शुद्ध मुनाफा": "net profit",
    "नेट प्रॉफिट": "net profit",
    "नेट मुनाफा": "net profit",
    "मुनाफा": "profit",
    "मुनाफ़ा": "profit",
    "प्रॉफिट": "profit",
    "लाभ": "PAT",
    "मुनाफे": "profit",
    "घाटा": "loss",
    "घाटे": "loss",
    "नुकसान": "loss",
    "अनुमान": "likely",
    "राजस्व": "rev",
    "रेवेन्यू": "revenue",
    "रेवेन्यु": "revenue",
    "टर्नओवर": "sales",
    "कुल आय": "income",
    "बिक्री": "sales",
    "एबिटडा": "EBITDA",
    "मार्जिन": "margin",
    "स्टैंडअलोन": "standalone",
    "बढ़कर": "rose",
    "बढ़ा": "rose",
    "बढ़ी": "rose",
    "बढ़त": "rise",
    "उछलकर": "rose",
    "उछाल": "jump",
    "इजाफा": "rise",
    "तेजी": "rise",
    "वृद्धि": "growth",
    "घटकर": "fell",
    "गिरकर": "fell",
    "गिरावट": "fell",
    "घटा": "dip",
    "घटी": "dip",
    "गिरा": "fell",
    "जबकि": " but",
    "पिछले साल": "last year",
    "रुपये": "",
    "रुपए": "",
    "रुपया": "",
}
_LONGEST_FIRST = sorted(_WORDS, key=len, reverse=True)
_LETTER = "[\u0900-\u0963\u0966-\u097f]"
_WORD = regex(f"(?<!{_LETTER})(?:{'|'.join(_LONGEST_FIRST)})(?!{_LETTER})")
_HINDI = regex(_LETTER)
_RUPEES = r"(?:लाख |हजार )?(?:करोड़|करो\u095c|करोड|लाख|अरब|crores?|cr|%|फीसदी|प्रतिशत)?[ ]{0,2}(?:रुपये|रुपए|रुपया)?"
_EARLIER = regex(
    rf"(?:₹|Rs\.?|INR)?[ ]{{0,2}}[\d०-९][\d०-९,.]{{0,20}}[ ]{{0,2}}{_RUPEES}"
    r"(?:[ ]{0,2}(?:का |की |के )?(?:(?:शुद्ध |नेट )?(?:मुनाफा|लाभ|घाटा|प्रॉफिट|राजस्व|रेवेन्यू|net profit|profit|revenue)[ ])?"
    rf"(?:(?:रहा|रही|हुआ|हुई|दर्ज किया|कमाया) )?(?:था|थी|थे)(?!{_LETTER})"
    rf"|[ ]{{1,2}}से(?!{_LETTER})(?! (?:ज्यादा|अधिक|कम))|[ ]{{1,2}}(?:के|की) (?:मुकाबले|तुलना|बजाय)"
    r"|[^\d।\n]{0,30}(?:अनुमान|उम्मीद|लक्ष्य))"
)


def in_latin(view: str) -> str:
    """``view``, as long as it was, with such words in Latin letters; a text without Hindi as it is."""
    if not _HINDI.search(view):
        return view
    view = blank(view, [m.span() for m in _EARLIER.finditer(view)])
    view = view.replace("।", "\n")
    return _WORD.sub(lambda m: _WORDS[m[0]][: len(m[0])].ljust(len(m[0])), view)
