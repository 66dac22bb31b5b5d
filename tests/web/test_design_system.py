"""The design system keeps its promises: local, calm under a strict CSP, readable, accessible."""

from __future__ import annotations

import mimetypes
import os
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import Context, Template, engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

import merilo.web
from merilo.law.refusal import Reason
from merilo.law.sources import Act, Certainty, Rank, Source, Value
from merilo.registry.access import Role, Viewer
from merilo.web.context import grouped
from merilo.web.public.styleguide import sample
from merilo.web.templatetags.fields import error_links
from merilo.web.templatetags.merilo import choose, deadline_words, law, sentence

WEB = Path(merilo.web.__file__).parent
STATIC = WEB / "static"
CSS = STATIC / "css" / "merilo.css"
MONDAY = date(2026, 2, 9)

ACT = Act("primorye", "Порядок", "Порядок Приморского края", Rank.REGIONAL_ACT)
SOURCE = Source(ACT, "4.5.2")
NEED_PASSPORT = Reason("test.passport", "В паспорте срок истёк %(on)s: примите новый.")
del Reason.registry[
    NEED_PASSPORT.code
]  # not a reason of the product: tests of the list do not see it


def drawn(template: str, **context: object) -> str:
    """A piece of template as the site compiles it, cotton tags included."""
    from django_cotton.compiler_regex import CottonCompiler

    compiled = CottonCompiler().process(template)
    return engines["django"].from_string(compiled).render(context, RequestFactory().get("/"))


def page(name: str = "styleguide.html", **context: object) -> str:
    request = RequestFactory().get("/styleguide/")
    request.user = SimpleNamespace(is_authenticated=False)
    request.viewer = None
    return render_to_string(name, sample() | context, request=request)


@pytest.fixture(autouse=True)
def in_russian():
    with translation.override("ru"):
        yield


# --- what is shipped -------------------------------------------------------------------------


def test_styles_stay_under_120_kilobytes() -> None:
    assert CSS.stat().st_size < 120_000


def test_styles_and_scripts_ask_for_nothing_outside_and_carry_no_maps() -> None:
    for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js"), *STATIC.rglob("*.svg")]:
        text = path.read_text()
        assert "sourceMappingURL" not in text, path
        loaded = re.findall(r"(?:url\(|@import|from\s+|import\()\s*[\"']?(https?:|//)", text)
        assert not loaded, path


def test_every_file_the_styles_name_is_there() -> None:
    named = re.findall(r"url\([\"']?([^)\"']+)", CSS.read_text())
    assert len(named) == 3
    for name in named:
        assert (CSS.parent / name).resolve().exists(), name


def test_everything_borrowed_comes_with_its_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text().upper()
    assert "MIT License" in (STATIC / "css" / "govuk-frontend.LICENSE.txt").read_text()
    assert (STATIC / "js" / "htmx.LICENSE.txt").exists()


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle\s*=", text), path
        assert not re.search(r"\son(click|change|submit|load|input)\s*=", text), path
        assert "<style" not in text, path
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script, path


def test_a_value_given_to_a_component_has_no_filter() -> None:
    """A component reads `:n="rows|length"` as nothing at all: the page would count to 0."""
    for path in (WEB / "templates").rglob("*.html"):
        found = re.findall(r' :\w+="[^"{]*\|[^"]*"', path.read_text())
        assert not found, (path.name, found)


def names_of_templates() -> list[str]:
    root = WEB / "templates"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.html"))


@pytest.mark.parametrize("name", names_of_templates())
def test_a_template_compiles_and_names_only_components_that_exist(name: str) -> None:
    get_template(name)
    text = (WEB / "templates" / name).read_text()
    for component in set(re.findall(r"<c-([a-z][a-z-]*)", text)) - {"slot", "vars"}:
        assert (WEB / "templates" / "cotton" / f"{component.replace('-', '_')}.html").exists()


def test_pages_refer_only_to_this_site() -> None:
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', page())
    assert addresses
    assert not [one for one in addresses if re.match(r"(https?:)?//", one)]


# --- the frame -------------------------------------------------------------------------------


def framed(name: str = "base.html", **context: object) -> str:
    """A page in its frame for a signed-in secretary of a school."""
    request = RequestFactory().get("/applications/?grade=2")
    request.user = SimpleNamespace(is_authenticated=True, login="school25")
    request.viewer = Viewer(
        1, 1, Role.SCHOOL, 5, "/1/5/", "СОШ № 25", "Asia/Vladivostok", title="Секретарь школы"
    )
    given = {"nav": [], "positions": []}
    return render_to_string(name, given | context, request=request)


def test_the_frame_says_where_and_as_whom_one_works() -> None:
    said = framed()
    assert "СОШ № 25" in said
    assert "Секретарь школы" in said
    assert '<html lang="ru"' in said
    assert 'href="#main"' in said
    assert 'id="main"' in said


