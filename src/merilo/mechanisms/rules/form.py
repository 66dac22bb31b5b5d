"""The form of primary data: what its rows must hold while they are typed and when it is submitted.

R1–R8 and N1–N2 of «Требования к предоставлению материалов МУМ» (2022). A refusal stops the
submission, never the typing: what is typed is kept as a draft.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from merilo import law
from merilo.law import Profile, Refusal, Source, Value

from .form_reasons import (
    ABSENCE_UNPROVED,
    COMMENT_MISSING,
    EVENT_ONLY,
    FORM_EMPTY,
    MEASURE_UNNAMED,
    MUST_APPLY,
    NAME_MISSING,
    NEWS_FEED,
    NEWS_WITH_DOCUMENT,
    NO_REASON,
    NOT_IN_CRITERIA,
    NOTHING_GIVEN,
    PAGES_BEYOND,
    PAGES_MISSING,
    PAGES_UNKNOWN,
    PAGES_WRONG,
    SAME_LINK_UNNAMED,
    SECRET_IN_ADDRESS,
    SECRET_IN_COMMENT,
    SECRET_MISSING,
    TOO_MANY_LINKS,
    URL_MISSING,
    URL_WRONG,
)
from .tree import Edition, Kind, Node, Shape, Special


class Standing(StrEnum):
    """How a link stands before an expert has looked at it."""

    OK = "ok"
    DOUBTFUL = "doubtful"  # the expert decides
    NEWS = "N1"
    EVENT = "N2"


@dataclass(frozen=True)
class LinkFacts:
    row: int
    url: str = ""
    document_name: str = ""
    page_count: int | None = None  # counted by the worker, else as the municipality says
    pages: str = ""
    comment: str = ""
    closed_access: bool = False
    has_secret: bool = False
    regional_document: str = ""
    regional_measure: str = ""

    @property
    def is_empty(self) -> bool:
        texts = (self.url, self.document_name, self.pages, self.comment)
        more = (self.regional_document, self.regional_measure)
        return not any(text.strip() for text in (*texts, *more))


@dataclass(frozen=True)
class AnswerFacts:
    code: str
    links: tuple[LinkFacts, ...] = ()
    not_applicable: bool = False
    reason: str = ""


FORM_PARAMETERS = tuple(
    f"mechanisms.{name}"
    for name in (
        "links_per_position",
        "pages_without_numbers",
        "news_markers",
        "event_markers",
        "document_words",
    )
)


@dataclass(frozen=True)
class FormLaw:
    """The values a form is checked by, of the day its cycle was made."""

    links: Value
    pages: Value
    news: Value
    events: Value
    documents: Value


def form_law(profile: Profile, *, on: date) -> FormLaw:
    return FormLaw(*(profile.value(name, on=on) for name in FORM_PARAMETERS))


def _said(words: str) -> Source:
    return law.cite("mum-2022", f"форма сбора первичных данных, «{words}»")


# --- one link -----------------------------------------------------------------------------------

PAGES = re.compile(r"\s*(\d{1,5})\s*(?:[-–—]\s*(\d{1,5})\s*)?")
SECRETS = re.compile(r"\b(?:парол\w*|логин\w*|login|password|passwd)\s*[:=—–-]\s*\S", re.I)
# Of an address only what stands where a password does: «/login-form/» is an honest page.
SECRETS_OF_ADDRESS = re.compile(
    r"^\s*\w+://[^/?#\s]*@|[?&;](?:password|passwd|pass|pwd|парол\w*)=[^&;\s]", re.I
)
WORD = re.compile(r"[а-яa-z]+")
# What a Russian noun may end in after its stem: «приказом», but not «планета» after «план».
ENDING = re.compile(r"(?:[аоеуыийяю]|ом|ем|ей|ов|ам|ах|ями|ами|ях|ям|и[еяйюи]|ием|ия[мх]|иями)?")


def pages_of(said: str) -> list[tuple[int, int]] | None:
    """«3–5, 8» as ranges; None where it cannot be read. «с. 3» and «стр. 3» are read too."""
    plain = re.sub(r"\b(?:стр|с|лист|л)\b\.?", " ", said.strip().lower())
    found = []
    for part in re.split(r"[,;]", plain.strip(" .")):
        read = PAGES.fullmatch(part)
        if read is None:
            return None
        first, last = int(read[1]), int(read[2] or read[1])
        if not 0 < first <= last:
            return None
        found.append((first, last))
    return found


def looks_like_url(said: str) -> bool:
    """An http address with a host. Cyrillic hosts are addresses too; a login in it is not."""
    try:
        parts = urlsplit(said.strip())
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host and "@" not in parts.netloc


def standing_of(link: LinkFacts, rules: FormLaw) -> Standing:
    """What the address and the words of a row say of it; the document itself is not asked here."""
    if not looks_like_url(link.url):
        return Standing.OK
    parts = {part.lower() for part in re.split(r"[/._]", unquote(urlsplit(link.url).path)) if part}
    words = WORD.findall(f"{link.document_name} {link.comment}".lower().replace("ё", "е"))
    named = any(
        word.startswith(stem) and ENDING.fullmatch(word[len(stem) :])
        for word in words
        for stem in rules.documents.value
    )
    if parts & set(rules.news.value):
        return Standing.DOUBTFUL if named else Standing.NEWS
    if parts & set(rules.events.value) and not named:
        return Standing.EVENT
    return Standing.OK


def reasons_against_keeping(code: str, link: LinkFacts) -> Iterator[Refusal]:
    """What may not be kept even as a draft: a password where everybody would read it."""
    texts = (link.comment, link.document_name, link.pages, link.regional_document)
    closed = _said("ссылки размещены в закрытом доступе")
    if any(SECRETS.search(text) for text in (*texts, link.regional_measure)):
        yield SECRET_IN_COMMENT(closed, code=code, row=link.row, field="comment")
    if SECRETS_OF_ADDRESS.search(link.url):
        yield SECRET_IN_ADDRESS(closed, code=code, row=link.row, field="url")


def reasons_against_link(code: str, link: LinkFacts, rules: FormLaw) -> Iterator[Refusal]:
    """R1, R3, N1, N2 and the columns of the form, for one row."""
    at = {"code": code, "row": link.row}
    columns = _said("Ссылка на документ; Наименование документа; Страницы; Комментарии")
    if not link.url.strip():
        yield URL_MISSING(columns, field="url", **at)
    elif not looks_like_url(link.url) and not SECRETS_OF_ADDRESS.search(link.url):
        yield URL_WRONG(columns, said=link.url.strip()[:80], field="url", **at)
    if not link.document_name.strip():
        yield NAME_MISSING(columns, field="document_name", **at)
    if not link.comment.strip():
        yield COMMENT_MISSING(columns, field="comment", **at)
    yield from _reasons_against_pages(link, rules, at)
    yield from reasons_against_keeping(code, link)
    if link.closed_access and not link.has_secret:
        yield SECRET_MISSING(
            _said("ссылки размещены в закрытом доступе"), field="closed_access", **at
        )
    not_assessed = _said("Оценке не подлежат")
    match standing_of(link, rules):
        case Standing.NEWS:
            yield NEWS_FEED(not_assessed, field="url", **at)
        case Standing.DOUBTFUL:
            yield NEWS_WITH_DOCUMENT(not_assessed, field="url", **at)
        case Standing.EVENT:
            yield EVENT_ONLY(not_assessed, field="url", **at)
        case _:
            pass


def _reasons_against_pages(
    link: LinkFacts, rules: FormLaw, at: dict[str, object]
) -> Iterator[Refusal]:
    source, count = rules.pages.source, link.page_count
    if not link.pages.strip():
        if count is None:
            yield PAGES_UNKNOWN(source, field="pages", **at)
        elif count > rules.pages.value:
            yield PAGES_MISSING(source, count=count, field="pages", **at)
        return
    ranges = pages_of(link.pages)
    if ranges is None:
        yield PAGES_WRONG(source, said=link.pages.strip()[:60], field="pages", **at)
    elif count is not None and (last := max(end for _first, end in ranges)) > count:
        yield PAGES_BEYOND(source, page=last, count=count, field="pages", **at)


# --- one position -------------------------------------------------------------------------------


def takes_answer(edition: Edition, code: str) -> bool:
    """Whether the form has a place here: a position, or something that may be told not to apply."""
    node = edition.by_code.get(code)
    return node is not None and (node.kind is Kind.POSITION or node.may_not_apply)


def not_in_criteria(code: str) -> Refusal:
    """R8: nothing but documents by positions of the directions is assessed."""
    words = "Оценке подлежат только документы и материалы по направлениям"
    return NOT_IN_CRITERIA(_said(words), code=code)


def reasons_against_count(answer: AnswerFacts, rules: FormLaw) -> Iterator[Refusal]:
    """R5: no more links than the act lets be given for a position."""
    count, limit = sum(not link.is_empty for link in answer.links), rules.links.value
    if count > limit:
        yield TOO_MANY_LINKS(
            rules.links, code=answer.code, count=count, limit=limit, field="links"
        )


def reasons_against_answer(
    edition: Edition, answer: AnswerFacts, rules: FormLaw
) -> Iterator[Refusal]:
    """Everything a position's answer lacks or has too much of."""
    code = answer.code
    if not takes_answer(edition, code):
        yield not_in_criteria(code)
        return
    node, links = edition.by_code[code], [link for link in answer.links if not link.is_empty]
    yield from reasons_against_count(answer, rules)
    for link in links:
        yield from reasons_against_link(code, link, rules)
    yield from _reasons_against_repeats(code, links)
    if answer.not_applicable:
        yield from _reasons_against_absence(node, answer, links)
    elif edition.shape_of(code) is Shape.REGIONAL and links and not any(map(_proves, links)):
        yield MEASURE_UNNAMED(
            _said("обозначена конкретная региональная мера"),
            code=code, row=links[0].row, field="regional_measure",
        )  # fmt: skip


