"""Several documents behind one link: which files of a page are followed, and which one a row names.

R2 of «Требования к предоставлению материалов МУМ» (2022) lets a link lead to a page with several
documents; each row then names its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import basename, splitext
from urllib.parse import unquote, urlsplit

from merilo.foundation.fetching.addresses import BadAddress, read_address

from .evidence import spelling

# Words that sites put beside every file, and its size.
NO_NAME = frozenset(
    """
    скачать открыть посмотреть просмотреть смотреть просмотр загрузить файл документ ссылка download
    pdf doc docx xls xlsx odt ods rtf zip jpg png
    """.split()  # noqa: SIM905
)
SIZE = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:байт|кб|мб|kb|mb|кбайт|мбайт)\b")


@dataclass(frozen=True)
class Listed:
    """A file that a page leads to."""

    address: str
    words: str


def same_site(page: str, file: str) -> bool:
    """Whether both stand on one server; «www.» is the same one."""
    try:
        hosts = [read_address(one).host.removeprefix("www.") for one in (page, file)]
    except BadAddress:
        return False
    return hosts[0] == hosts[1]


def to_follow(page: str, files: Sequence[Listed], names: Iterable[str]) -> list[Listed]:
    """The files of the page's own site, each once; those that rows of the form name go first."""
    own: dict[str, Listed] = {}
    for file in files:
        if same_site(page, file.address):
            own.setdefault(spelling(file.address), file)
    found = list(own.values())
    named = {
        found[place].address for name in names if (place := named_in(found, name)) is not None
    }
    return sorted(found, key=lambda file: file.address not in named)


def named_in(files: Sequence[Listed], name: str) -> int | None:
    """The place of the one file that is called so; None where none is, or several may be.

    All words of one text stand in the other. Equal texts go first, then the longest in common.
    """
    wanted = words_of(name)
    if not wanted:
        return None
    fits = []
    for place, file in enumerate(files):
        said = called(file)
        if said and (said <= wanted or wanted <= said):
            fits.append((said == wanted, len(said & wanted), place))
    best = sorted(fits, reverse=True)[:2]
    if not best or (len(best) == 2 and best[0][:2] == best[1][:2]):
        return None
    return best[0][2]


def called(file: Listed) -> frozenset[str]:
    """The words a file is called by: of the link, or of its name where the link says only «скачать»."""
    name = splitext(basename(unquote(urlsplit(file.address).path)))[0]
    return words_of(file.words) or words_of(name.replace("_", " "))


def words_of(text: str) -> frozenset[str]:
    plain = SIZE.sub(" ", text.lower().replace("ё", "е"))
    return frozenset(re.findall(r"\w+", plain)) - NO_NAME
