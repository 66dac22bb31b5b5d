"""One function a paper: a frozen form in, the bytes of a PDF out."""

from urllib.parse import urlencode

import segno

from . import wording
from .agreement import check_result
from .forms import (
    Annulment,
    Contradiction,
    Extract,
    Letter,
    Organisation,
    Referral,
    RefusalLetter,
    ResultNotice,
    ReturnLetter,
    Signatory,
)
from .notice import notice_view
from .typesetting import typeset
from .wording import day, day_in_words, into_grade, numbered

ORAL = "устная"
ORAL_AND_WRITTEN = "устная и письменная"


def _organisation(org: Organisation) -> dict[str, str]:
    return {
        "name": org.name,
        "address": org.address,
        "phone": f"тел. {org.phone}" if org.phone else "",
        "email": org.email,
        "above": org.above,
    }


def _signatory(who: Signatory) -> dict[str, str]:
    return {"position": who.position, "name": who.name}


# --- referral ---------------------------------------------------------------------------------


def referral_qr_payload(form: Referral) -> str:
    """The address behind the QR code: the public status page and the number, no names."""
    return f"{form.status_url}?{urlencode({'number': form.number})}"


def _qr_svg(payload: str) -> str:
    return segno.make(payload, error="m", micro=False).svg_inline(border=0, scale=4)


def _about_referral(form: Referral) -> list[str]:
    """What sets this referral apart, under its number."""
    said = []
    if form.attempt_no > 1:
        said.append(f"Тестирование № {form.attempt_no} (повторное)")
    if form.replaces:
        said.append(
            f"Выдано министерством взамен направления № {form.replaces}, которое больше не действует"
        )
    return said


def _booking_deadline(form: Referral) -> str:
    days = wording.of_working_days(form.book_within_wd)
    if form.book_until is None:
        return f"Записаться на тестирование: в течение {days} после получения этого уведомления"
    return f"Записаться на тестирование: до {day(form.book_until)} включительно"


def _date_notes(form: Referral) -> list[str]:
    notes = []
    days = wording.of_working_days(form.book_within_wd)
    if form.book_until is not None:
        since = f" ({day(form.received_on)})" if form.received_on else ""
        notes.append(f"Срок записи — {days} после получения уведомления{since}.")
    if form.lead_wd:
        lead = wording.of_working_days(form.lead_wd)
        notes.append(f"Можно выбрать любую дату, но не ранее чем через {lead} после записи.")
    if form.retest_not_before is not None:
        notes.append(f"Повторное тестирование — не ранее {day(form.retest_not_before)}.")
    return notes


def referral_pdf(form: Referral) -> bytes:
    """«Уведомление о направлении на тестирование» (Порядок, п. 3.1–3.3, 4.5.2), A4."""
    title = f"Уведомление о направлении на тестирование {numbered(form.number, form.issued_on)}"
    return typeset(
        "referral",
        {
            "title": title,
            "footer": title,
            "date": form.issued_on.isoformat(),
            "author": form.school.name,
            "school": _organisation(form.school),
            "numbered": numbered(form.number, form.issued_on),
            "repeat": " · ".join(_about_referral(form)),
            "person": [
                ("Участник тестирования", form.full_name),
                ("Дата рождения", day(form.birth_date)),
                ("Документ", form.id_document),
                ("Класс поступления", str(form.grade)),
                ("Форма тестирования", ORAL if form.oral_only else ORAL_AND_WRITTEN),
            ],
            "where": wording.known(
                ("Тестирующая организация", form.testing_org.name),
                ("Адрес", form.testing_org.address),
                ("Телефон", form.testing_org.phone),
                ("Электронная почта", form.testing_org.email),
                ("Пункт тестирования", form.place),
            ),
            "deadline": _booking_deadline(form),
            "in_person": form.in_person,
            "miss_consequence": form.miss_consequence,
            "dates": [{"day": day(one.day), "note": one.note} for one in form.dates],
            "date_notes": _date_notes(form),
            "bring": list(form.documents_to_bring),
            "law": form.law,
            "signatory": _signatory(form.signatory),
            "received_on": day(form.received_on),
            "received_how": form.received_how,
            "qr": _qr_svg(referral_qr_payload(form)),
            "status_url": form.status_url.removeprefix("https://").removeprefix("http://"),
        },
    )


# --- results ----------------------------------------------------------------------------------


def result_notice_pdf(form: ResultNotice) -> bytes:
    """«Уведомление о результатах тестирования» (Порядок апелляции, Приложение 1), A4.

    Raises `Contradiction` where the values do not tell one story.
    """
    return typeset("result_notice", notice_view(form))