def test_the_menu_marks_the_page_one_is_on_and_counts_what_waits() -> None:
    menu = grouped(
        [
            {"title": "Мои дела", "url": "/", "count": 14, "current": True, "group": ""},
            {"title": "Заявления", "url": "/a/", "count": 0, "current": False, "group": ""},
            {"title": "Журнал", "url": "/j/", "count": None, "current": False, "group": "Справка"},
        ]
    )
    said = framed(nav=menu)
    assert re.search(r'<a href="/" aria-current="page"><span>Мои дела</span>.*14', said)
    assert said.count('aria-current="page"') == 1
    assert "<h2>Справка</h2>" in said
    assert said.count('class="n"') == 2


def test_leaving_and_changing_language_are_posts_with_a_token() -> None:
    said = framed()
    posts = re.findall(r'<form method="post"[^>]*>.*?</form>', said, re.DOTALL)
    assert posts
    assert all("csrfmiddlewaretoken" in one for one in posts)
    assert any('name="language" value="en"' in one for one in posts)
    assert "/accounts/logout/" in "".join(posts)
    assert 'value="/applications/?grade=2"' in said


def test_a_visitor_sees_neither_menu_nor_name() -> None:
    request = RequestFactory().get("/status/")
    request.user = SimpleNamespace(is_authenticated=False)
    request.viewer = None
    said = render_to_string("base_parent.html", {}, request=request)
    assert "Выйти" not in said
    assert "<nav" not in said


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_are_drawn_even_when_nothing_is_known(name: str) -> None:
    said = render_to_string(name)
    assert "<h1>" in said
    assert "css/merilo.css" in said


def test_a_refused_page_says_the_reason() -> None:
    said = framed("refused.html", refusals=[NEED_PASSPORT(SOURCE, on=MONDAY)])
    assert "9" in said
    assert "Порядок Приморского края, 4.5.2" in said


# --- contrast --------------------------------------------------------------------------------


def tokens() -> dict[str, str]:
    found = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b", CSS.read_text()))
    return {
        name: "#" + "".join(c * 2 for c in value[1:]) if len(value) == 4 else value
        for name, value in found.items()
    }


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "ground"),
        ("ink-2", "ground"),
        ("ink-2", "paper"),
        ("ink", "brand-2"),
        ("brand", "brand-2"),
        ("brand", "paper"),
        ("brand", "ground"),
        ("ok", "ok-bg"),
        ("soon", "soon-bg"),
        ("late", "late-bg"),
        ("late", "paper"),
        ("late", "ground"),
        ("ink", "wait-bg"),
        ("ink-2", "wait-bg"),
        ("paper", "brand"),
        ("paper", "action"),
        ("paper", "late"),
        ("ink", "focus"),
    ],
)
def test_every_pair_of_text_and_ground_reads_at_4_5_to_1(ink: str, ground: str) -> None:
    colours = tokens()
    assert contrast(colours[ink], colours[ground]) >= 4.5


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (12, "дней"), (21, "день"),
     (22, "дня"), (104, "дня"), (111, "дней"), (0, "дней"), (-1, "день")],
)  # fmt: skip
def test_russian_numbers_take_their_three_forms(number: int, word: str) -> None:
    assert choose(number, "день|дня|дней") == word


def test_english_numbers_take_two_forms_and_chinese_one() -> None:
    assert [choose(n, "day|days") for n in (1, 2, 21)] == ["day", "days", "days"]
    assert choose(3, "天") == "天"


@pytest.mark.parametrize(
    ("due", "left", "kind", "words", "small"),
    [
        (date(2026, 2, 6), -1, "late", "просрочено на 1 раб. день", "срок был до 6 февраля"),
        (date(2026, 2, 6), None, "late", "просрочено", "срок был до 6 февраля"),
        (date(2026, 2, 8), 0, "late", "просрочено", "срок был до 8 февраля"),
        (date(2026, 2, 9), 0, "soon", "сегодня", ""),
        (datetime(2026, 2, 9, 8, 0, tzinfo=UTC), 0, "soon", "сегодня до 18:00", ""),
        (date(2026, 2, 10), 1, "soon", "завтра", "до 10 февраля"),
        (date(2026, 2, 12), 3, "soon", "осталось 3 раб. дня", "до 12 февраля"),
        (date(2026, 2, 12), 1, "soon", "остался 1 раб. день", "до 12 февраля"),
        (date(2026, 2, 13), 4, "wait", "до 13 февраля", "осталось 4 раб. дня"),
        (date(2027, 1, 12), 200, "wait", "до 12 января 2027", "осталось 200 раб. дней"),
        (date(2026, 2, 13), None, "wait", "до 13 февраля", ""),
        (None, None, "wait", "без срока", ""),
    ],
)
def test_a_deadline_says_its_urgency_in_words(due, left, kind, words, small) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.TIME_ZONE", "Asia/Vladivostok")
        from django.utils import timezone

        with timezone.override("Asia/Vladivostok"):
            said = deadline_words(due, left, MONDAY)
    assert said["kind"] == kind
    assert said["words"].replace("\xa0", " ") == words
    assert said["small"].replace("\xa0", " ") == small


