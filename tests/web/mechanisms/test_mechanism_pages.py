"""Pages of municipal mechanisms: who reads what, what is kept, what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from journeys.builders_road import vl
from mechanisms.builders_mechanisms import AFTER, GOOD, OPENED, SHARED, a_run, federal
from mechanisms.builders_mechanisms import region as criteria
from merilo.foundation.journal.models import JournalEntry
from merilo.mechanisms import actions
from merilo.mechanisms.actions.criteria import MatchRow
from merilo.mechanisms.models import (
    AccessSecret,
    Answer,
    CriteriaEdition,
    CriteriaMatch,
    Cycle,
    Link,
)
from merilo.mechanisms.queries.criteria import edition_of
from merilo.mechanisms.rules.case_exchange import as_case

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"


@pytest.fixture
def people(region):
    def sign_in(login):
        client = Client()
        client.force_login(region.accounts[login])
        return client

    return sign_in


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def form_url(run, name="mechanisms-form"):
    return reverse(name, args=[run.form.pk])


def part_url(run, code):
    return reverse("mechanisms-form-part", args=[run.form.pk, code])


def sent(code, *links, version=0, **more):
    """What a browser sends for one position."""
    data = {"code": code, "version": version} | more
    for link in links:
        fields = ("url", "document_name", "page_count", "pages", "comment",
                  "regional_document", "regional_measure")  # fmt: skip
        data |= {f"{link.row}-{name}": getattr(link, name) or "" for name in fields}
        if link.closed_access:
            data[f"{link.row}-closed_access"] = "on"
    return data


def autosave(client, run, data):
    url = reverse("mechanisms-form-save", args=[run.form.pk])
    return client.post(url, data, headers={"X-Autosave": "1"})


# --- the archive ---------------------------------------------------------------------------------


def test_case_136_the_archive_page_shows_the_printed_share_with_its_note(people, db):
    said = text(people("mouo").get(reverse("mechanisms-edition", args=["mum-2021"])))
    assert "13,7" in said and "как напечатано" in said
    assert "расчёт даёт 13,8" in said and "66 : 480" in said


def test_case_137_the_page_says_what_the_shares_come_to(people):
    said = text(people("ministry").get(reverse("mechanisms-edition", args=["mum-2021"])))
    assert "вместе: 99,9." in said and "вместе: 100,1." in said


def test_case_139_and_141_the_whole_has_points_and_no_share_and_they_are_maxima(people):
    said = text(people("rcoi").get(reverse("mechanisms-edition", args=["mum-2022"])))
    whole = said.split("<b>Механизмы управления качеством образования</b>")[1].split("</tr>")[0]
    assert "442" in whole and "," not in whole and "<td></td>" in whole
    assert "как максимум баллов критериев" in said


def test_case_143_no_page_offers_to_send_anything_to_the_federal_system(people, run):
    for who, url in (
        ("mouo", form_url(run)),
        ("ministry", reverse("mechanisms-cycle", args=[run.cycle.pk])),
        ("ministry", reverse("mechanisms")),
        ("mouo", reverse("mechanisms-edition", args=["mum-2022"])),
    ):
        said = text(people(who).get(url))
        assert "в ФИС ОКО отсюда ничего не отправляется" in said
        assert "Отправить в ФИС" not in said


def test_criteria_go_out_as_a_table_and_as_case_and_come_back(people, run):
    client = people("ministry")
    url = reverse("mechanisms-edition", args=["region-2026"])
    sheet = client.get(url + "?format=xlsx").content
    assert openpyxl.load_workbook(BytesIO(sheet)).active.max_row > 10
    package = json.loads(client.get(url + "?format=case").content)
    assert package["CFDocument"]["title"] == "Критерии края"
    load = reverse("mechanisms-criteria-load")
    said = {"title": "Критерии края", "year": 2026, "renormalisation": "none", "source": ""}
    for code, name, content in (
        ("by-table", "criteria.xlsx", sheet),
        ("by-case", "criteria.json", json.dumps(package).encode()),
    ):
        answer = client.post(
            load, said | {"code": code, "file": SimpleUploadedFile(name, content)}
        )
        assert answer.status_code == 302, text(answer)
        row = CriteriaEdition.objects.get(code=code)
        assert edition_of(row).roots == criteria().roots


def test_a_wrong_criteria_file_is_told_by_rows_and_kept_nowhere(people, region):
    client = people("ministry")
    table = "Код;Вид;Наименование;Внутри;Баллы\n1;блок;Блок;;\n1.1;глава;Трек;1;пять\n"
    for name, content, words in (
        ("c.csv", table.encode(), "Строка 3"),
        ("c.json", b"{nonsense", "IMS CASE"),
    ):
        answer = client.post(
            reverse("mechanisms-criteria-load"),
            {"code": "own", "title": "Свои", "year": 2026, "renormalisation": "none",
             "file": SimpleUploadedFile(name, content)},
        )  # fmt: skip
        assert answer.status_code == 422 and words in text(answer)
    assert not CriteriaEdition.objects.exists()


def test_the_template_of_criteria_is_read_by_the_page_that_gives_it(people):
    answer = people("ministry").get(reverse("mechanisms-criteria-template"))
    assert openpyxl.load_workbook(BytesIO(answer.content)).active.max_column == 13


def test_years_are_mapped_from_a_table(people, run):
    client, url = people("ministry"), reverse("mechanisms-criteria-mapping")
    client.post(url, {"do": "archive"})
    assert CriteriaMatch.objects.count() == 14
    editions = {one.code: one.pk for one in CriteriaEdition.objects.all()}
    table = "Код раньше;Код теперь;Примечание\n1.1;1.1;\n1.2;1.1;объединены\n;1.2.1;нет\n"
    said = {"earlier": editions["mum-2022"], "later": editions["region-2026"]}
    answer = client.post(
        url, said | {"file": SimpleUploadedFile("m.csv", table.encode())}, follow=True
    )
    assert "Соответствий загружено: 3" in text(answer)
    assert "соответствия нет" in text(answer)
    wrong = "Код раньше;Код теперь\n7.7;1\n"
    answer = client.post(url, said | {"file": SimpleUploadedFile("m.csv", wrong.encode())})
    assert answer.status_code == 422 and "7.7" in text(answer)


# --- the run -------------------------------------------------------------------------------------


def test_the_operator_makes_a_run_opens_it_and_sees_every_municipality(people, region, hold_clock):
    hold_clock(OPENED)
    client = people("ministry")
    package = json.dumps(as_case(criteria(), changed_at=datetime(2026, 3, 1, tzinfo=UTC)))
    client.post(
        reverse("mechanisms-criteria-load"),
        {"code": "own-2026", "title": "Свои", "year": 2026, "renormalisation": "none",
         "file": SimpleUploadedFile("c.json", package.encode())},
    )  # fmt: skip
    edition = CriteriaEdition.objects.get()
    new = {"title": "Самооценка", "edition": edition.pk, "submit_by": "31.03.2026"}
    answer = client.post(reverse("mechanisms"), new | {"submit_by": "01.01.2026"})
    assert answer.status_code == 422
    client.post(reverse("mechanisms"), new)
    cycle = Cycle.objects.get()
    url = reverse("mechanisms-cycle", args=[cycle.pk])
    assert people("mouo").get(url).status_code == 404
    client.post(url, {"do": "move", "to": "open"})
    said = text(client.get(url))
    assert "МОУО Владивостока" in said and "МОУО Находки" in said
    assert "earlier" not in said
    client.post(url, {"do": "day", "submit_by": "05.04.2026"})
    assert "5 апреля 2026" in text(client.get(url))
    assert "по 5 апреля 2026 включительно. Раньше" in text(
        client.post(url, {"do": "move", "to": "closed"}, follow=True)
    )
    assert client.post(url, {"do": "move", "to": "nowhere"}).status_code == 404
    assert client.post(url, {"do": "day", "submit_by": "когда"}).status_code == 200
    assert client.get(url + "?format=xlsx").status_code == 200


def test_each_sees_of_a_run_what_is_his(people, run):
    url = reverse("mechanisms-cycle", args=[run.cycle.pk])
    said = {who: text(people(who).get(url)) for who in ("mouo", "rcoi", "auditor", "ministry")}
    assert "МОУО Владивостока" in said["mouo"] and "МОУО Находки" not in said["mouo"]
    for who in ("rcoi", "auditor", "ministry"):
        assert "МОУО Находки" in said[who]
        assert form_url(run) not in said[who], "a draft is not read from above"
    assert "Изменить последний день" in said["ministry"]
    assert "Изменить последний день" not in said["rcoi"]
    assert people("rcoi").post(url, {"do": "move", "to": "closed"}).status_code == 403
    assert people("school").get(url).status_code == 403
    assert people("mumexpert").get(url).status_code == 200


def test_a_form_is_nobody_else_s(people, run):
    for who, status in (
        ("other_mouo", 404), ("ministry", 404), ("rcoi", 404), ("auditor", 404),
        ("mumexpert", 403), ("school", 403), ("testing_org", 403),
    ):  # fmt: skip
        client = people(who)
        assert client.get(form_url(run)).status_code == status, who
        assert client.get(part_url(run, "1.2.1")).status_code == status, who
        answer = autosave(client, run, sent(OWN, GOOD))
        assert answer.status_code in (403, 404), who
    assert not Answer.objects.exists()


def test_the_duty_leads_to_the_form(people, run):
    home = text(people("mouo").get(reverse("home")))
    assert "Заполнить форму МУМ" in home and form_url(run) in home


# --- filling -------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_answered_with_its_hour_version_and_reasons(people, run):
    client = people("mouo")
    answer = autosave(client, run, sent(OWN, replace(GOOD, pages="", page_count=12)))
    said = answer.json()
    assert (answer.status_code, said["saved_at"], said["version"]) == (200, "10:00", 1)
    (reason,) = said["reasons"]
    place = Answer.objects.get().criterion_id
    assert reason["field"] == f"p{place}_1-pages" and not reason["warning"]
    assert "МУМ-2022" in reason["source"]
    page = text(client.get(part_url(run, "1.2.1")))
    assert f'id="p{place}_1-pages"' in page and "сохранено 10:00" in page
    assert reason["text"] in page and GOOD.url in page
    assert "(необязательно)" not in page, "a draft may lack anything, the submission may not"


def test_two_people_at_one_position_the_later_is_told(people, run):
    first, second = people("mouo"), people("mouo")
    assert autosave(first, run, sent(OWN, GOOD)).status_code == 200
    answer = autosave(second, run, sent(OWN, replace(GOOD, comment="Иначе")))
    assert answer.status_code == 422
    assert "изменил другой сотрудник" in answer.json()["reasons"][0]["text"]
    assert Link.objects.get().comment == GOOD.comment


def test_without_scripts_a_button_keeps_the_position_and_errors_stand_on_top(people, run):
    client, url = people("mouo"), reverse("mechanisms-form-save", args=[run.form.pk])
    answer = client.post(url, sent(OWN, GOOD), follow=True)
    assert "Позиция 1.2.1.1.2 сохранена" in text(answer)
    answer = client.post(url, sent(OWN, replace(GOOD, comment="пароль: Qwerty12"), version=1))
    said = text(answer)
    assert answer.status_code == 422
    assert "govuk-error-summary" in said and "похоже, в тексте стоит логин" in said
    assert 'name="version" value="1"' in said
    assert Link.objects.get().comment == GOOD.comment


def test_what_was_typed_comes_back_letter_by_letter(people, run):
    name = 'Приказ "О мерах" <№ 1> & ⟦url⟧'
    run.save(OWN, replace(GOOD, document_name=name, closed_access=True), replace(GOOD, row=4))
    page = people("mouo").get(part_url(run, "1.2.1")).content.decode()
    card = page[page.index(f'value="{OWN}"') :]
    assert f'value="{escape(name)}"' in card and f"{GOOD.comment}</textarea>" in card
    assert card.count(f'value="{GOOD.url}"') == 2, "in the first row and in the fourth"
    assert card.count(" checked") == 1, "one of the rows is in closed access"
    kept = Answer.objects.get().criterion_id
    for row in range(1, 6):
        assert f'id="p{kept}_{row}-url"' in card and f'for="p{kept}_{row}-comment"' in card
    assert "⟦" not in page.replace("⟦url⟧", "")


def test_rows_of_the_form_are_not_drawn_anew_for_every_position(people, run):
    client = people("mouo")
    for code in ("1.2.1", "1.1.2", "1.1.1"):
        client.get(part_url(run, code))
    drawn = [one.name for one in client.get(part_url(run, "1.2.1")).templates]
    assert "mechanisms/part.html" in drawn and "mechanisms/link_row.html" not in drawn


def test_nonsense_is_told_and_not_kept(people, run):
    client = people("mouo")
    for data in (
        sent(OWN, GOOD) | {"1-page_count": "много"},
        sent(OWN, GOOD) | {"version": ""},
        sent("9.9", GOOD),
    ):
        assert autosave(client, run, data).status_code == 422
    place = run.cycle.edition.criteria.get(code=OWN).pk
    long = autosave(client, run, sent(OWN, GOOD) | {"1-comment": "к" * 4001}).json()["reasons"]
    assert [one["field"] for one in long] == [f"p{place}_1-comment"], "the field is marked"
    assert f"{OWN}, строка 1, «Комментарий" in long[0]["text"]
    url = reverse("mechanisms-form-save", args=[run.form.pk])
    answer = client.post(url, sent(OWN, GOOD) | {"1-page_count": "много"}, follow=True)
    assert "целое число" in text(answer).lower()
    assert not Answer.objects.exists()
    assert client.get(part_url(run, "1.2")).status_code == 404


def test_the_form_is_checked_submitted_and_taken_back(people, run):
    client = people("mouo")
    autosave(client, run, sent(OWN, replace(GOOD, pages="")))
    place = Answer.objects.get().criterion_id
    answer = client.post(form_url(run), {"do": "check"})
    said = text(answer)
    assert answer.status_code == 422
    assert f"{part_url(run, '1.2.1')}#p{place}_1-pages" in said
    assert "Требования к материалам МУМ-2022" in said
    autosave(client, run, sent(OWN, GOOD, version=1))
    said = text(client.post(form_url(run), {"do": "check"}))
    assert "Самопроверка пройдена" in said and "Представить материалы" in said
    said = text(client.post(form_url(run), {"do": "submit"}, follow=True))
    assert "Материалы представлены" in said and "Вернуть в черновик" in said
    assert "Самопроверка</button>" not in said
    read = text(people("ministry").get(part_url(run, "1.2.1")))
    assert GOOD.url in read and "data-autosave" not in read
    said = text(client.post(form_url(run), {"do": "back"}, follow=True))
    assert "снова в черновике" in said
    assert client.post(form_url(run), {"do": "burn"}).status_code == 404
    assert "Форма прошлого цикла не найдена" in text(client.post(form_url(run), {"do": "carry"}))


def test_the_path_of_no_such_schools_asks_for_documents(people, run):
    client = people("mouo")
    answer = autosave(client, run, sent("1.1.1", not_applicable="on"))
    assert "таких школ нет" in answer.json()["reasons"][0]["text"]
    answer = autosave(client, run, sent("1.1.1", GOOD, version=1, not_applicable="on"))
    assert answer.json()["reasons"] == []
    page = text(client.get(part_url(run, "1.1.1")))
    assert "Школ с низкими образовательными результатами нет" in page


def test_last_year_s_form_is_offered_to_an_empty_one(people, run, region, hold_clock):
    run.save("1.1.2.1", SHARED)
    again = a_run(region, edition=replace(criteria(), code="next", year=2027), now=vl(3, 20))
    hold_clock(vl(3, 21))
    client, url = people("mouo"), reverse("mechanisms-form", args=[again.form.pk])
    said = text(client.get(url))
    assert "соответствие лет не загружено" in said and "Перенести форму" not in said
    refused = client.post(url, {"do": "carry"})
    assert refused.status_code == 422 and "переносить некуда" in text(refused)
    actions.match_editions(
        earlier_id=run.cycle.edition_id, later_id=again.cycle.edition_id,
        rows=[MatchRow(2, "1.1.2.1", "1.1.2.1")], actor=run.ministry, now=vl(3, 21),
    )  # fmt: skip
    assert "Перенести форму прошлого года" in text(client.get(url))
    said = text(client.post(url, {"do": "carry"}, follow=True))
    assert "Перенесено позиций: 1" in said


def test_after_the_last_day_nothing_is_taken_back(people, run, hold_clock):
    run.fill()
    run.submit()
    client = people("mouo")
    assert "Вернуть в черновик" in text(client.get(form_url(run)))
    hold_clock(AFTER)
    assert "Вернуть в черновик" not in text(client.get(form_url(run)))


def test_links_are_pasted_from_a_spreadsheet_after_a_look(people, run):
    client, url = people("mouo"), reverse("mechanisms-form-paste", args=[run.form.pk])
    rows = "\n".join(
        [
            f'{OWN}\thttps://uo.example/1.pdf\t"Приказ\n№ 1"\t3\t1–2\tЦели',
            "",
            f"{OWN}\thttps://uo.example/2.pdf\tПрограмма\t\t\tРаздел 2",
        ]
    )
    said = text(client.post(url, {"rows": rows, "do": "check"}))
    assert "Что будет записано" in said and not Link.objects.exists()
    said = text(client.post(url, {"rows": rows, "do": "write"}, follow=True))
    assert "Ссылок добавлено: 2" in said
    assert list(Link.objects.order_by("seq").values_list("page_count", flat=True)) == [3, None]
    for wrong, words in (
        (f"{OWN}\thttps://x.example\tА\tмного", "не число страниц"),
        (f"{OWN}\t{'h' * 2001}", "слишком длинная"),
        ("\t\n", "хотя бы одну"),
        ("1.2\thttps://x.example", "не позиция оценивания"),
    ):
        answer = client.post(url, {"rows": wrong, "do": "write"})
        assert answer.status_code == 422 and words in text(answer), words
    assert Link.objects.count() == 2


def test_a_look_at_a_paste_tells_every_error_at_once(people, run):
    client, url = people("mouo"), reverse("mechanisms-form-paste", args=[run.form.pk])
    rows = "\n".join(
        [
            "Код позиции\tСсылка на документ\tНаименование\tСтраниц",
            f"{OWN}\tне адрес\tПриказ\tмного\t1",
            f"{OWN}\thttps://uo.example/2.pdf\tПрограмма\t3\t7\tЦели",
            f"{OWN}\thttps://uo.example/3.pdf\tПлан\t3\t1\t{'к' * 4001}",
            "9.9\thttps://uo.example/4.pdf\tПлан",
        ]
    )
    for do in ("check", "write"):
        answer = client.post(url, {"rows": rows, "do": do})
        said = text(answer)
        assert answer.status_code == 422 and not Link.objects.exists()
        for words in (
            "строка 2: «много» — не число страниц",
            "строка 4: ячейка «Комментарий» слишком длинная",
            "9.9 — не позиция оценивания",
            "строка 2: «не адрес» не адрес страницы",
            "строка 3: указана страница 7, а в документе их 3",
        ):
            assert words in said, words
    rows = f"{OWN}\tне адрес\tПриказ"
    answer = client.post(url, {"rows": rows, "do": "check"})
    assert answer.status_code == 200 and "не адрес страницы" in text(answer)
    client.post(url, {"rows": rows, "do": "write"})
    assert Link.objects.get().url == "не адрес", "a draft may lack anything, a pasted one too"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (f"{OWN}\thttps://uo.example/1\t{'и' * 140_000}", "слишком длинная"),
        (f'{OWN}\t"https://uo.example/1\tПриказ\n' + "и" * 140_000, "Проверьте кавычки"),
        (f"{OWN}\thttps://uo.example/1\tПриказ\r9.9\thttps://uo.example/2", "9.9 — не позиция"),
    ],
)
def test_no_table_breaks_the_page_of_pasting(people, run, rows, words):
    url = reverse("mechanisms-form-paste", args=[run.form.pk])
    answer = people("mouo").post(url, {"rows": rows, "do": "check"})
    assert answer.status_code == 422 and words in text(answer)


# --- closed pages --------------------------------------------------------------------------------


def test_case_122_credentials_are_masked_until_asked_for_and_in_no_export(people, run):
    client = people("mouo")
    autosave(client, run, sent(OWN, replace(GOOD, closed_access=True)))
    url = reverse("mechanisms-access", args=[Link.objects.get().pk])
    assert "хотя бы одно поле" in text(client.post(url, {"login": ""}))
    answer = client.post(url, {"login": "uo-vl", "password": "Тайна-77", "other": ""}, follow=True)
    assert "••••••" in text(answer) and "Тайна-77" not in text(answer)
    assert "no-store" in client.get(url)["Cache-Control"]
    shown = text(client.post(url, {"do": "show"}))
    assert "Тайна-77" in shown and "uo-vl" in shown
    assert JournalEntry.objects.filter(event="mechanisms.secret-shown", kind="view").count() == 1
    page = text(client.get(part_url(run, "1.2.1")))
    assert "Тайна" not in page and "uo-vl" not in page and "логин и пароль сохранены" in page
    cycle = reverse("mechanisms-cycle", args=[run.cycle.pk])
    assert "Тайна".encode() not in people("ministry").get(cycle + "?format=xlsx").content
    for who, status in (("other_mouo", 404), ("mumexpert", 404), ("ministry", 403), ("rcoi", 403)):
        assert people(who).get(url).status_code == status
        assert people(who).post(url, {"do": "show"}).status_code == status
    assert AccessSecret.objects.count() == 1


def test_credentials_that_were_forgotten_are_said_to_be(people, run, hold_clock):
    client = people("mouo")
    autosave(client, run, sent(OWN, replace(GOOD, closed_access=True)))
    url = reverse("mechanisms-access", args=[Link.objects.get().pk])
    client.post(url, {"login": "uo-vl"})
    hold_clock(vl(10, 1))
    assert "логин и пароль забыты" in text(client.post(url, {"do": "show"}, follow=True))


def test_every_number_of_the_archive_is_on_its_page(people):
    said = text(people("auditor").get(reverse("mechanisms-edition", args=["mum-2022"])))
    for node in federal(2022).walk():
        if node.points is not None:
            assert f">{int(node.points)}<" in said, node.code
