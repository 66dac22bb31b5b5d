"""Pages of evidence with several files, with sheets, behind a password and behind a login form."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from builders import NOW, Region
from fetching import papers
from mechanisms.builders_evidence import SITE, Network, a_cycle, materials
from mechanisms.test_closed_pages import LOGIN, PASSWORD, Closed
from merilo.mechanisms import actions
from merilo.mechanisms.models import Link, Submission
from merilo.registry.access import Viewer
from web.mechanisms.test_evidence_pages import as_, shown

CLOCK = Viewer.system("Asia/Vladivostok")
TABLE = papers.sheets(
    Показатели=[["Показатель", "Доля"], ["Охват <b>", 0.5]], Меры=[["Мера"]], Три=[["3"]],
    Четыре=[["Последний"]], Пусто=[],
)  # fmt: skip
SITE_PAGE = papers.site(
    '<p>Документы</p><a href="/order.pdf">Приказ № 5</a><a href="/table.xlsx">Показатели</a>'
    '<a href="/gone.pdf">Справка</a><a href="/old.doc">Старый приказ</a>'
    '<a href="https://other.example/x.pdf">Чужой файл</a>'
)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + b"\0" * 600

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> Network:
    return Network(
        **{
            "docs": SITE_PAGE,
            "order.pdf": papers.pdf("Цели", "Показатели"),
            "table.xlsx": TABLE,
            "old.doc": OLD_WORD,
        }
    )


@pytest.fixture
def given(region: Region, hold_clock, network) -> Submission:
    hold_clock(NOW + timedelta(days=3))
    row = {"url": f"{SITE}/docs", "document_name": "Приказ № 5", "pages": "2"}
    submission = materials(region, row, state="submitted", submitted_at=NOW)
    actions.visit_address(
        address=row["url"], submission_id=submission.pk, pages=[2], actor=CLOCK, now=NOW,
        go=network.go,
    )  # fmt: skip
    actions.keep_exhibits(submission_id=submission.pk, actor=CLOCK, now=NOW)
    return submission


def document(region: Region, query: str = "", who: str = "mouo") -> str:
    return shown(region, "mechanisms-document", Link.objects.get().pk, who=who, query=query)


def file_of(region: Region, words: str) -> str:
    [one] = Link.objects.get().exhibits.get().visit.attachments.filter(words=words)
    return f"?file={one.seq}"


def test_the_document_the_row_names_is_shown_at_its_pages_and_the_other_files_beside(
    region, given
):
    page = document(region)
    assert 'id="page-2"' in page and 'id="page-1"' not in page and "назван в форме" in page
    for words in ("Показатели", "Справка — страницы нет", "Чужой файл — не сохранён"):
        assert words in page
    picture = reverse("mechanisms-page", args=[Link.objects.get().pk, 2])
    assert f'src="{picture}{file_of(region, "Приказ № 5")}"' in page
    answer = as_(region, "mouo").get(picture + file_of(region, "Приказ № 5"))
    assert answer.content[8:12] == b"WEBP"


def test_another_file_is_shown_on_request_and_sheets_are_tables_of_text(region, given):
    page = document(region, file_of(region, "Показатели"))
    assert "<td>Показатель</td>" in page and "<td>0,5</td>" in page
    assert "Охват &lt;b&gt;" in page and "Лист «Показатели»" in page
    assert "Последний" not in page  # three sheets at a time
    more = document(region, file_of(region, "Показатели") + "&page=4")
    assert "Последний" in more
    assert "Лист пуст" in document(region, file_of(region, "Показатели") + "&page=5")


def test_the_original_of_a_listed_file_is_saved_and_others_do_not_exist(region, given):
    at = reverse("mechanisms-original", args=[Link.objects.get().pk])
    answer = as_(region, "ministry").get(at + file_of(region, "Показатели"))
    assert answer.content == TABLE and answer["Content-Disposition"].endswith('.xlsx"')
    for query in ("?file=77", file_of(region, "Справка")):
        assert as_(region, "ministry").get(at + query).status_code == 404
    assert as_(region, "other_mouo").get(at + "?file=1").status_code == 404
    assert as_(region, "ministry").get(at + "?file=x1").status_code == 200  # no number: the named


def test_old_word_says_why_it_is_only_downloaded(region, given):
    page = document(region, file_of(region, "Старый приказ"))
    assert "Этот файл можно скачать" in page and "Старый Word (.doc)" in page
    assert "Скачать сохранённый файл" in page


def test_the_list_says_how_many_files_there_are_and_which_is_named(region, given):
    page = shown(region, "mechanisms-evidence", given.pk)
    assert "4\xa0файла" in page and "назван в форме «Приказ № 5»" in page


def test_with_no_file_named_so_the_page_says_to_choose(region, given):
    Link.objects.update(document_name="Положение")
    assert "выберите нужный" in document(region)
    assert "названный в форме не найден" in shown(region, "mechanisms-evidence", given.pk)


# --- closed ---------------------------------------------------------------------------------------


@pytest.fixture
def closed(region: Region, hold_clock) -> Submission:
    hold_clock(NOW)
    row = {"url": f"{SITE}/closed.pdf", "document_name": "Приказ", "closed_access": True}
    submission = materials(region, row, cycle=a_cycle(region, NOW.year))
    actions.keep_secret(
        submission_id=submission.pk, link_id=Link.objects.get().pk,
        said={"login": LOGIN, "password": PASSWORD}, actor=region.viewer("mouo"), now=NOW,
    )  # fmt: skip
    return submission


def look(submission: Submission, network: Network) -> None:
    actions.visit_address(
        address=f"{SITE}/closed.pdf", submission_id=submission.pk, actor=CLOCK, now=NOW,
        go=network.go,
    )  # fmt: skip


def test_a_document_opened_with_the_password_is_shown_and_the_password_is_not(region, closed):
    look(closed, Closed())
    page = document(region)
    assert "по паролю муниципалитета" in page and 'id="page-1"' in page
    for text in (page, shown(region, "mechanisms-evidence", closed.pk)):
        assert PASSWORD not in text and LOGIN not in text


def test_a_page_behind_a_login_form_is_said_to_be_opened_by_the_expert(region, closed):
    look(closed, Network(**{"closed.pdf": papers.site('Войдите <input type="password">')}))
    page = document(region)
    assert "Страница за формой входа" in page and "Войдите" not in page
    assert "Документ откроет эксперт по паролю" in page
    listed = shown(region, "mechanisms-evidence", closed.pk)
    assert "документ откроет эксперт по паролю" in listed
    at = reverse("mechanisms-original", args=[Link.objects.get().pk])
    assert as_(region, "mouo").get(at).status_code == 404
