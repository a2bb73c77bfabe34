"""The words of results prose as patterns for ``re.I | re.X``: figures, other figures, directions, comparisons."""

from __future__ import annotations

OTHER = r"""
(?:(?:operating|gross|ebitda|ebit|segment|core|cash|contribution|interest|product|blended|vnb|spread|refining
|marketing)[ -]{1,2})?margins?\b
|profits?[ ](?:/[ ]?\(?loss\)?[ ])?(?:\(\w{2,6}\)[ ])?before[ ](?:\w+[ ]){0,3}tax(?:es)?|profit[ ]before
|pre-?[ ]?tax[ ](?:profit|loss|income|earnings)s?|PBT\b
|loss(?:es)?[ ]before[ ](?:\w+[ ]){0,2}tax|(?:operating|op\.?|gross|trading|core|segment|pre-provision(?:ing)?
|pre[ ]provision(?:ing)?|notional|cash|treasury|inventory
|comprehensive|forex|foreign[ ]exchange|credit|actuarial|one-time|exceptional|deferred|accumulated|mark-to-market|mtm
|refining|impairment|fire|capital|insurance)
[ ](?:operating[ ])?(?:profit|loss|losse|income|gain|earning|PAT)s?\b|other[ ]comprehensive
|shares?[ ](?:of|in)[ ](?:the[ ])?(?:net[ ])?(?:profits?|loss(?:es)?)(?:[ ]?/[ ]?\(?loss(?:es)?\)?)?[ ]
(?:of|from|in)\b|EBIT\b|EBITDAR\b|PPOP\b
|PBDT\b|NII\b|net[ ]interest[ ](?:income|margin)
|(?:net[ ])?(?:interest|other|fee|non-interest|fee-based|core|rental|dividend|premium|finance|commission|investment
|brokerage)[ -](?:and[ ]\w+[ ])?(?:incomes?|revenues?)\b
|net[ ]premium(?:[ ]income)?|income[ ](?:tax|stream|segment)|net[ ]debt|(?:net[ ])?(?:debt|borrowings?)\s?/\s?ebitda
|EBITDA\s?/\s?(?!(?:adj\w*\.?\s{1,2}|pre-ind[ ]as[ ])?(?:EBITDA|PAT|EBIT|PBT|net|profit)\b)\w+|dividend[ ]yield
|cash[ ]EBITDA\b|comprehensive[ ](?:income|loss)
|(?:assets?|stake|land|share|unit|vehicle|car|tractor|same-store|like-for-like|retail
|export|domestic|automotive|us|india|pre)[ -]sales?\b
|sales[ ](?:volumes?|bookings?|value|growth[ ]in|of[ ](?:\w+[ ])?(?:vehicles|units|cars))|sale[ ]of|volumes?\b
|bookings?\b|collections?\b|disbursements?\b
|expenses?\b|expenditure|costs?\b|provisions?\b|provisioning|tax(?:es)?\b(?![ ]profit)|advances\b|deposits?\b
|loan[ ]book|loans?\b|AUM\b|assets?\b|order[ -]?(?:book|inflows?|backlog|wins?)
|orders?\b|GMV\b|capex\b|capital[ ](?:expenditure|raise)|debt\b|borrowings?\b|(?:free[ ]|operating[ ])?cash[ ]flows?
|FCF\b|cash\b|market[ ](?:cap\w*|value|share)|mcap
|ASP\b|G?NPAs?\b|NNPA\b|NIMs?\b|CASA\b|write-?[ ]?(?:off|down|back)s?|impairment|gains?\b(?=[ ](?:of|on|from))
|penalty|fine[ds]?\b|investments?\b|NCDs?\b|fund[ -]?rais\w+|QIP\b|IPO\b
|rights[ ]issue|stake\b|deal[ ]wins?|TCV\b|production|capacity|premiums?\b|buyback|valuations?|target[ ]price
|price[ ]target|shares?[ ]price|stock\b|ROA\b|ROE\b|ROCE\b|ARPU\b|GRMs?\b
|realisations?|realizations?|inventor(?:y|ies)|receivables?|payables?|net[ ]worth|depreciation|amortisation
|interest\b|rating\b|GDP\b|sensex|nifty|prices?\b|salar(?:y|ies)|attrition
|headcount|exports?\b|imports?\b|royalty|charges?\b
|(?<!per[ ])(?<!a[ ])shares?\b(?![ ](?:of|in)[ ](?:profit))|dividends?\b|crude\b
|pipeline|settlement|acquisition|acquired
"""
MARGIN = (
    r"(?:PAT|net[ -]profit|net[ -]income|net|profit[ ]after[ ]tax|profit|bottom-?[ ]?line)[ -]margins?"
    r"(?:[ ]\((?:%|NPM)\))?|\bNPM\b"
)
EPS = (
    r"(?:(?:basic|diluted)[ ])?(?:\bEPS\b"
    r"|earnings?[ ]per[ ](?:equity[ ])?share)(?:[ ]\((?:EPS|basic|earnings[ ]per[ ]share)\))?"
)
EBITDA = (
    r"(?:(?:operating|adjusted|reported|normali[sz]ed|pre-ind[ ]as)[ ])?\b(?:EBITDA|EBIDTA|EBDITA|PBIDT|PBDIT|PBILDT)\b"
    r"(?:[ ]\(?(?:excluding|before|ex|excl\.?)[ ](?:other|non-operating)[ ]income\)?)?"
)
_LESS = (
    r"(?:[ ]\((?:excluding|excl\.?|ex|net[ ]of|including|incl\.?|inclusive[ ]of|gross[ ]of)[ -]{1,2}[^()\d]{2,50}\))?"
)
"""What a company takes out of its revenue: "(excluding excise duty)"."""
REVENUE = rf"""
(?:(?:total[ ]|net[ ]|gross[ ])?(?:revenues?|incomes?)[ ](?:earned[ ])?from[ ](?:the[ ])?(?:continuing[ ])?operations?\b
|(?:total[ ]|net[ ])?operating[ ]revenues?\b|net[ ]sales\b
|(?:total|gross|overall|net)[ ]revenues?\b|revenues?\b|\brev\b\.?|top-?[ ]?line\b|turnover\b|sales\b){_LESS}
"""
INCOME = r"(?:total|overall|gross)[ ]income\b|(?<!net[ ])income\b(?![ ]tax)"
_NETTED = r"""
(?:[ ]\(?after[ ](?:(?:tax(?:es)?|all|the)[ ,&]{1,3}(?:and[ ])?)?(?:(?:exceptional|extraordinary)
(?:[ ]items?)?|minority(?:[ ]interests?)?
|MI\b|NCI\b|non-controlling[ ]interests?|share[ ]of[ ](?:profits?|associates)[ ]?(?:of[ ]|from[ ])?(?:associates)?)\)?)?
"""
"""What was taken off already: "PAT after exceptional items", "net profit (after minority interest)"."""
PROFIT = rf"""
(?:net[ ](?:profit|earning|income)s?(?:[ ]?/[ ]?\(?loss(?:es)?\)?)?(?:[ ]after[ ]tax(?:es)?)?
(?:[ ]\(?PAT\)?)?|profits?(?:[ ]?/[ ]?\(?loss\)?)?[ ]after[ ]tax(?:es)?
(?:[ ]\(PAT\))?|\bPATs?\b|profit[ ](?:\(loss\)[ ])?for[ ]the[ ](?:period|quarter|year)
|bottom-?[ ]?line\b|profits?\b(?![ -]?(?:making|taking|booking|sharing|warning))){_NETTED}
"""
LOSS = (
    r"net[ ]loss(?:es)?(?:[ ]after[ ]tax)?|loss(?:es)?[ ]after[ ]tax(?:es)?"
    r"|loss(?:es)?\b(?![ -](?:making|on|from[ ](?:sale|forex)|ratio|given))"
)
YOY = r"""
\bYoY\b|\by-o-y\b|\by/y\b|\byear[ -]on[ -]year\b|\byear[ -]over[ -]year\b|\bon[ -]year\b|\byear[ -](?:ago|earlier)\b
|\bannually\b|on[ ](?:a[ ]|an[ ])?(?:yearly|annual)[ ]basis
|(?:the[ ])?(?:same|corresponding|similar|comparable|year-ago)[ ](?:quarter|period)(?:[ ](?:of[ ]
|in[ ])?(?:the[ ])?(?:last|previous|preceding|prior)[ ](?:fiscal[ ]|financial[ ])?year)?
|\b(?:last|previous|prior|preceding)[ ](?:fiscal[ ]|financial[ ])?year\b|\ba[ ]year[ ](?:ago|earlier|before|back)\b
"""
QOQ = r"""
\bQoQ\b|\bq-o-q\b|\bq/q\b|\bquarter[ -](?:on|over)[ -]quarter\b|\bsequential(?:ly)?\b|\b(?:previous|preceding|prior
|last|immediately[ ]preceding)[ ](?:quarter|three[ -]months)\b|\bon[ -]quarter\b
|(?:June|September|December|March)[ ]quarter(?=[ ]of[ ](?:last|the[ ]previous))
"""
UP = r"""
\b(?:up|ris(?:e|es|ing|en)|rose|gr[eo]w(?:s|ing|n)?|growth|jump(?:s|ed|ing)?|increas(?:e|es|ed|ing)|surg(?:e|es|ed
|ing)|climb(?:s|ed|ing)?|higher|soar(?:s|ed|ing)?|zoom(?:s|ed|ing)?
|improv(?:e|es|ed|ing|ement)|expand(?:s|ed|ing)|expansion|spurt|spike[ds]?|leap(?:s|t|ed)?|shot|advanced|gained
|upar|badh[aei]\w{0,2}|rall(?:y|ied)|uptick|swell(?:s|ed)|uplift|accelerat(?:ed|es|ing))\b|\u2191
"""
DOWN = r"""
\b(?:down|f[ae]ll(?:s|ing|en)?|declin(?:e|es|ed|ing)|drop(?:s|ped|ping)?|slip(?:s|ped|ping)?|slump(?:s|ed|ing)?|lower
|decreas(?:e|es|ed|ing)|plung(?:e|es|ed|ing)|tumbl(?:e|es|ed|ing)
|shr[iau]nk(?:s|ing)?|contract(?:s|ed|ing|ion)|dip(?:s|ped|ping)?|slid(?:e|es|ing)?|crash(?:es|ed)?|plummet(?:s|ed
|ing)?|tank(?:s|ed)?|sank|sinks?|reduc(?:ed|es|tion)|de-?growth|eased|moderated
|neeche|ghat[aei]\w{0,2}|gir[ai]|halved|weakened|erosion|eroded)\b|\u2193
"""
ADJUSTED = r"""
(?<!not[ ])\b(?:avg\.?|average|trailing|annuali[sz]ed)[ ]{1,2}(?:annual[ ]|quarterly[ ])?(?:net[ ])?
(?:profits?|PAT|EPS|earnings[ ]per[ ]share)\b|
\b(?:adj(?:usted)?\.?|normali[sz]ed|core|underlying|recurring|pro[ -]?forma)[ ]{1,2}
(?:(?:consolidated|standalone|net|basic|diluted|quarterly)[ ]){0,2}
(?:profits?(?:[ ]after[ ]tax)?|income|earnings?(?:[ ]per[ ]share)?|loss(?:es)?|PAT|EPS)\b(?![ ]before[ ]tax)
|\b(?:net[ ]profits?|PAT|profits?[ ]after[ ]tax|net[ ]loss|EPS|earnings[ ]per[ ]share|profits?)[ ,]{1,2}\(?
(?:(?:before|excluding|ex[ -]|pre-|without)[ ]?(?:\w+[ ]){0,2}(?:exceptional|extraordinary|one[ -]?(?:off|time))s?
|adj(?:usted)?\b)
"""
"""A profit or EPS that is not the reported one."""
EBITDA_LOSS = rf"(?:{EBITDA})[ ](?:level[ ])?loss(?:es)?\b"
PRIOR = (
    r"\b(?:from|versus|v/?s|against|as[ ]against|(?:as[ ])?compare[ds][ ](?:to|with|against)"
    r"|in[ ]comparison[ ](?:to|with)|(?<!more[ ])(?<!less[ ])(?<!rather[ ])than"
    r"|(?<=%[ ]more[ ])than|(?<=%[ ]less[ ])than|(?<=cent[ ]more[ ])than|(?<=cent[ ]less[ ])than"
    r"|over(?![ ](?:an?[ ])?(?:two|three|four|five|six|ten|\d+)[ -]?(?:fold|x\b|times))|estimates?[ ]of|poll[ ]of"
    r"|consensus[ ]of)\b"
)
FUTURE = r"""
\b(?:(?<!beat[ ])(?<!beats[ ])(?<!above[ ])(?<!ahead[ ]of[ ])(?<!exceeded[ ])(?<!exceeding[ ])
(?<!beating[ ])(?<!with[ ])(?<!within[ ])guidance|guid(?:ed|es|ing)
|target(?:s|ed|ing)?|expect(?:s|ed|ing)?|expected|aim(?:s|ed|ing)?|plan(?:s|ned|ning)?|project(?:s|ed)
|will|would|outlook|goal|until|reaffirm\w*|likely|aspir\w+|intend\w*

|pegs?\b|(?<=analysts[ ])(?:see|project|forecast|estimate|model|predict)\b
|seen[ ](?:at|posting|reporting|clocking|logging|recording|growing|rising|falling|touching|between|reaching)|pegged[ ]at
|FY[ ']?\d\d(?:\d\d)?[EF]|may|might|could|should|forecast(?:s|ed|ing)?
|potential|proposes?|ambition|envisage[sd]?|eye(?:s|ing)|sees|by[ ](?=(?:Q[1-4]|FY
|20[2-9]\d|mid-|the[ ]end)))\b
"""
ESTIMATE = (
    r"\b(?:estimate[sd]?|ests?(?=\.?[ :]{1,2}(?:INR|Rs|\u20b9|\d))"
    r"|consensus|polls?|polled|expectations?|analysts?|street|brokerages?|bloomberg"
    r"|versus[ ]estimates)\b"
)
CUT = (
    r"\b(?:while|whilst|whereas|however|meanwhile|although|though|amid|despite|driven|due|because|owing"
    r"|thanks|excluding|including|includes|ex|led|aided|supported|helped|attributed|after|but|where)\b"
)
OTHER_INCOME = (
    r"(?:(?:interest|other|fee|rental|dividend|commission|investment|brokerage|premium)[ -](?:incomes?|revenues?)"
    r"|same-store[ ]sales)\b"
)
REVENUE_FULL = (
    r"(?:total[ ]|net[ ]|gross[ ])?(?:revenues?|incomes?)[ ](?:earned[ ])?from[ ](?:the[ ])?"
    r"(?:operations?|ops|sales(?![ ]of)|contracts?[ ]with[ ]customers"
    r"|services(?=[ ](?:grew|rose|fell|was|stood|increased|declined)))\b" + _LESS
)
