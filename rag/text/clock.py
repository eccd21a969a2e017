"""Times of day, as articles print them: "12:05 GMT", "9.30 Uhr", "1400 GMT"."""

import re
from typing import Final

TIME: Final = (
    r"(?:\d{1,2}(?:[:.]|[hH](?=\d\d))\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"|\d{1,2}(?=\s?[aApP]\.?[mM]\b)|\d{4}(?=\s?[A-Z]{3}\b))(?:\s?[aApP]\.?[mM]\b\.?|\s?Uhr\b)?"
    r"(?:\s?(?:Z\b|[A-Z]{2,4}\b|\(?(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?\)?)){0,2}"
)
CLOCK: Final = re.compile(TIME)
"""A time of day."""