def _proves(link: LinkFacts) -> bool:
    return bool(link.regional_document.strip() and link.regional_measure.strip())


def _reasons_against_repeats(code: str, links: Iterable[LinkFacts]) -> Iterator[Refusal]:
    """R2: a link that is repeated names its document in every row, each row another one."""
    links = list(links)
    times = Counter(link.url.strip() for link in links if link.url.strip())
    named: set[tuple[str, str]] = set()
    for link in links:
        key = (link.url.strip(), " ".join(link.comment.lower().split()))
        if times[key[0]] > 1 and (not key[1] or key in named):
            yield SAME_LINK_UNNAMED(
                _said("несколько документов размещены по одной ссылке"),
                code=code, row=link.row, field="comment",
            )  # fmt: skip
        named.add(key)


def _reasons_against_absence(
    node: Node, answer: AnswerFacts, links: list[LinkFacts]
) -> Iterator[Refusal]:
    if not node.may_not_apply:
        yield MUST_APPLY(law.cite("product", "критерии цикла"), code=node.code)
    elif Special.ABSENCE_PROVED in node.special:
        if not any(looks_like_url(link.url) for link in links):
            yield ABSENCE_UNPROVED(
                _said("отсутствуют школы с низкими образовательными результатами"),
                code=node.code, field="links",
            )  # fmt: skip
    elif not answer.reason.strip():
        yield NO_REASON(law.cite("product", "критерии цикла"), code=node.code, field="reason")