def extract_pdf(form: Extract) -> bytes:
    """«Выписка из протокола Комиссии по проведению тестирования» (Порядок, п. 4.4.6), A4."""
    check_result(form)
    title = f"Выписка из протокола Комиссии по проведению тестирования {numbered(form.number)}"
    annulled = form.annulment is not None
    protocol = numbered(form.protocol_number, form.protocol_date)
    conclusion = (
        "Уровень знания русского языка достаточный: тестирование пройдено успешно."
        if form.passed
        else "Уровень знания русского языка недостаточный: тестирование не пройдено."
    )
    return typeset(
        "extract",
        {
            "title": title.strip(),
            "footer": title.strip(),
            "date": form.issued_on.isoformat(),
            "author": form.testing_org.name,
            "organisation": _organisation(form.testing_org),
            "addressee": [form.school],
            "numbered": numbered(form.number, form.issued_on),
            "person": wording.known(
                ("Протокол комиссии", protocol),
                ("Дата тестирования", day_in_words(form.test_date)),
                ("Пункт прохождения тестирования", form.place),
                ("Участник тестирования", form.full_name),
                ("Дата рождения", day(form.birth_date)),
                ("Уникальный код участника", form.unique_code),
                ("Класс поступления", str(form.grade)),
                ("Форма тестирования", ORAL if form.written is None else ORAL_AND_WRITTEN),
                ("Тестирование", "повторное" if form.attempt_no > 1 else "первичное"),
                ("Направление", numbered(form.referral_number, form.referral_date)),
            ),
            "result_heading": "Решение" if annulled else "Результат тестирования",
            "result": _annulment_rows(form.annulment) if form.annulment else _sums(form),
            "conclusion": "Участник считается не прошедшим тестирование."
            if annulled
            else conclusion,
            "law": form.law,
            "signatory": _signatory(form.signatory),
        },
    )


def _annulment_rows(annulment: Annulment) -> list[tuple[str, str]]:
    return wording.known(
        ("Решение", "результаты тестирования аннулированы"),
        ("Основание", annulment.reason),
        ("Код основания", annulment.reason_code),
        ("Норма", annulment.law),
        ("Кем и когда принято", f"{annulment.decided_by}, {day(annulment.decided_on)}"),
    )


def _sums(form: Extract) -> list[tuple[str, str]]:
    def of(total: int | None, maximum: int | None) -> str:
        return wording.points(total) + (f" из {maximum}" if maximum is not None else "")

    rows = [("Вариант устной части", form.oral.variant)]
    if form.written is not None:
        rows.append(("Вариант письменной части", form.written.variant))
    rows.append(("Баллы за устную часть", of(form.oral.total, form.oral.total_max)))
    if form.written is not None:
        rows.append(("Баллы за письменную часть", of(form.written.total, form.written.total_max)))
    return wording.known(
        *rows,
        ("Общее количество первичных баллов", of(form.total, form.total_max)),
        ("Процент от максимального количества", wording.percent(form.percent)),
        ("Минимум: всего / за устную часть", f"{form.total_min} / {form.oral_min}"),
    )


# --- letters ----------------------------------------------------------------------------------


def _letter(
    form: Letter | ReturnLetter | RefusalLetter, organisation: Organisation, **parts: object
) -> bytes:
    heading = numbered(form.number, form.issued_on)
    data: dict[str, object] = {
        "author": organisation.name,
        "date": form.issued_on.isoformat(),
        "organisation": _organisation(organisation),
        "numbered": heading,
        "addressee": list(form.addressee),
        "paragraphs": [],
        "defects": [],
        "items": [],
        "closing": [],
        "attachments": [],
        "law": form.law,
        "signatory": _signatory(form.signatory),
        "contact": form.contact,
        **parts,
    }
    data["footer"] = f"{data['title']} {heading}".strip()
    return typeset("letter", data)


def letter_pdf(form: Letter) -> bytes:
    """A plain letter: title, addressee, paragraphs, a list, the law, a signature; A4."""
    return _letter(
        form,
        form.organisation,
        title=form.title,
        paragraphs=list(form.paragraphs),
        items=[{"words": words, "law": ""} for words in form.items],
        closing=list(form.closing),
        attachments=list(form.attachments),
    )


def return_letter_pdf(form: ReturnLetter) -> bytes:
    """Возврат заявления без рассмотрения: all defects in one letter, A4."""
    if not form.defects:
        raise Contradiction("A return names at least one defect.")
    application = numbered(form.application_number, form.application_date)
    return _letter(
        form,
        form.school,
        title="О возврате заявления без рассмотрения",
        paragraphs=[
            f"Заявление {application} о приёме на обучение {into_grade(form.grade)} "
            f"(поступающий: {form.full_name}) возвращается без рассмотрения: "
            "представленный комплект документов неполон.",
            "Здесь перечислено всё, что нужно исправить:",
        ],
        defects=[
            {"document": x.document, "problem": x.problem, "remedy": x.remedy or wording.DASH}
            for x in form.defects
        ],
        closing=[form.reapply] if form.reapply else [],
    )


def refusal_letter_pdf(form: RefusalLetter) -> bytes:
    """Отказ в приёме with every reason and the norm it stands on, A4."""
    if not form.reasons:
        raise Contradiction("A refusal names at least one reason.")
    application = numbered(form.application_number, form.application_date)
    one = len(form.reasons) == 1
    return _letter(
        form,
        form.school,
        title="Об отказе в приёме на обучение",
        paragraphs=[
            f"По заявлению {application} о приёме на обучение {into_grade(form.grade)} "
            f"(поступающий: {form.full_name}) принято решение об отказе. "
            + ("Причина отказа:" if one else "Причины отказа:"),
        ],
        items=[{"words": reason.words, "law": reason.law} for reason in form.reasons],
        closing=list(form.what_next),
        attachments=list(form.attachments),
    )
