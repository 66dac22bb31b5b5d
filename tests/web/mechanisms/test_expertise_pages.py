"""Pages of the expertise: the operator appoints, experts score and agree, municipalities object."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from builders import NOW
from mechanisms.builders_expertise import (
    EXPERTS,
    a_run,
    everything_scored,
    in_expertise,
    scored,
)
from merilo.mechanisms.actions import mapping, objecting
from merilo.mechanisms.models import Appointment, Mark, Objection, Ruling, Settlement, Tie
from merilo.mechanisms.queries.expertise import policy_of, table_of, works_of
from merilo.mechanisms.rules.states import CycleState
from merilo.mechanisms.rules.tree import Component
from merilo.registry.queries import active_profile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _now(hold_clock):
    hold_clock(NOW)


def signed_in(region, who):
    client = Client()
    client.force_login(region.accounts[who])
    return client


def page(client, name, *args, status=200):
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status, (name, answer.status_code)
    return answer.content.decode()


def send(client, name, *args, **data):
    return client.post(reverse(name, args=args), data, follow=True)


def words(answer):
    return answer.content.decode()


def test_the_operator_includes_people_and_names_their_ties(region):
    run, client = a_run(region), signed_in(region, "ministry")
    assert "Экспертов0" in page(client, "mechanisms-experts")
    expert = run.experts["mumexpert"]
    send(client, "mechanisms-expert", expert.pk, directions="1.1, 1.3", most_positions="40")
    expert.refresh_from_db()
    assert expert.directions == ["1.1", "1.3"] and expert.most_positions == 40
    send(client, "mechanisms-expert", expert.pk, municipality=region.mouo.pk, note="")
    assert "заявленная связь" in page(client, "mechanisms-experts")
    send(client, "mechanisms-untie", Tie.objects.get().pk)
    assert not Tie.objects.exists()
    send(client, "mechanisms-expert-exclude", expert.pk)
    answer = send(client, "mechanisms-experts", position=expert.position_id, directions="")
    assert "Эксперт включён" in words(answer)


def test_an_expert_declares_a_tie_and_sees_that_he_has_no_work_yet(region):
    a_run(region)
    client = signed_in(region, "mumexpert")
    assert "Назначений пока нет" in page(client, "mechanisms-expertise")
    answer = send(client, "mechanisms-ties", municipality=region.mouo.pk, note="работал там")
    assert "работал там" in words(answer) and Tie.objects.get().note == "работал там"


def test_the_operator_looks_at_the_plan_makes_it_and_begins(region):
    run, client = a_run(region), signed_in(region, "ministry")
    seen = client.get(reverse("mechanisms-assignment", args=[run.cycle.pk]))
    assert "предлагается" in words(seen) and not Appointment.objects.exists()
    digest = seen.context["proposed"].digest
    answer = send(client, "mechanisms-assignment", run.cycle.pk, seed="1", digest=digest)
    assert "Назначено: 8" in words(answer) and "Начать экспертизу" in words(answer)
    answer = send(client, "mechanisms-assignment-move", run.cycle.pk, step="begin")
    assert "Экспертиза начата" in words(answer)
    one = Appointment.objects.first()
    answer = send(client, "mechanisms-dismiss", one.pk)
    assert "Назначение снято" in words(answer)
    answer = send(
        client, "mechanisms-appoint", one.submission_id, one.direction_id, expert=one.expert_id
    )
    assert "Эксперт назначен" in words(answer)


def test_an_expert_scores_every_position_and_finishes(region):
    run, client = in_expertise(region), signed_in(region, "mumexpert")
    appointment = run.appointment("mumexpert", "1.1")
    assert "Оценено позиций" in page(client, "mechanisms-expertise")
    assert "Оценить следующую" in page(client, "mechanisms-scoring", appointment.pk)
    first, second = run.criteria["1.1.1.1"], run.criteria["1.1.1.2"]
    here = (appointment.pk, first.pk)
    assert "Записать и дальше" in page(client, "mechanisms-position", *here)
    refused = client.post(reverse("mechanisms-position", args=here), {"points": "0"})
    assert refused.status_code == 422 and "Объясните его" in words(refused)
    link = first.pk and appointment.submission.answers.get(criterion=first).links.get()
    answer = send(
        client, "mechanisms-position", *here,
        points="0", comment="Только новость.", deductions=["D5"], **{f"link_{link.pk}": "N1"},
    )  # fmt: skip
    assert answer.redirect_chain[-1][0] == reverse(
        "mechanisms-position", args=[appointment.pk, second.pk]
    )
    again = page(client, "mechanisms-position", *here)
    assert "Только новость." in again and 'value="N1" selected' in again
    answer = send(client, "mechanisms-position", appointment.pk, second.pk, points="3")
    assert "Оценены все позиции" in words(answer) and "Завершить оценку" in words(answer)
    answer = send(client, "mechanisms-finish", appointment.pk)
    assert "Оценка направления завершена" in words(answer)
    assert "больше не меняют" in page(client, "mechanisms-position", *here)
    assert Mark.objects.get(criterion=first).grounds == ["D5"]


def test_the_pages_of_one_expert_show_nothing_of_the_other(region):
    run = in_expertise(region)
    scored(run, "mumexpert2", "1.1", 3)
    client = signed_in(region, "mumexpert")
    own = run.appointment("mumexpert", "1.1")
    assert "Ещё рано" in page(client, "mechanisms-harmonising", own.pk)
    assert "Стр. 2: пункт 1." not in page(client, "mechanisms-scoring", own.pk)
    other = run.appointment("mumexpert2", "1.1")
    page(client, "mechanisms-scoring", other.pk, status=404)
    page(client, "mechanisms-position", other.pk, run.criteria["1.1.1.1"].pk, status=404)


def test_two_experts_agree_on_the_screen_of_differences_or_call_the_third(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    clients = {who: signed_in(region, who) for who in EXPERTS}
    own = {who: run.appointment(who, "1.1").pk for who in EXPERTS[:2]}
    position = run.criteria["1.1.1.1"].pk
    assert "Предлагаю балл" in page(
        clients["mumexpert"], "mechanisms-harmonising", own["mumexpert"]
    )
    for who in EXPERTS[:2]:
        send(clients[who], "mechanisms-propose", own[who], position, points="2")
    assert Settlement.objects.get(criterion_id=position).points == 2
    other = run.criteria["1.1.1.2"].pk
    answer = send(clients["mumexpert"], "mechanisms-give-up", own["mumexpert"], other, why="Спор.")
    assert "передана третьему" in words(answer)
    ministry = signed_in(region, "ministry")
    submission = run.submissions["mouo"].pk
    assert "Нужен третий эксперт" in page(ministry, "mechanisms-marks", submission)
    send(
        ministry, "mechanisms-appoint", submission, run.criteria["1.1"].pk,
        expert=run.experts["mumexpert3"].pk, third="yes",
    )  # fmt: skip
    third = run.appointment("mumexpert3", "1.1").pk
    sheet = page(clients["mumexpert3"], "mechanisms-scoring", third)
    assert "1.1.1.2" in sheet and "1.1.1.1" not in sheet
    send(clients["mumexpert3"], "mechanisms-position", third, other, points="2")
    answer = send(clients["mumexpert3"], "mechanisms-finish", third)
    assert "Спорные позиции решены" in words(answer) and "второй эксперт" not in words(answer)
    assert Settlement.objects.get(criterion_id=other).basis == "third"


def test_a_refused_proposal_stands_in_its_form_to_be_mended(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    client, own = signed_in(region, "mumexpert"), run.appointment("mumexpert", "1.1").pk
    first, second = run.criteria["1.1.1.1"].pk, run.criteria["1.1.1.2"].pk
    answer = client.post(
        reverse("mechanisms-propose", args=[own, first]),
        {"points": "77", "comment": "Стр. 5 читаем иначе.", "deductions": ["D2"]},
    )
    said = answer.content.decode()
    assert answer.status_code == 422 and f'<a href="#points-{first}">' in said
    assert 'value="77"' in said and "Стр. 5 читаем иначе.</textarea>" in said
    assert said.count(" checked") == 1 and f'id="D2-{first}" checked' in said
    assert not Mark.objects.filter(round="harmonised").exists()
    answer = client.post(reverse("mechanisms-give-up", args=[own, second]), {"why": " "})
    said = answer.content.decode()
    assert answer.status_code == 422 and f'<a href="#why-{second}">' in said
    assert said.count("<details open>") == 1 and 'value="77"' not in said


def test_a_municipality_reads_its_marks_objects_and_the_operator_decides(region):
    run = everything_scored(in_expertise(region))
    mouo, ministry = signed_in(region, "mouo"), signed_in(region, "ministry")
    submission = run.submissions["mouo"].pk
    page(mouo, "mechanisms-marks", submission, status=404)
    send(ministry, "mechanisms-assignment-move", run.cycle.pk, step="objections")
    seen = page(mouo, "mechanisms-marks", submission)
    assert "Возразить" in seen and "Экспертов" not in seen and "Независимые оценки" not in seen
    position = run.criteria["1.1.1.1"].pk
    answer = mouo.post(reverse("mechanisms-object", args=[submission, position]), {"text": ""})
    assert answer.status_code == 422
    send(mouo, "mechanisms-object", submission, position, text="На странице 3.")
    filed = Objection.objects.get()
    assert "На странице 3." in page(ministry, "mechanisms-objection", filed.pk)
    answer = send(
        ministry, "mechanisms-objection", filed.pk,
        grant="yes", points="3", explanation="Показатель назван.",
    )  # fmt: skip
    assert "Решение по возражению записано" in words(answer)
    assert "изменено по возражению" in page(mouo, "mechanisms-marks", submission)
    send(mouo, "mechanisms-object", submission, run.criteria["1.1.1.2"].pk, text="И здесь.")
    answer = send(mouo, "mechanisms-objection-withdraw", Objection.objects.last().pk)
    assert "Возражение отозвано" in words(answer)
    answer = send(ministry, "mechanisms-assignment-move", run.cycle.pk, step="finalise")
    assert "Итоги цикла утверждены" in words(answer)


def test_case_143_the_marks_say_that_nothing_is_sent_to_federal_systems(region):
    run = everything_scored(in_expertise(region))
    client = signed_in(region, "ministry")
    seen = page(client, "mechanisms-marks", run.submissions["mouo"].pk)
    assert "в федеральные системы ничего не передаётся" in seen and "ФИС ОКО" not in seen


def test_the_protocol_is_a_file_of_word_and_a_pdf_and_names_no_expert(region):
    from docx import Document
    from pypdf import PdfReader

    run = everything_scored(in_expertise(region))
    client = signed_in(region, "ministry")
    submission = run.submissions["mouo"].pk
    docx = client.get(reverse("mechanisms-protocol", args=[submission, "docx"]))
    paper = Document(BytesIO(docx.content))
    told = "\n".join(
        [one.text for one in paper.paragraphs]
        + [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    )
    pdf = client.get(reverse("mechanisms-protocol", args=[submission, "pdf"]))
    printed = "".join(one.extract_text() for one in PdfReader(BytesIO(pdf.content)).pages)
    for text in (told, printed):
        assert "1.1.1.1" in text and "эксперты совпали" in " ".join(text.split())
        assert "Экспертов0" not in text
    assert "6 из 11" in told
    page(client, "mechanisms-protocol", submission, "odt", status=404)


def test_the_operator_sees_agreement_and_severity_with_intervals(region):
    run = in_expertise(region)
    for of in run.submissions:
        for code, first, second in (("1.1", 1, 3), ("1.3", 2, 2)):
            scored(run, "mumexpert", code, first, of=of)
            scored(run, "mumexpert2", code, second, of=of)
    seen = page(signed_in(region, "ministry"), "mechanisms-agreement", run.cycle.pk)
    assert "Каппа Флейса" in seen and "ICC(1,1)" in seen and "Строгость" in seen


def test_a_municipality_draws_its_cycle_and_sees_the_gaps(region):
    run, client = a_run(region, state=CycleState.OPEN), signed_in(region, "mouo")
    at = (run.submissions["mouo"].pk, run.criteria["1.3.1"].pk)
    assert "1.3.1" in page(client, "mechanisms-maps", at[0])
    assert "Карта пуста" in page(client, "mechanisms-map", *at)
    send(client, "mechanisms-map", *at, component="goals", title="Охват кружками")
    answer = send(client, "mechanisms-map", *at, component="indicators", title="Доля охваченных")
    assert "у цели нет показателя" in words(answer)
    goal, indicator = answer.context["drawn"].nodes
    answer = send(client, "mechanisms-map-change", *at, here=goal.pk, to=indicator.pk)
    assert "показатель не отслеживают" in words(answer) and "D5" in words(answer)
    arrow = answer.context["drawn"].arrows[0]
    send(client, "mechanisms-map-change", *at, arrow=arrow.pk)
    answer = send(client, "mechanisms-map-change", *at, remove=goal.pk)
    assert len(answer.context["drawn"].nodes) == 1
    answer = client.post(reverse("mechanisms-map", args=at), {"component": "goals", "title": " "})
    assert answer.status_code == 422
    page(signed_in(region, "other_mouo"), "mechanisms-map", *at, status=404)


def test_an_expert_decides_on_the_gaps_of_a_map(region):
    run = a_run(region, state=CycleState.OPEN)
    node = mapping.add_part(
        submission_id=run.submissions["mouo"].pk, track_id=run.criteria["1.3.1"].pk,
        part=mapping.Part(Component.INDICATORS, "Доля охваченных"),
        actor=region.viewer("mouo"), now=NOW,
    )  # fmt: skip
    from mechanisms.builders_expertise import appointed
    from merilo.mechanisms.actions import assigning
    from merilo.mechanisms.models import Submission

    run.cycle.state = CycleState.CLOSED
    run.cycle.save()
    for state in ("self_checked", "submitted"):
        Submission.objects.filter(cycle=run.cycle).update(state=state)
    appointed(run)
    assigning.begin_expertise(cycle_id=run.cycle.pk, actor=region.viewer("ministry"), now=NOW)
    client = signed_in(region, "mumexpert")
    at = (run.appointment("mumexpert", "1.3").pk, run.criteria["1.3.1"].pk)
    assert "Вы ещё не решили" in page(
        client, "mechanisms-position", at[0], run.criteria["1.3.1.1.1"].pk
    )
    answer = send(
        client, "mechanisms-map-ruling", *at,
        kind="indicator-without-monitoring", node=node.pk, confirmed="yes", explanation="Нет форм.",
    )  # fmt: skip
    assert "Вы подтвердили" in words(answer)
    send(
        client, "mechanisms-map-ruling", *at,
        kind="ineffective", node=node.pk, confirmed="yes", explanation="Ничего не решить.",
    )  # fmt: skip
    assert set(Ruling.objects.values_list("code", flat=True)) == {"D5", "D2"}
    assert client.post(
        reverse("mechanisms-map-ruling", args=at), {"kind": "strange"}
    ).status_code == 404  # fmt: skip


def test_a_number_of_thousands_of_digits_breaks_no_page(region):
    run = in_expertise(region)
    long = "9" * 5000
    own, position = run.appointment("mumexpert", "1.1").pk, run.criteria["1.1.1.1"].pk
    answer = signed_in(region, "mumexpert").post(
        reverse("mechanisms-position", args=[own, position]),
        f"points=3&link_{long}=N1",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 302, "no link has such a number: nothing is left out"
    track = run.criteria["1.1.1"].pk
    address = reverse("mechanisms-map-change", args=[run.submissions["mouo"].pk, track])
    assert signed_in(region, "mouo").post(address, {"remove": long}).status_code == 302
    address = reverse(
        "mechanisms-appoint", args=[run.submissions["mouo"].pk, run.criteria["1.1"].pk]
    )
    assert signed_in(region, "ministry").post(address, {"expert": long}).status_code < 500


def test_objections_module_is_reached_only_by_its_roles(region):
    run = everything_scored(in_expertise(region))
    objecting.open_objections(cycle_id=run.cycle.pk, actor=region.viewer("ministry"), now=NOW)
    school = signed_in(region, "school")
    page(school, "mechanisms-marks", run.submissions["mouo"].pk, status=403)
    page(school, "mechanisms-expertise", status=403)
    page(signed_in(region, "rcoi"), "mechanisms-marks", run.submissions["mouo"].pk)


def test_an_expert_who_gave_everybody_the_same_extreme_mark_is_named_in_plain_words(region):
    pytest.importorskip("scipy")
    run = in_expertise(region)
    for of in run.submissions:
        for code in ("1.1", "1.3"):
            scored(run, EXPERTS[0], code, 0, of=of)
            scored(run, EXPERTS[1], code, 2, of=of)
    seen = page(signed_in(region, "ministry"), "mechanisms-agreement", run.cycle.pk)
    assert "один и тот же крайний балл" in seen
    assert "without_raters" not in seen


def test_the_menu_shows_the_nearest_section_alone(region):
    run = in_expertise(region)
    client = signed_in(region, "mumexpert")
    own = run.appointment("mumexpert", "1.1")
    for name, args in (
        ("mechanisms-expertise", ()),
        ("mechanisms-ties", ()),
        ("mechanisms-scoring", (own.pk,)),
    ):
        seen = page(client, name, *args)
        current = [one for one in seen.split("<a ") if 'aria-current="page"' in one.split(">")[0]]
        assert ["Экспертиза МУМ" in one for one in current] == [True], name


def test_the_marks_of_a_submission_are_read_at_once_however_many(region):
    run = everything_scored(in_expertise(region))
    submission = run.submissions["mouo"]
    policy = policy_of(active_profile(), on=NOW.date())
    with CaptureQueriesContext(connection) as one:
        table_of(submission, policy, direction_id=run.criteria["1.3"].pk)
    with CaptureQueriesContext(connection) as all_of_it:
        table_of(submission, policy)
    assert len(all_of_it) <= len(one), "more positions, no more questions to the database"


def test_an_expert_meets_open_works_before_finished_ones(region):
    run = in_expertise(region)
    for code in ("1.1", "1.3"):
        scored(run, EXPERTS[0], code, 2)
    states = [one.state for one in works_of(run.viewer(EXPERTS[0]))]
    assert states == ["open", "open", "done", "done"]


def test_the_same_comment_of_two_experts_is_told_once(region):
    run = everything_scored(in_expertise(region))
    row = table_of(run.submissions["mouo"], policy_of(active_profile(), on=NOW.date())).rows[0]
    assert len(row.blind) == 2
    assert row.settled_comments == [row.blind[0].comment]
