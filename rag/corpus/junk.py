"""Files and folders that are never articles, known by their names: they are passed over without a word."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Final

HIDDEN: Final = "hidden"
LEFTOVER: Final = "left by another program"
UNFINISHED: Final = "unfinished download"
SAVED_PAGE: Final = "part of a saved page"

# AppleDouble and Finder files, Office's locks, Windows' thumbnails, settings and marks of origin,
# an editor's backups, a network drive's thumbnails.
_LEFTOVERS: Final = (
    *("._*", ".ds_store", "__macosx", "icon\r"),
    *("~$*", ".~lock.*", "*~"),
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "*:zone.identifier", "*:zone.identifier:$data"),
    *("$recycle.bin", "system volume information", "@eadir"),
)
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download", ".tmp")
_PAGES: Final = (".html", ".htm", ".xhtml", ".xhtm")
# What browsers and Windows append to a page's name, in the language of the system.
_COMPANIONS: Final = (
    *(
        "_files",
        ".files",
        "-files",
        "-dateien",
        "_fichiers",
        "_archivos",
        "_arquivos",
        "_ficheiros",
    ),
    *("-filer", "_bestanden", "_file", "_pliki", "_soubory", "-tiedostot", "_fajlok", "_dosyalar"),
)


def junk(name: str) -> str:
    """Why a file or folder with this name is passed over; "" if it is not.

    >>> junk("~$report.docx"), junk("a.pdf.part"), junk(".git"), junk("a.txt")
    ('left by another program', 'unfinished download', 'hidden', '')
    """
    small = name.lower()
    if any(fnmatchcase(small, pattern) for pattern in _LEFTOVERS):
        return LEFTOVER
    if name.startswith("."):
        return HIDDEN
    return UNFINISHED if small.endswith(_UNFINISHED) else ""


def companions(names: Collection[str]) -> set[str]:
    """The folders in which a browser put the scripts and pictures of the pages beside them.

    >>> companions(["Ferry.html", "Ferry_files", "Swans_files"])
    {'Ferry_files'}
    """
    pages = _stems(names, _PAGES)
    folders = _stems(names, _COMPANIONS) if pages else {}
    return {name for stem in pages.keys() & folders.keys() for name in folders[stem]}


def _stems(names: Collection[str], endings: tuple[str, ...]) -> dict[str, list[str]]:
    """The names that have one of these endings, by what stands before it."""
    found: dict[str, list[str]] = {}
    for name in names:
        for ending in endings:
            if name.lower().endswith(ending) and len(name) > len(ending):
                found.setdefault(name[: -len(ending)], []).append(name)
    return found
