"""What a visit to a link shows: may it be assessed, is it still there, is it still the same.

N1, N2, R1 and R3 of «Требования к предоставлению материалов МУМ» (2022), asked of the document
itself. The address and the words of a row are asked in `form`. A machine only warns of the news
and of events: what is on the page is decided by the expert.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from merilo.foundation.fetching.addresses import BadAddress, one_spelling
from merilo.law import Reason, Refusal, Source, cite
from merilo.law.refusal import _

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
    Outcome.LOGIN: _("просит логин и пароль"),
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
    _("%(code)s, строка %(row)s: указана страница %(page)s, а в файле Word отмечено страниц: "
      "%(count)s. Word делит страницы на каждом компьютере по-своему; надёжнее дать PDF."),
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
class Sight:
    """What one visit saw."""

    at: datetime
    outcome: Outcome
    is_page: bool = False  # a page of a site, and no document of its own
    fingerprint: str = ""  # of a document its bytes, of a page its words
    page_count: int | None = None
    pages_are_exact: bool = False
    address: str = ""  # where it ended
    title: str = ""
    documents: int = 0  # files that a page of a site leads to

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
    UNREACHABLE = "unreachable"


CONDITION_WORDS: dict[Condition, str] = {
    Condition.NOT_VISITED: _("ещё не проверялась"),
    Condition.OK: _("открывается"),
    Condition.WARN: _("есть замечание"),
    Condition.EXCLUDED: _("похоже, не оценивается"),
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
    return Condition.WARN if reasons else Condition.OK


def reasons_from_visit(row: Row, sight: Sight, markers: Markers) -> Iterator[Refusal]:
    """What a visit shows to be wrong with a row: R1, R3, N1, N2, and whether it opens at all."""
    at = {"code": row.code, "row": row.row}
    outcome = OUTCOME_WORDS[sight.outcome]
    if sight.outcome in CLOSED_OUTCOMES:
        if not row.has_secret:
            yield CLOSED_WITHOUT_SECRET(
                _said("ссылки размещены в закрытом доступе"), outcome=outcome, **at
            )
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
    if row.last_page is None or sight.page_count is None or row.last_page <= sight.page_count:
        return
    beyond = BEYOND_THE_END if sight.pages_are_exact else BEYOND_NOTED_END
    yield beyond(
        _said("указываются номера страниц, на которых содержится информация"),
        page=row.last_page,
        count=sight.page_count,
        **at,
    )


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


# --- then and now -------------------------------------------------------------------------------


class Difference(StrEnum):
    """What became of a document between the submission and a later visit."""

    SAME = "same"
    DIED = "died"
    REVIVED = "revived"
    CHANGED = "changed"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # one of the two visits is missing


DIFFERENCE_WORDS: dict[Difference, str] = {
    Difference.SAME: _("документ тот же, что при представлении материалов"),
    Difference.DIED: _("при представлении материалов ссылка открывалась, теперь — нет; показан "
                       "сохранённый документ"),
    Difference.REVIVED: _("при представлении материалов ссылка не открывалась, теперь открывается"),
    Difference.CHANGED: _("документ изменён после представления материалов; оценивается тот, что "
                          "был представлен"),
    Difference.CLOSED: _("при представлении материалов документ был открыт, теперь доступ закрыт; "
                         "показан сохранённый документ"),
    Difference.UNKNOWN: _("сравнить не с чем: одной из проверок не было"),
}  # fmt: skip


def difference(submitted: Sight | None, later: Sight | None) -> Difference:
    """Case 144: alive then and dead now is said, and so is a change. Never guessed."""
    if submitted is None or later is None:
        return Difference.UNKNOWN
    opened, opens = submitted.outcome is Outcome.OPENED, later.outcome is Outcome.OPENED
    if opened and later.outcome in CLOSED_OUTCOMES:
        return Difference.CLOSED
    if submitted.is_alive and not later.is_alive:
        return Difference.DIED
    if not submitted.is_alive and later.is_alive:
        return Difference.REVIVED
    if opened and opens and submitted.fingerprint != later.fingerprint:
        return Difference.CHANGED
    return Difference.SAME


def fixed_at_submission(
    sights: Iterable[Sight], *, submitted_at: datetime, now: datetime, grace: timedelta
) -> Sight | None:
    """What counts as seen when the materials were submitted; None while it is too early to say.

    The first visit from then on at which the link was alive. A site that is down for an evening
    costs nobody his points: only after the grace is it fixed that nothing opened.
    """
    since = sorted((one for one in sights if one.at >= submitted_at), key=lambda one: one.at)
    within = [one for one in since if one.at <= submitted_at + grace]
    for sight in within:
        if sight.is_alive:
            return sight
    return since[0] if since and now > submitted_at + grace else None


def changed_after(deadline: datetime, sights: Iterable[Sight]) -> Sight | None:
    """The first visit after the deadline that saw another document than the last one before it."""
    before: Sight | None = None
    for sight in sorted(sights, key=lambda one: one.at):
        if sight.outcome is not Outcome.OPENED:
            continue
        if sight.at <= deadline:
            before = sight
        elif before is not None and sight.fingerprint != before.fingerprint:
            return sight
    return None


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
