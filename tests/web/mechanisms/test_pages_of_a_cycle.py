"""Pages of a cycle offer what can be done now and say plainly what cannot, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from builders import NOW
from mechanisms.builders_expertise import LATER, everything_scored, in_expertise, scored
from mechanisms.builders_expertise import a_run as a_closed_run
from mechanisms.builders_mechanisms import AFTER, DURING, GOOD, refused
from merilo.mechanisms import actions
from merilo.mechanisms.actions import objecting
from merilo.mechanisms.models import AccessSecret, Answer, Link, Submission
from merilo.mechanisms.queries import results
from merilo.mechanisms.rules.expertise import MarkFacts
from merilo.mechanisms.rules.states import CycleState
from merilo.registry.models import Territory

pytestmark = pytest.mark.django_db
UNSET = "Последнего дня возражений регион не установил"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def see(region):
    """The words of a page as somebody reads them."""

    def words(who, name, *arguments, status=200):
        client = Client()
        if who:
            client.force_login(region.accounts[who])
        answer = client.get(reverse(name, args=arguments), follow=True)
        assert answer.status_code == status, (name, answer.status_code)
        return " ".join(answer.content.decode().split())

    return words


def objecting_run(region, **marks):
    run = everything_scored(in_expertise(region), **marks)
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    return run


# --- the last day of materials -------------------------------------------------------------------


def test_the_intake_is_closed_only_when_its_last_day_is_over(run, see, hold_clock):
    early = see("ministry", "mechanisms-cycle", run.cycle.pk)
    assert "Приём закроют не раньше" in early and 'value="closed"' not in early
    hold_clock(AFTER)
    assert 'value="closed"' in see("ministry", "mechanisms-cycle", run.cycle.pk)


def test_once_marks_are_given_the_last_day_of_materials_stands(region, see, hold_clock):
    hold_clock(NOW)
    run = in_expertise(region)
    assert refused(
        actions.change_last_day, cycle_id=run.cycle.pk, submit_by=date(2026, 12, 1),
        actor=run.viewer("ministry"), now=LATER,
    ) == ["intake-is-over"]  # fmt: skip
    assert "Изменить последний день" not in see("ministry", "mechanisms-cycle", run.cycle.pk)


def test_a_password_is_kept_as_long_after_the_new_last_day(run):
    run.save("1.2.1.1.2", replace(GOOD, closed_access=True))
    link = Link.objects.get()
    kept = actions.keep_secret(
        submission_id=run.form.pk, link_id=link.pk, said={"login": "uo"}, actor=run.mouo,
        now=DURING,
    )  # fmt: skip
    days = kept.expires_on - run.cycle.submit_by
    later = date(2026, 4, 20)
    actions.change_last_day(cycle_id=run.cycle.pk, submit_by=later, actor=run.ministry, now=DURING)
    assert AccessSecret.objects.get().expires_on == later + days


def test_who_did_not_give_a_form_is_not_called_a_draft_afterwards(run, see, hold_clock):
    run.fill()
    run.submit()
    assert "не представлено" not in see("ministry", "mechanisms-cycle", run.cycle.pk)
    hold_clock(AFTER)
    actions.move_cycle(cycle_id=run.cycle.pk, to=CycleState.CLOSED, actor=run.ministry, now=AFTER)
    closed = see("ministry", "mechanisms-cycle", run.cycle.pk)
    assert "не представлено" in closed and "черновик" not in closed


def test_a_municipality_finds_its_form_on_the_page_of_the_cycle(run, see):
    page = see("mouo", "mechanisms-cycle", run.cycle.pk)
    assert "Ваша форма" in page
    assert reverse("mechanisms-form", args=[run.form.pk]) in page


# --- experts -------------------------------------------------------------------------------------


def test_experts_are_not_missed_while_materials_still_change(run, see):
    run.fill()
    run.submit()
    page = see("ministry", "mechanisms-assignment", run.cycle.pk)
    assert "когда приём материалов закрыт" in page and "Экспертов не хватает" not in page


def test_before_the_expertise_there_is_neither_a_mark_nor_a_protocol(region, see, hold_clock):
    hold_clock(NOW)
    run = a_closed_run(region)
    one = run.submissions["mouo"].pk
    page = see("ministry", "mechanisms-marks", one)
    assert "ещё не началась" in page and "оценивается независимо" not in page
    assert "protocol.pdf" not in page
    assert "Протокола пока нет" in see("ministry", "mechanisms-protocol", one, "pdf")


def test_objections_are_offered_once_every_mark_stands(region, see, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    early = see("ministry", "mechanisms-cycle", run.cycle.pk)
    assert "Муниципалитетов, где это ещё не так: 2" in early
    assert 'value="objections"' not in early
    everything_scored(run)
    late = see("ministry", "mechanisms-cycle", run.cycle.pk)
    assert 'value="objections"' in late and "ещё не так" not in late


def test_the_protocol_waits_for_the_last_position(region, see, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    for who in ("mumexpert", "mumexpert2"):
        scored(run, who, "1.1", 2)
    one = run.submissions["mouo"].pk
    assert "Протокола пока нет" in see("ministry", "mechanisms-protocol", one, "docx")
    for who in ("mumexpert", "mumexpert2"):
        scored(run, who, "1.3", 2)
    assert reverse("mechanisms-protocol", args=[one, "docx"]) in see(
        "ministry", "mechanisms-marks", one
    )


def test_the_third_expert_is_somebody_who_has_not_scored_the_direction(region, see, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    actions.give_up(
        appointment_id=run.appointment("mumexpert", "1.1").pk,
        criterion_id=run.criteria["1.1.1.1"].pk, why="Спорим о странице.",
        actor=run.viewer("mumexpert"), now=LATER,
    )  # fmt: skip
    page = see("ministry", "mechanisms-marks", run.submissions["mouo"].pk)
    offered = [who for who, one in run.experts.items() if f'<option value="{one.pk}">' in page]
    assert offered == ["mumexpert3"]


def test_what_the_engine_cannot_count_is_told_without_its_own_words(region, see, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    for of in run.submissions:
        for direction, first, second in (("1.1", 1, 3), ("1.3", 2, 2)):
            scored(run, "mumexpert", direction, first, of=of)
            scored(run, "mumexpert2", direction, second, of=of)
    page = see("ministry", "mechanisms-agreement", run.cycle.pk)
    assert "without_unused_scores" not in page and "rescored" not in page
    assert "Строгость" in page


# --- objections ----------------------------------------------------------------------------------


def test_where_no_term_is_set_every_page_of_objections_says_so(region, see, hold_clock):
    hold_clock(LATER)
    run = everything_scored(in_expertise(region))
    assert "Срок возражений регион не установил" in see(
        "ministry", "mechanisms-assignment", run.cycle.pk
    )
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    one, position = run.submissions["mouo"].pk, run.criteria["1.1.1.1"].pk
    for who, name, arguments in (
        ("mouo", "mechanisms-marks", [one]),
        ("mouo", "mechanisms-object", [one, position]),
        ("ministry", "mechanisms-assignment", [run.cycle.pk]),
        ("mouo", "mechanisms-cycle", [run.cycle.pk]),
    ):
        page = see(who, name, *arguments)
        assert UNSET in page, name
        assert reverse("rule", args=["mechanisms.objection_wd"]) in page, name
    assert "не установлен" in see("mouo", "rule", "mechanisms.objection_wd")


def test_an_objection_is_decided_beside_the_documents_of_its_position(region, see, hold_clock):
    hold_clock(LATER)
    run = objecting_run(region)
    filed, _told = objecting.file_objection(
        submission_id=run.submissions["mouo"].pk, criterion_id=run.criteria["1.1.1.1"].pk,
        text="Стр. 3 не учтена.", actor=run.viewer("mouo"), now=LATER,
    )  # fmt: skip
    page = see("ministry", "mechanisms-objection", filed.pk)
    link = Link.objects.get(
        answer__submission=run.submissions["mouo"], answer__criterion=run.criteria["1.1.1.1"]
    )
    assert reverse("mechanisms-document", args=[link.pk]) in page
    assert 'value="D5"' in page and 'value="D6"' not in page, "D6 is of the track of abilities"


def test_the_end_is_offered_once_every_objection_is_decided(region, see, hold_clock):
    hold_clock(LATER)
    run = objecting_run(region)
    assert 'value="final"' in see("ministry", "mechanisms-cycle", run.cycle.pk)
    objecting.file_objection(
        submission_id=run.submissions["mouo"].pk, criterion_id=run.criteria["1.1.1.1"].pk,
        text="Стр. 3 не учтена.", actor=run.viewer("mouo"), now=LATER,
    )  # fmt: skip
    page = see("ministry", "mechanisms-cycle", run.cycle.pk)
    assert "Не все возражения рассмотрены: осталось 1" in page
    assert 'value="final"' not in page
    assert "Завершить цикл пока нельзя" not in see("mouo", "mechanisms-cycle", run.cycle.pk)


def test_the_last_step_on_the_page_of_the_cycle_tells_what_was_not_taken_off(region, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    for of in run.submissions:
        for direction in ("1.1", "1.3"):
            for who in ("mumexpert", "mumexpert2"):
                grounds = ("D5",) if (of, direction) == ("mouo", "1.1") else ()
                scored(run, who, direction, 2, *grounds, of=of)
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    client = Client()
    client.force_login(region.accounts["ministry"])
    address = reverse("mechanisms-cycle", args=[run.cycle.pk])
    page = client.post(address, {"do": "move", "to": "final"}, follow=True).content.decode()
    assert "D5" in page and "Цикл перешёл на следующий шаг" in page
    assert reverse("mechanisms-open-data", args=[run.cycle.pk]) in page


# --- what is handed out --------------------------------------------------------------------------


def final(region):
    run = objecting_run(region)
    objecting.finalise(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    return run


def test_everybody_finds_the_open_data_of_finished_cycles(region, see, hold_clock):
    hold_clock(LATER)
    run = final(region)
    address = reverse("mechanisms-open-data", args=[run.cycle.pk])
    assert address in see(None, "mechanisms-years")
    assert "Муниципалитеты, где школ мало, скрыты" in see(None, "mechanisms-years")


def test_two_municipalities_of_one_name_are_two_in_the_open_data(region):
    run = final(region)
    first, second = Submission.objects.filter(cycle=run.cycle).order_by("pk")
    Territory.objects.filter(pk=first.territory_id).update(
        name="Партизанский", kind="urban_district"
    )
    Territory.objects.filter(pk=second.territory_id).update(
        name="Партизанский", kind="municipal_okrug"
    )
    units = {one.unit for one in results.open_rows(run.cycle, fewest=0)}
    assert units == {"Партизанский городской округ", "Партизанский муниципальный округ"}


def test_recommendations_quote_those_whose_mark_stands(region, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    for code in ("1.1.1.1", "1.1.1.2"):
        actions.propose_mark(
            appointment_id=run.appointment("mumexpert", "1.1").pk,
            criterion_id=run.criteria[code].pk,
            mark=MarkFacts(Decimal(3), "Согласен: стр. 5."), actor=run.viewer("mumexpert"), now=LATER,
        )  # fmt: skip
    for of, direction in (("mouo", "1.3"), ("other_mouo", "1.1"), ("other_mouo", "1.3")):
        for who in ("mumexpert", "mumexpert2"):
            scored(run, who, direction, 2, of=of)
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    client = Client()
    client.force_login(region.accounts["mouo"])
    answer = client.get(reverse("mechanisms-recommendations", args=[run.submissions["mouo"].pk]))
    assert answer["Content-Type"] == WORD
    document = Document(BytesIO(answer.content))
    said = [one.text for one in document.paragraphs]
    assert "Эксперт: Согласен: стр. 5." in said
    widths = [column.width for column in document.tables[0].columns]
    assert widths[0] > 3 * widths[1], "the title has room, the figures need none"
    assert {document.styles[f"Heading {n}"].font.name for n in (1, 2)} == {"Times New Roman"}


def test_the_protocol_for_word_has_room_for_the_titles_and_a_place_to_sign(region, hold_clock):
    hold_clock(LATER)
    run = objecting_run(region)
    client = Client()
    client.force_login(region.accounts["ministry"])
    answer = client.get(reverse("mechanisms-protocol", args=[run.submissions["mouo"].pk, "docx"]))
    document = Document(BytesIO(answer.content))
    table = document.tables[1]
    widths = [column.width for column in table.columns]
    assert max(widths) == widths[1] and [cell.width for cell in table.rows[1].cells] == widths
    assert document.paragraphs[-1].text.startswith("Ответственный за цикл ____")


def test_the_protocol_names_what_did_not_apply_and_why(region, hold_clock):
    hold_clock(LATER)
    run = in_expertise(region)
    told = Answer.objects.get(
        submission=run.submissions["mouo"], criterion=run.criteria["1.1.1.1"]
    )
    told.not_applicable, told.reason = True, "Таких классов нет."
    told.save()
    everything_scored(run)
    client = Client()
    client.force_login(region.accounts["ministry"])
    answer = client.get(reverse("mechanisms-protocol", args=[run.submissions["mouo"].pk, "docx"]))
    lines = [one.text for one in Document(BytesIO(answer.content)).paragraphs]
    assert any(
        "1.1.1.1" in one and "не применимо" in one and "Таких классов нет." in one for one in lines
    )