def test_a_duty_that_is_done_is_not_late() -> None:
    assert deadline_words(date(2026, 2, 2), -5, MONDAY, done=True)["words"] == "выполнено"


def test_an_act_is_a_link_to_the_rulebook_and_a_value_to_its_rule() -> None:
    value = Value(
        "booking.min_lead_wd", 7, "раб. дней", date(2025, 4, 21), None, SOURCE,
        Certainty.A, "", "primorye-2025",
    )  # fmt: skip
    said = str(law(value))
    assert "Порядок Приморского края, 4.5.2" in said
    assert "действует с 21.04.2025" in said
    assert law(None) == ""


def test_acts_are_escaped() -> None:
    assert "<b>" not in str(law("Порядок <b>края</b>", date(2025, 4, 21)))


def test_a_reason_is_said_with_the_dates_people_write() -> None:
    said = sentence(NEED_PASSPORT(SOURCE, on=date(2026, 1, 30))).replace("\xa0", " ")
    assert said == "В паспорте срок истёк 30 января 2026: примите новый."


def test_a_why_box_lists_every_reason_with_its_paragraph() -> None:
    reasons = [NEED_PASSPORT(SOURCE, on=date(2026, 1, 30)), NEED_PASSPORT(None, on=MONDAY)]
    said = drawn('<c-why title="Почему нельзя." :reasons="reasons" />', reasons=reasons)
    assert said.count("<li>") == 2
    assert said.count("4.5.2") == 1


def test_a_component_takes_nothing_from_the_page_that_was_not_given() -> None:
    said = drawn('<c-why title="Почему.">Текст.</c-why>', reasons=["чужая причина"])
    assert "чужая причина" not in said


# --- forms -----------------------------------------------------------------------------------


class Child(forms.Form):
    surname = forms.CharField(label="Фамилия", help_text="Как в свидетельстве.")
    birth_date = forms.DateField(label="Дата рождения")
    way = forms.ChoiceField(label="Как подано", choices=[("a", "А")], widget=forms.RadioSelect)
    note = forms.CharField(label="Примечание", required=False)


def test_a_field_names_its_hint_and_its_error_to_a_screen_reader() -> None:
    said = drawn('<c-field :field="form.surname" />', form=Child({}))
    assert '<label class="govuk-label" for="id_surname">Фамилия</label>' in said
    described = re.search(r'<input[^>]*aria-describedby="([^"]+)"', said)
    assert described
    for one in described[1].split():
        assert f'id="{one}"' in said
    assert 'aria-invalid="true"' in said


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    said = drawn('<c-field :field="form.way" />', form=Child({}))
    assert "<fieldset" in said
    assert re.search(r"<legend[^>]*>Как подано</legend>", said)
    assert 'for="id_way_0"' in said


def test_optional_fields_say_so_and_required_ones_are_plain() -> None:
    assert "(необязательно)" in drawn('<c-field :field="form.note" />', form=Child())
    assert "(необязательно)" not in drawn('<c-field :field="form.surname" />', form=Child())


def test_every_error_of_the_summary_leads_to_something_on_the_page() -> None:
    form = Child({"birth_date": "31.02.2016"})
    said = drawn('<c-form :form="form" />', form=form)
    links = error_links(form)
    assert [one["text"] for one in links] == [
        "Фамилия: обязательное поле.",
        "Дата рождения: введите правильную дату.",
        "Как подано: обязательное поле.",
    ]
    for one in links:
        assert f'id="{one["href"][1:]}"' in said


def test_a_form_written_plainly_looks_the_same() -> None:
    said = Template("{{ form }}").render(Context({"form": Child()}))
    assert said.count("govuk-form-group") == 4


def test_values_come_back_escaped() -> None:
    said = drawn('<c-field :field="form.surname" />', form=Child({"surname": '"><script>'}))
    assert "<script>" not in said


# --- in a browser ----------------------------------------------------------------------------

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'"
)
CHROMIUM = os.environ.get("MERILO_CHROMIUM") or shutil.which("chromium")
HERE = "http://merilo.test"


