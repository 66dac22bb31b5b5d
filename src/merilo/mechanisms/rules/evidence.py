"""What a visit to a link shows: may it be assessed, is it still there, is it still the same.

N1, N2, R1 and R3 of «Требования к предоставлению материалов МУМ» (2022), asked of the document
itself. The address and the words of a row are asked in `form`. A machine only warns of the news
and of events: what is on the page is decided by the expert.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from math import ceil
from urllib.parse import unquote, urlsplit

from merilo.foundation.fetching.addresses import BadAddress, one_spelling
from merilo.foundation.fetching.passwords import Use
from merilo.law import Reason, Refusal, Source, cite
from merilo.law.refusal import _

from .closed import ACCESS_REASONS, BEHIND_A_FORM

ACT = "mum-2022"


class Outcome(StrEnum):
    """How a visit ended. The codes are those of the visiting and reading below, and one of ours."""

    OPENED = "opened"
    LOGIN = "login"  # opened, but what opened asks for a password
    CLOSED = "closed"
    GONE = "gone"
    SERVER = "server"
    NO_NAME = "no-name"
    NO_ANSWER = "no-answer"
    TOO_SLOW = "too-slow"
    INSECURE = "insecure"
    ROUND = "round"
    TOO_BIG = "too-big"
    WRONG_KIND = "wrong-kind"
    BAD_ADDRESS = "bad-address"
    PRIVATE = "private"
    BROKEN = "broken"
    LOCKED = "locked"
    HEAVY = "heavy"


OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.OPENED: _("открылась"),
    Outcome.LOGIN: _("страница за формой входа"),
    Outcome.CLOSED: _("доступ закрыт"),
    Outcome.GONE: _("страницы нет"),
    Outcome.SERVER: _("сайт ответил ошибкой"),
    Outcome.NO_NAME: _("такого сайта нет"),
    Outcome.NO_ANSWER: _("сайт не отвечает"),
    Outcome.TOO_SLOW: _("сайт отвечает слишком долго"),
    Outcome.INSECURE: _("сертификату сайта нельзя доверять"),
    Outcome.ROUND: _("сайт пересылает по кругу"),
    Outcome.TOO_BIG: _("файл слишком большой"),
    Outcome.WRONG_KIND: _("это не документ и не страница"),
    Outcome.BAD_ADDRESS: _("адрес записан неверно"),
    Outcome.PRIVATE: _("адрес внутренней сети"),
    Outcome.BROKEN: _("файл повреждён"),
    Outcome.LOCKED: _("файл закрыт паролем"),
    Outcome.HEAVY: _("файл слишком тяжёлый, чтобы его разобрать"),
}
# Something was at the address, whether or not it could be read: the link was alive.
ALIVE = frozenset(
    {Outcome.OPENED, Outcome.LOGIN, Outcome.CLOSED, Outcome.TOO_BIG, Outcome.BROKEN,
     Outcome.LOCKED, Outcome.HEAVY}
)  # fmt: skip
CLOSED_OUTCOMES = frozenset({Outcome.LOGIN, Outcome.CLOSED, Outcome.LOCKED})
# What the author of the link must put right: waiting does not help.
WRONG_LINKS = frozenset({Outcome.BAD_ADDRESS, Outcome.PRIVATE, Outcome.WRONG_KIND})

CLOSED_WITHOUT_SECRET = Reason(
    "mechanisms.closed-without-secret",
    _("%(code)s, строка %(row)s: по ссылке не открыть документ — %(outcome)s. Отметьте «закрытый "
      "доступ» и дайте сведения для входа."),
)  # fmt: skip
LINK_WRONG = Reason(
    "mechanisms.link-wrong",
    _(
        "%(code)s, строка %(row)s: по ссылке документа не получить — %(outcome)s. Исправьте ссылку."
    ),
)
LINK_DEAD = Reason(
    "mechanisms.link-dead",
    _("%(code)s, строка %(row)s: ссылка не открылась %(at)s — %(outcome)s. Проверьте её; документ, "
      "которого не видно, не оценят."),
    warning=True,
)  # fmt: skip
BEYOND_THE_END = Reason(
    "mechanisms.beyond-the-end",
    _("%(code)s, строка %(row)s: указана страница %(page)s, а в документе по ссылке их %(count)s. "
      "Исправьте номера страниц."),
)  # fmt: skip
BEYOND_NOTED_END = Reason(
    "mechanisms.beyond-noted-end",
    _("%(code)s, строка %(row)s: указана страница %(page)s, а в файле отмечено страниц: %(count)s. "
      "Текст делится на страницы на каждом компьютере по-своему; надёжнее дать PDF."),
    warning=True,
)  # fmt: skip
BEYOND_POSSIBLE_END = Reason(
    "mechanisms.beyond-possible-end",
    _("%(code)s, строка %(row)s: указана страница %(page)s. В файле отмечено страниц: %(count)s, а "
      "по объёму текста их не больше %(most)s. Исправьте номера страниц."),
)  # fmt: skip
BEYOND_THE_LISTED_END = Reason(
    "mechanisms.beyond-the-listed-end",
    _("%(code)s, строка %(row)s: указана страница %(page)s, а в файле «%(file)s», который подходит "
      "по наименованию, страниц: %(count)s. Проверьте номера страниц и наименование."),
    warning=True,
)  # fmt: skip
NEWS_SEEN = Reason(
    "mechanisms.news-seen",
    _("%(code)s, строка %(row)s: по ссылке открылась новостная лента, документов на ней нет. Такие "
      "ссылки не оцениваются: дайте ссылку на сам документ."),
    warning=True,
)  # fmt: skip
NEWS_WITH_FILE = Reason(
    "mechanisms.news-with-file",
    _("%(code)s, строка %(row)s: по ссылке открылась новость с документами (%(documents)s). "
      "Засчитать ли их, решит эксперт; надёжнее прямая ссылка на документ."),
    warning=True,
)  # fmt: skip
EVENT_SEEN = Reason(
    "mechanisms.event-seen",
    _("%(code)s, строка %(row)s: на странице мероприятия нет ни одного документа. Без приказа, "
      "протокола или иного подтверждения она не оценивается."),
    warning=True,
)  # fmt: skip
SAME_DOCUMENT_TWICE = Reason(
    "mechanisms.same-document-twice",
    _("%(code)s, строка %(row)s: это та же ссылка, что в строке %(first)s, хотя написана иначе. "
      "Если за ней несколько документов, назовите свой в каждой строке; если один — уберите "
      "повтор."),
    warning=True,
)  # fmt: skip


@dataclass(frozen=True)
class FileSight:
    """The file of a page that the row names by its words."""

    words: str
    page_count: int | None = None
    pages_at_most: int | None = None


@dataclass(frozen=True)
class Sight:
    """What one visit saw."""

    at: datetime
    outcome: Outcome
    access: Use = Use.NOT_ASKED
    is_page: bool = False  # a page of a site, and no document of its own
    fingerprint: str = ""  # of a document its bytes, of a page its words
    page_count: int | None = None
    pages_are_exact: bool = False
    pages_at_most: int | None = None  # where they are not counted exactly
    address: str = ""  # where it ended
    title: str = ""
    documents: int = 0  # files that a page of a site leads to
    files: tuple[tuple[str, str], ...] = ()  # of those that opened, the address and fingerprint
    named_file: FileSight | None = None

    @property
    def is_alive(self) -> bool:
        return self.outcome in ALIVE


@dataclass(frozen=True)
class Row:
    """A row of the form that was visited."""

    code: str
    row: int
    url: str
    last_page: int | None = None  # the greatest of the pages given for expertise
    has_secret: bool = False
    document_name: str = ""


@dataclass(frozen=True)
class Markers:
    """Words of an address or a title that show the news and events; values of the law layer."""

    news: frozenset[str]
    events: frozenset[str]


class Condition(StrEnum):
    """How a link stands after it was visited."""

    NOT_VISITED = "not-visited"
    OK = "ok"
    WARN = "warn"
    EXCLUDED = "excluded"  # N1 or N2, unless an expert decides otherwise
    BY_EXPERT = "by-expert"  # closed, and the municipality gave what opens it
    UNREACHABLE = "unreachable"


CONDITION_WORDS: dict[Condition, str] = {
    Condition.NOT_VISITED: _("ещё не проверялась"),
    Condition.OK: _("открывается"),
    Condition.WARN: _("есть замечание"),
    Condition.EXCLUDED: _("похоже, не оценивается"),
    Condition.BY_EXPERT: _("документ откроет эксперт по паролю"),
    Condition.UNREACHABLE: _("не открывается"),
}
EXCLUDING = frozenset({NEWS_SEEN.code, EVENT_SEEN.code})


def condition(row: Row, sight: Sight | None, markers: Markers) -> Condition:
    """One word for a link, from what the last visit saw."""
    if sight is None:
        return Condition.NOT_VISITED
    reasons = list(reasons_from_visit(row, sight, markers))
    if any(reason.code in EXCLUDING for reason in reasons):
        return Condition.EXCLUDED
    if not sight.is_alive:
        return Condition.UNREACHABLE
    is_closed = sight.outcome in CLOSED_OUTCOMES and sight.access is not Use.REFUSED
    if is_closed and row.has_secret:
        return Condition.BY_EXPERT
    return Condition.WARN if reasons else Condition.OK


def reasons_from_visit(row: Row, sight: Sight, markers: Markers) -> Iterator[Refusal]:
    """What a visit shows to be wrong with a row: R1, R3, N1, N2, and whether it opens at all."""
    at = {"code": row.code, "row": row.row}
    outcome = OUTCOME_WORDS[sight.outcome]
    if sight.outcome in CLOSED_OUTCOMES:
        source = _said("ссылки размещены в закрытом доступе")
        if not row.has_secret:
            yield CLOSED_WITHOUT_SECRET(source, outcome=outcome, **at)
        elif sight.access in ACCESS_REASONS:
            yield ACCESS_REASONS[sight.access](source, **at)
        elif sight.outcome is Outcome.LOGIN:
            yield BEHIND_A_FORM(source, **at)
        return
    if sight.outcome in WRONG_LINKS:
        yield LINK_WRONG(_said("строка для ссылок"), outcome=outcome, **at)
        return
    if sight.outcome is not Outcome.OPENED:
        yield LINK_DEAD(_said("строка для ссылок"), outcome=outcome, at=sight.at, **at)
        return
    yield from _reasons_against_pages(row, sight, at)
    yield from _reasons_against_page_of_site(row, sight, markers, at)


def _reasons_against_pages(row: Row, sight: Sight, at: dict[str, object]) -> Iterator[Refusal]:
    """Pages beyond the end: refused where it is certain, told where it is only noted."""
    source = _said("указываются номера страниц, на которых содержится информация")
    asked, count, named = row.last_page, sight.page_count, sight.named_file
    if asked is None:
        return
    if named is not None:
        end = named.pages_at_most or named.page_count
        if end is not None and asked > end:
            yield BEYOND_THE_LISTED_END(source, page=asked, count=end, file=named.words, **at)
    elif count is None or asked <= count:
        return
    elif sight.pages_are_exact:
        yield BEYOND_THE_END(source, page=asked, count=count, **at)
    elif sight.pages_at_most is not None and asked > sight.pages_at_most:
        most = sight.pages_at_most
        yield BEYOND_POSSIBLE_END(source, page=asked, count=count, most=most, **at)
    else:
        yield BEYOND_NOTED_END(source, page=asked, count=count, **at)


def most_pages(noted: int, ends: int, lines: int, figures: int, *, page_lines: int) -> int:
    """The most pages a text of Word or OpenDocument can have, however a machine lays it out.

    What its editor noted, or the ends of pages in it and as many pages as its lines fill at
    `page_lines` a page, a page for each drawing: whichever is more. A note may be old: a program
    that makes documents leaves the one of its template.
    """
    return max(noted, ends + ceil(lines / page_lines) + figures)


def _reasons_against_page_of_site(
    row: Row, sight: Sight, markers: Markers, at: dict[str, object]
) -> Iterator[Refusal]:
    if not sight.is_page:
        return
    source = _said("Оценке не подлежат")
    words = _words(row.url) | _words(sight.address) | _title_words(sight.title)
    if words & markers.news:
        if sight.documents:
            yield NEWS_WITH_FILE(source, documents=sight.documents, **at)
        else:
            yield NEWS_SEEN(source, **at)
    elif words & markers.events and not sight.documents:
        yield EVENT_SEEN(source, **at)


def _words(address: str) -> set[str]:
    """The parts of an address between its slashes and points, in small letters."""
    path = unquote(urlsplit(address).path).lower()
    return set(path.replace(".", "/").replace("_", "/").split("/"))


def _title_words(title: str) -> set[str]:
    """The words a site calls the page by; «Новости», not «новости школы № 5 о приказе»."""
    named = {part.strip().lower() for sign in "|—–·:/" for part in title.split(sign)}
    return named | {title.strip().lower()}


DOCUMENT_ENDINGS = (
    ".pdf", ".doc", ".docx", ".rtf", ".odt", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".jpg",
    ".jpeg", ".png", ".tif", ".tiff", ".zip", ".rar", ".7z",
)  # fmt: skip


def leads_to_file(href: str) -> bool:
    """Whether a link of a page leads to a file that may be a document."""
    return urlsplit(href).path.lower().rstrip("/").endswith(DOCUMENT_ENDINGS)


# --- one document in many rows ------------------------------------------------------------------


def spelling(url: str) -> str:
    """One text for all spellings of an address (case 145); what is no address is only trimmed."""
    try:
        return one_spelling(url)
    except BadAddress:
        return url.strip()


def address_key(url: str) -> str:
    """The spelling as a word of one length, for looking it up."""
    return sha256(spelling(url).encode()).hexdigest()


def repeats(rows: Sequence[Row]) -> Iterator[Refusal]:
    """R2 and R6: the same address again in one position, however written. Elsewhere it may be."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        if not row.url.strip():
            continue
        earlier = first.setdefault((row.code, spelling(row.url)), row)
        if earlier is not row and earlier.url.strip() != row.url.strip():
            yield SAME_DOCUMENT_TWICE(
                _said("несколько документов размещены по одной ссылке"),
                code=row.code,
                row=row.row,
                first=earlier.row,
            )


def _said(words: str) -> Source:
    return cite(ACT, f"форма сбора первичных данных, «{words}»")
