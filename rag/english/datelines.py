"""The words of lines that date an article or name its authors."""

from __future__ import annotations

from typing import Final

MONTH_NAMES: Final = (
    "january jan januar jänner januari janvier janv enero gennaio janeiro",
    "february feb februar februari février févr febrero febbraio fevereiro",
    "march mar märz maart mars marzo março",
    "april apr avril avr abril aprile",
    "may mai mei mayo maggio maio maj",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet juil julio luglio julho",
    "august aug augustus augusti août agosto",
    "september sept sep septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dicembre dezembro",
)
"""The names of each month, as articles in the languages of western Europe date themselves."""
LABEL: Final = (
    r"(?:(?:(?:first|originally|last|article|story) )?(?:posted|publi(?:shed|sh|cation)|updated?"
    r"|edited|modified|revised|releas(?:ed|e)?|issued?|created|added|filed|written"
    r"|dated?|date)(?: date| time| posted| published)?(?: on| at)?"
    r"|(?:veröffentlicht|publiziert|erschienen|aktualisiert|stand|datum|publié|paru|mis à jour"
    r"|publicado|actualizado|atualizado|fecha|pubblicato|aggiornato|data|gepubliceerd|bijgewerkt)"
    r"(?: am| le| el| il| em| op)?)"
)
"""What stands before the date of an article, in the same languages, as a regular expression."""
LABELS_OF_UPDATES: Final = (
    *("updated", "edited", "last", "modified", "revised"),
    *("aktualisiert", "mis à jour", "actualizado", "atualizado", "aggiornato", "bijgewerkt"),
)
WEEKDAY: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
BY: Final = (
    r"(?:(?:written|posted|reported|words|story|report|reporting) )?by:? "
    r"(?P<who>(?!(?:the|an?)\b|\d)\S.{1,100})"
)
BEHIND_AUTHOR: Final = (
    r"\s*(?:[|•·(\u2013—/]| - |, (?!.{3,40} and )|\b(?:in|for|at|of|with) (?=[A-Z])|\bon \d).*"
)
"""What follows the names in a byline: a role, an outlet, a place, a date."""
