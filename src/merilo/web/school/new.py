"""Page: register an application that came by a lawful channel. /applications/new/"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from merilo.admissions import access, actions, queries, rules
from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.web.case.timeline import capital
from merilo.web.refusals import show
from merilo.web.routes import page

OTHER_CHILD = "none"


def named(names: dict[Any, str], only: Any = None) -> list[tuple[str, str]]:
    """Choices of a field from a table of names."""
    return [
        (str(key), capital(_(words)))
        for key, words in names.items()
        if only is None or key in only
    ]


class NewApplication(forms.Form):
    request_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    channel = forms.ChoiceField(label=lazy("Как подано"), widget=forms.RadioSelect)
    submitted_on = forms.DateField(
        label=lazy("Когда поступило"),
        help_text=lazy("День поступления: от него считают пять рабочих дней проверки."),
    )
    grade = forms.TypedChoiceField(
        label=lazy("Класс"), coerce=int, choices=[("", "—")] + [(n, n) for n in range(1, 12)]
    )
    category = forms.ChoiceField(
        label=lazy("Категория"),
        help_text=lazy("От неё зависит форма тестирования. Льготную подтверждают документом."),
    )
    last_name = forms.CharField(label=lazy("Фамилия"), max_length=100)
    first_name = forms.CharField(label=lazy("Имя"), max_length=100)
    patronymic = forms.CharField(label=lazy("Отчество"), max_length=100, required=False)
    birth_date = forms.DateField(
        label=lazy("Дата рождения"), help_text=lazy("Например, 27.03.2016.")
    )
    citizenship = forms.CharField(
        label=lazy("Гражданство"), max_length=60, help_text=lazy("Страна.")
    )
    stateless = forms.BooleanField(label=lazy("Лицо без гражданства"), required=False)
    id_doc_type = forms.CharField(
        label=lazy("Документ, удостоверяющий личность"),
        max_length=60,
        required=False,
        help_text=lazy("Свидетельство о рождении, паспорт, вид на жительство."),
    )
    id_doc_number = forms.CharField(
        label=lazy("Серия и номер документа"), max_length=60, required=False
    )
    snils = forms.CharField(label=lazy("СНИЛС"), max_length=14, required=False)
    special_needs = forms.CharField(
        label=lazy("Особые условия (ОВЗ)"),
        max_length=300,
        required=False,
        help_text=lazy("Какое оборудование или помощь нужны на тестировании."),
    )
    acts_alone = forms.BooleanField(
        label=lazy("Поступающему исполнилось 18 лет, заявление подал он сам"), required=False
    )
    parent_last_name = forms.CharField(label=lazy("Фамилия представителя"), max_length=100)
    parent_first_name = forms.CharField(label=lazy("Имя представителя"), max_length=100)
    parent_patronymic = forms.CharField(
        label=lazy("Отчество представителя"), max_length=100, required=False
    )
    notify_email = forms.EmailField(
        label=lazy("Электронная почта"),
        required=False,
        help_text=lazy("Сюда придут письма о ходе дела. Если почты нет, укажите адрес."),
    )
    notify_address = forms.CharField(label=lazy("Почтовый адрес"), max_length=300, required=False)
    notify_phone = forms.CharField(label=lazy("Телефон"), max_length=40, required=False)
    has_portal_account = forms.BooleanField(
        label=lazy("Есть личный кабинет на портале"), required=False
    )
    language = forms.ChoiceField(label=lazy("Язык писем родителю"))
    provided = forms.MultipleChoiceField(
        label=lazy("Какие документы приложены"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("Проверить и отметить каждый можно после регистрации."),
    )
    consent_to_test = forms.BooleanField(
        label=lazy("В заявлении есть согласие на тестирование"), required=False
    )
    same_child = forms.ChoiceField(
        label=lazy("Тот же ребёнок"), required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, today: date, languages: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.alike: list[queries.Duplicate] = []
        lawful = registry.active_profile().value("admissions.channels", on=today).value
        self.fields["channel"].choices = named(rules.CHANNEL_NAMES, lawful)
        self.fields["category"].choices = named(rules.CATEGORY_NAMES)
        self.fields["provided"].choices = named(rules.DOCUMENT_NAMES)
        self.fields["language"].choices = languages
        if self.data.get("acts_alone"):
            for name in ("parent_last_name", "parent_first_name"):
                self.fields[name].required = False
        if self.data.get("stateless"):
            self.fields["citizenship"].required = False

    def clean_snils(self) -> str:
        digits = "".join(c for c in self.cleaned_data["snils"] if c.isdigit())
        if self.cleaned_data["snils"] and len(digits) != 11:
            raise forms.ValidationError(_("В СНИЛС одиннадцать цифр. Проверьте номер."))
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}" if digits else ""

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if self.errors:
            return said
        self.alike = queries.possible_duplicates(self.child().facts())
        answers = {str(one.person_id): one for one in self.alike}
        self.fields["same_child"].choices = [
            *(
                (
                    key,
                    _("Да, как в заявлении № %(number)s (%(school)s, %(state)s)")
                    % {
                        "number": one.number,
                        "school": one.school,
                        "state": _(rules.STATE_NAMES[rules.ApplicationState(one.state)]),
                    },
                )
                for key, one in answers.items()
            ),
            (OTHER_CHILD, _("Нет, это другой ребёнок")),
        ]
        self.fields["same_child"].required = bool(answers)
        if answers and said.get("same_child") not in (*answers, OTHER_CHILD):
            self.add_error(
                "same_child",
                _("Похожий ребёнок уже есть. Сверьте документы и выберите ответ."),
            )
        return said

    def _clean_fields(self) -> None:
        # The answers about a like child are known only after the child is: any answer is let in
        # here and compared in `clean`.
        given = self.data.get("same_child", "")
        self.fields["same_child"].choices = [(given, given)] if given else []
        super()._clean_fields()

    def child(self) -> actions.NewPerson:
        said = self.cleaned_data
        names = ("last_name", "first_name", "patronymic", "birth_date", "citizenship", "stateless")
        papers = ("id_doc_type", "id_doc_number", "snils")
        return actions.NewPerson(**{name: said[name] for name in (*names, *papers)})

    def parent(self) -> actions.NewPerson | None:
        said = self.cleaned_data
        if said["acts_alone"]:
            return None
        return actions.NewPerson(
            last_name=said["parent_last_name"],
            first_name=said["parent_first_name"],
            patronymic=said["parent_patronymic"],
        )

    def facts(self) -> dict[str, Any]:
        """Everything of the form as `register_application` takes it."""
        said = self.cleaned_data
        same = said.get("same_child")
        plain = (
            "grade",
            "submitted_on",
            "consent_to_test",
            "notify_email",
            "notify_address",
            "notify_phone",
            "has_portal_account",
            "language",
            "special_needs",
            "request_key",
        )
        return {name: said[name] for name in plain} | {
            "child": self.child(),
            "representative": self.parent(),
            "channel": rules.Channel(said["channel"]),
            "category": rules.Category(said["category"]),
            "provided": frozenset(rules.DocumentKind(kind) for kind in said["provided"]),
            "same_child_as": int(same) if same and same != OTHER_CHILD else None,
        }


@page(roles=access.ROLES["admissions.register"])
@require_http_methods(["GET", "POST"])
def new_application(request: HttpRequest) -> HttpResponse:
    today = clock.today(request.viewer.timezone)
    options = {"today": today, "languages": settings.LANGUAGES}
    if request.method == "POST":
        again = queries.made_by_request(request.viewer, request.POST.get("request_key", ""))
        if again:  # the same click, sent twice
            return redirect("application-documents", application_id=again.pk)
        form = NewApplication(request.POST, **options)
        if form.is_valid():
            try:
                application = actions.register_application(
                    actor=request.viewer, now=clock.now(), **form.facts()
                )
            except Refused as refused:
                show(refused, form)
            else:
                return redirect("application-documents", application_id=application.pk)
    else:
        form = NewApplication(
            initial={
                "request_key": uuid.uuid4().hex,
                "submitted_on": today,
                "channel": rules.Channel.EPGU,
                "category": rules.Category.GENERAL,
                "language": "ru",
            },
            **options,
        )
    return render(request, "school/new.html", {"form": form, "alike": form.alike})