@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM:
        pytest.skip("no Chromium here: ./merilo test brings one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    """Open a drawn page with its real files and the real CSP, without any server."""
    contexts = []

    def open_page(html: str, width: int = 1280, on_post=None):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale="ru-RU")
        contexts.append(context)
        tab = context.new_page()
        tab.wrong = []
        tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
        tab.on(
            "console",
            lambda said: (
                tab.wrong.append(said.text) if said.type in ("error", "warning") else None
            ),
        )

        def answer(route):
            path = urlsplit(route.request.url).path
            if route.request.method == "POST" and on_post:
                on_post(route)
            elif path.startswith("/static/"):
                found = finders.find(path.removeprefix("/static/"))
                route.fulfill(
                    status=200,
                    body=Path(found).read_bytes(),
                    content_type=mimetypes.guess_type(path)[0] or "font/woff2",
                )
            else:
                route.fulfill(
                    status=200,
                    body=html,
                    headers={
                        "Content-Security-Policy": CSP,
                        "Content-Type": "text/html; charset=utf-8",
                    },
                )

        tab.route("**/*", answer)
        tab.goto(f"{HERE}/page/")
        return tab

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_the_style_guide_has_no_axe_violation_and_breaks_no_csp(opened, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(page(), width)
    found = Axe().run(
        tab,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    assert tab.wrong == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 640, 320])
def test_nothing_is_wider_than_the_window_down_to_320_pixels(opened, width: int) -> None:
    tab = opened(page(), width)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.evaluate(over) == 0


MARKS = """{% extends "base_public.html" %}{% block main %}<form method="post" action="/save/" data-marking>
{% for n in "123" %}<c-mark-row :n="n" title="Критерий" max="2" name="k{{ n }}" />{% endfor %}
<p><output data-total>0</output> <span data-left>3</span></p><c-button data-save>Сохранить</c-button></form>
{% endblock %}"""  # noqa: E501


@pytest.mark.browser
def test_a_work_is_marked_by_the_keyboard_alone(opened) -> None:
    sent = []

    def save(route):
        sent.append(route.request.post_data)
        route.fulfill(status=204)

    tab = opened(drawn(MARKS), on_post=save)
    for key in ("2", "7", "1"):
        tab.keyboard.press(key)
    assert tab.inner_text("[data-total]") == "3"
    tab.keyboard.press("Enter")
    assert sent == []  # one criterion is not marked yet: the cursor goes there
    assert tab.locator(".mark-row.missing").count() == 1
    tab.keyboard.press("0")
    with tab.expect_response("**/save/"):
        tab.keyboard.press("Enter")
    assert sent == ["k1=2&k2=1&k3=0"]


@pytest.mark.browser
def test_the_cursor_goes_from_the_last_criterion_to_the_sum_and_enter_signs(opened) -> None:
    sent = []

    def save(route):
        sent.append(route.request.post_data)
        route.fulfill(status=204)

    html = drawn(
        MARKS.replace("<p><output", '<input name="sum" data-sum aria-label="Сумма"><p><output')
    )
    tab = opened(html, on_post=save)
    with tab.expect_response("**/save/"):
        for key in ("2", "1", "0", "3", "Enter"):
            tab.keyboard.press(key)
    assert sent == ["k1=2&k2=1&k3=0&sum=3"]


@pytest.mark.browser
def test_autosave_says_when_it_saved_and_says_when_it_could_not(opened) -> None:
    answers = iter(["abort", "ok"])

    def save(route):
        if next(answers) == "abort":
            route.abort()
        else:
            route.fulfill(
                status=200, content_type="application/json", body='{"saved_at": "12:03"}'
            )

    html = drawn(
        '{% extends "base_public.html" %}{% block main %}'
        '<c-form :form="form" autosave="/draft/" />{% endblock %}',
        form=Child(),
    )
    tab = opened(html, on_post=save)
    tab.fill("#id_surname", "Саидов")
    said = tab.locator("form [data-saved]")
    said.filter(has_text="не сохранено").wait_for()
    said.filter(has_text="сохранено 12:03").wait_for()


@pytest.mark.browser
def test_a_dangerous_button_asks_first_and_escape_changes_nothing(opened) -> None:
    sent = []

    def save(route):
        sent.append(route.request.url)
        route.fulfill(status=204)

    html = drawn(
        '{% extends "base_public.html" %}{% block main %}<c-act action="/cancel/" kind="danger" '
        'confirm="Отменить запись?" confirm_yes="Отменить запись">Отменить</c-act>{% endblock %}'
    )
    tab = opened(html, on_post=save)
    tab.click("main button")
    assert tab.locator("dialog h2").inner_text() == "Отменить запись?"
    tab.keyboard.press("Escape")
    assert sent == []
    tab.click("main button")
    with tab.expect_response("**/cancel/"):
        tab.click("dialog [data-confirm-yes]")
    assert len(sent) == 1


@pytest.mark.browser
def test_a_phone_opens_the_sections_by_a_button(opened) -> None:
    tab = opened(page(), 320)
    assert not tab.locator("#sections").is_visible()
    tab.click("[data-nav-button]")
    assert tab.locator("#sections a").first.is_visible()
