"""Files and folders that are never articles, known by their names: they are passed over without a word."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

HIDDEN: Final = "hidden"
LEFTOVER: Final = "left by another program"
UNFINISHED: Final = "unfinished download"
SAVED_PAGE: Final = "part of a saved page"

# AppleDouble and Finder files, Office's locks, Windows' thumbnails, settings and marks of origin,
# an editor's backups, a network drive's thumbnails.
_LEFTOVER: Final = re.compile(
    r"\._.*|\.ds_store|~\$.*|\.~lock\..*|(eh)?thumbs\.db|desktop\.ini|icon\r|.*:zone\.identifier(:\$data)?"
    r"|__macosx|\$recycle\.bin|system volume information|@eadir|.*~",
    re.IGNORECASE | re.DOTALL,
)
_UNFINISHED: Final = re.compile(
    r".*\.(part|partial|crdownload|download|tmp)", re.IGNORECASE | re.DOTALL
)
_PAGE: Final = re.compile(r"(.+)\.x?html?", re.IGNORECASE | re.DOTALL)
# What browsers and Windows append to a page's name, in the language of the system.
_COMPANION: Final = re.compile(
    r"(.+?)(?:[_.-]files|-Dateien|_fichiers|_archivos|_arquivos|_ficheiros|-filer|_bestanden|_file|_pliki"
    r"|_soubory|-tiedostot|_fajlok|_dosyalar)",
    re.IGNORECASE | re.DOTALL,
)


def junk(name: str) -> str:
    """Why a file or folder with this name is passed over; "" if it is not.

    >>> junk("~$report.docx"), junk("a.pdf.part"), junk(".git"), junk("a.txt")
    ('left by another program', 'unfinished download', 'hidden', '')
    """
    if _LEFTOVER.fullmatch(name):
        return LEFTOVER
    if name.startswith("."):
        return HIDDEN
    return UNFINISHED if _UNFINISHED.fullmatch(name) else ""


def companions(names: Collection[str]) -> set[str]:
    """The folders in which a browser put the scripts and pictures of the pages beside them.

    >>> companions(["Ferry.html", "Ferry_files", "Swans_files"])
    {'Ferry_files'}
    """
    pages = {match[1] for name in names if (match := _PAGE.fullmatch(name))}
    return {
        name
        for name in names
        if pages and (match := _COMPANION.fullmatch(name)) and match[1] in pages
    }