# --- the whole form -----------------------------------------------------------------------------


def absent_codes(edition: Edition, answers: Iterable[AnswerFacts]) -> frozenset[str]:
    """What was told not to apply, with everything that stands under it."""
    return frozenset(
        node.code
        for answer in answers
        if answer.not_applicable and answer.code in edition.by_code
        for node in edition.by_code[answer.code].walk()
    )


def reasons_against_form(
    edition: Edition, answers: Iterable[AnswerFacts], rules: FormLaw
) -> Iterator[Refusal]:
    """The self-check: every answer, and the positions nothing was given for."""
    answers = list(answers)
    absent, by_code = absent_codes(edition, answers), {one.code: one for one in answers}
    for answer in answers:
        known = answer.code in edition.by_code
        if not known or absent.isdisjoint(one.code for one in edition.above(answer.code)):
            yield from reasons_against_answer(edition, answer, rules)
    if not any(one.not_applicable or not all(x.is_empty for x in one.links) for one in answers):
        yield FORM_EMPTY(law.cite("product", "пустая форма ничего не представляет"))
        return
    for node in edition.walk():
        if node.kind is not Kind.POSITION or node.code in absent:
            continue
        given = by_code.get(node.code)
        if given is None or all(link.is_empty for link in given.links):
            yield NOTHING_GIVEN(
                _said("Позиции оценивания — Ссылка на документ"), code=node.code, field="links"
            )
