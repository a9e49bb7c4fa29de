"""Words that no text of the demo may use, by the vocabulary of the pages."""

import re

FORBIDDEN = re.compile(
    r"\b(temuan|pemeriksa|eviden|evidence|daduk|lulus|gagal|mayoritas|lorem|ipsum|review|upload"
    r"|download|online|offline|dashboard|self-assessment|todo)\b",
    re.IGNORECASE,
)
