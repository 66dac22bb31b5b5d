"""The words of the design system on one page, with invented data: the page authors' reference."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from merilo.web.routes import page

TODAY = date(2026, 2, 9)
ZONE = ZoneInfo("Asia/Vladivostok")


class SampleForm(forms.Form):
    """One field of each kind."""

    surname = forms.CharField(label="Фамилия", help_text="Как в свидетельстве о рождении.")
    birth_date = forms.DateField(label="Дата рождения", help_text="Например, 27.03.2016.")
    grade = forms.TypedChoiceField(
        label="Класс",
        coerce=int,
        choices=[("", "Выберите класс")] + [(n, n) for n in range(1, 12)],
    )
    way = forms.ChoiceField(
        label="Как подано заявление",
        choices=[
            ("epgu", "Через ЕПГУ"),
            ("rpgu", "Через региональный портал"),
            ("letter", "Заказным письмом"),
        ],
        widget=forms.RadioSelect,
    )
    papers = forms.MultipleChoiceField(
        label="Какие документы приложены",
        required=False,
        choices=[
            ("birth", "Свидетельство о рождении"),
            ("stay", "Документ о законности нахождения"),
            ("study", "Подтверждение изучения русского языка"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="Примечание", required=False, widget=forms.Textarea({"rows": 3}))
    scan = forms.FileField(
        label="Скан документа", required=False, help_text="PDF, JPG или PNG, не больше 20 МБ."
    )
    password = forms.CharField(label="Пароль", widget=forms.PasswordInput)
    agreed = forms.BooleanField(label="Родитель предупреждён о сроках")


class SampleFilter(forms.Form):
    q = forms.CharField(label="Номер или код", required=False)
    grade = forms.ChoiceField(
        label="Класс", required=False, choices=[("", "Все")] + [(n, n) for n in range(1, 12)]
    )
    state = forms.ChoiceField(
        label="Состояние",
        required=False,
        choices=[("", "Все"), ("check", "Проверка полноты"), ("referred", "Выдано направление")],
    )


@page(public=True)
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with sample data; changes nothing and reads nothing."""
    return render(request, "styleguide.html", sample())


def sample() -> dict[str, Any]:
    broken = SampleForm({"surname": "Саидов", "birth_date": "31.02.2016", "grade": "2"})
    act = SimpleNamespace(id="primorye", __str__=lambda: "")
    order = Paragraph("Порядок Приморского края, 4.5.2", act)
    letter = Paragraph("Письмо 03-608, п. 4", act)
    return {
        "today": TODAY,
        "nav": navigation(),
        "duties": [
            duty(
                "Сообщить родителю результат",
                "тест сдан, 20 из 22",
                "25-0412",
                7,
                date(2026, 2, 6),
                -1,
                order,
            ),
            duty(
                "Проверить полноту документов",
                "не хватает 2 из 7",
                "25-0431",
                2,
                datetime(2026, 2, 9, 18, 0, tzinfo=ZONE),
                0,
                order,
            ),
            duty(
                "Подтвердить, что родитель получил направление",
                "без этого не идёт срок записи",
                "25-0117",
                1,
                date(2026, 2, 10),
                1,
                letter,
            ),
            duty(
                "Проверить достоверность документов", "", "25-0420", 3, date(2026, 2, 12), 3, order
            ),
            duty(
                "Предложить дополнительное обучение",
                "тест не сдан: 16 из 20, устная часть 8",
                "25-0398",
                4,
                date(2026, 2, 20),
                9,
                letter,
            ),
        ],
        "order": order,
        "reasons": [
            SimpleNamespace(
                source=letter,
                sentence=lambda translate, words: (
                    "Записаться можно не раньше 31 марта 2026: до теста нужно 7 раб. дней."
                ),
            ),
            SimpleNamespace(
                source=order,
                sentence=lambda translate, words: (
                    "В паспорте ребёнка истёк срок действия: примите новый документ."
                ),
            ),
        ],
        "form": broken,
        "filter": SampleFilter({"grade": "2"}),
        "page": Paginator(range(1, 480), 25).page(4),
        "steps": [
            {"title": "Ребёнок", "state": "done", "url": "#form"},
            {"title": "Документы", "state": "here"},
            {"title": "Проверка", "state": "next"},
        ],
        "at": datetime(2026, 2, 2, 10, 14, tzinfo=ZONE),
        "criteria": [
            {"n": n, "title": title, "hint": hint, "max": most, "name": f"k{n}", "value": value}
            for n, title, hint, most, value in (
                (1, "Понимание вопроса", "отвечает по существу", 2, 2),
                (2, "Полнота ответа", "", 2, 1),
                (3, "Грамматика", "не больше двух ошибок", 2, ""),
                (4, "Словарь", "", 3, ""),
                (5, "Произношение", "", 1, ""),
            )
        ],
        "kinds": [
            ("ok", "принят"),
            ("soon", "сегодня"),
            ("late", "недействителен"),
            ("wait", "ждём ответа"),
            ("info", "устная форма"),
        ],
        "words": (1, 2, 5, 11, 21, 104),
        "seats": [
            ("1", "ok", "пишет"),
            ("2", "ok", "пишет"),
            ("3", "soon", "вышел в 10:40"),
            ("4", "late", "неявка"),
            ("5", "wait", "ожидается"),
            ("6", "free", "свободно"),
        ],
    }


class Paragraph:
    """Stands for a `Source` of the law layer."""

    def __init__(self, words: str, act: object):
        self.words, self.act = words, act

    def __str__(self) -> str:
        return self.words


def duty(
    title: str, note: str, number: str, grade: int, due: date, left: int, source: object
) -> dict[str, Any]:
    return {
        "title": title,
        "note": note,
        "number": number,
        "grade": grade,
        "due": due,
        "left": left,
        "source": source,
    }


def navigation() -> list[dict[str, Any]]:
    work = [
        {"title": "Мои дела", "url": "#", "count": 14, "current": True},
        {"title": "Заявления", "url": "#table", "count": 63},
        {"title": "Направления", "url": "#timeline", "count": 21},
        {"title": "Результаты", "url": "#marking", "count": 8},
        {"title": "Ежедневная форма", "url": "#form"},
    ]
    more = [
        {"title": "Правила и сроки", "url": "#law"},
        {"title": "Журнал действий", "url": "#facts"},
    ]
    return [{"title": "", "items": work}, {"title": "Справка", "items": more}]
