"""What is said to whoever fills the form of primary data: position, row, and what to do."""

from merilo.law import Reason
from merilo.law.refusal import _

PAGES_MISSING = Reason(
    "mechanisms.pages-missing",
    _("%(code)s, строка %(row)s: в документе %(count)s стр. Укажите страницы, на которых стоит "
      "то, что нужно оценить."),
)  # fmt: skip
PAGES_UNKNOWN = Reason(
    "mechanisms.pages-unknown",
    _("%(code)s, строка %(row)s: не указано, сколько в документе страниц. Если больше одной, "
      "укажите страницы для экспертизы."),
    warning=True,
)  # fmt: skip
PAGES_WRONG = Reason(
    "mechanisms.pages-wrong",
    _("%(code)s, строка %(row)s: страницы «%(said)s» не прочесть. Пишите так: 3–5, 8."),
)
PAGES_BEYOND = Reason(
    "mechanisms.pages-beyond",
    _("%(code)s, строка %(row)s: указана страница %(page)s, а в документе их %(count)s. "
      "Исправьте номера."),
)  # fmt: skip
SAME_LINK_UNNAMED = Reason(
    "mechanisms.same-link-unnamed",
    _("%(code)s, строка %(row)s: ссылка повторяется. У каждой её строки назовите свой документ в "
      "комментарии."),
)  # fmt: skip
SECRET_MISSING = Reason(
    "mechanisms.secret-missing",
    _("%(code)s, строка %(row)s: страница в закрытом доступе. Дайте логин, пароль или другие "
      "сведения, которые её открывают."),
)  # fmt: skip
SECRET_IN_COMMENT = Reason(
    "mechanisms.secret-in-comment",
    _("%(code)s, строка %(row)s: похоже, в тексте стоит логин или пароль. Перенесите их в поле "
      "«Закрытый доступ»: там они хранятся зашифрованными. В тексте они не сохранены."),
)  # fmt: skip
SECRET_IN_ADDRESS = Reason(
    "mechanisms.secret-in-address",
    _("%(code)s, строка %(row)s: в самом адресе стоит логин или пароль. Уберите их из адреса и "
      "перенесите в поле «Закрытый доступ»: там они хранятся зашифрованными. Так не сохранено."),
)  # fmt: skip
ABSENCE_UNPROVED = Reason(
    "mechanisms.absence-unproved",
    _("%(code)s: отмечено, что таких школ нет. Дайте ссылки на документы, которые это "
      "подтверждают."),
)  # fmt: skip
NO_REASON = Reason(
    "mechanisms.no-reason-not-applicable",
    _("%(code)s: отмечено «не применимо». Напишите, почему."),
)
MUST_APPLY = Reason(
    "mechanisms.must-apply",
    _("%(code)s: по критериям этого цикла «не применимо» здесь не отмечают. Снимите отметку."),
)
TOO_MANY_LINKS = Reason(
    "mechanisms.too-many-links",
    _("%(code)s: ссылок %(count)s, а можно не больше %(limit)s. Лишние уберите."),
)
MEASURE_UNNAMED = Reason(
    "mechanisms.measure-unnamed",
    _("%(code)s: нужен муниципальный документ, который ссылается на региональный и называет "
      "конкретную региональную меру. Заполните оба поля хотя бы в одной строке."),
)  # fmt: skip
NOT_IN_CRITERIA = Reason(
    "mechanisms.not-in-criteria",
    _("%(code)s — не позиция оценивания. Оцениваются только документы по позициям направлений, "
      "остальное не учитывается."),
)  # fmt: skip
NEWS_FEED = Reason(
    "mechanisms.news-feed",
    _("%(code)s, строка %(row)s: это похоже на новостную ленту, ссылки на неё не оцениваются. "
      "Дайте ссылку на сам документ."),
    warning=True,
)  # fmt: skip
NEWS_WITH_DOCUMENT = Reason(
    "mechanisms.news-with-document",
    _("%(code)s, строка %(row)s: документ стоит на странице новостей. Засчитать ли его, решит "
      "эксперт; надёжнее прямая ссылка на документ."),
    warning=True,
)  # fmt: skip
EVENT_ONLY = Reason(
    "mechanisms.event-only",
    _("%(code)s, строка %(row)s: это похоже на страницу мероприятия без документа. Без приказа, "
      "протокола или иного подтверждения она не оценивается."),
    warning=True,
)  # fmt: skip
URL_WRONG = Reason(
    "mechanisms.url-wrong",
    _("%(code)s, строка %(row)s: «%(said)s» не адрес страницы. Он начинается с http:// или "
      "https://."),
)  # fmt: skip
URL_MISSING = Reason(
    "mechanisms.url-missing",
    _("%(code)s, строка %(row)s: нет ссылки на документ. Вставьте её или уберите строку."),
)
NAME_MISSING = Reason(
    "mechanisms.document-name-missing",
    _("%(code)s, строка %(row)s: нет наименования документа. Напишите его."),
)
COMMENT_MISSING = Reason(
    "mechanisms.comment-missing",
    _("%(code)s, строка %(row)s: не сказано, как позиция представлена на этих страницах."),
    warning=True,
)
NOTHING_GIVEN = Reason(
    "mechanisms.nothing-given",
    _("%(code)s: нет ни одной ссылки. Эксперты не найдут, за что дать баллы."),
    warning=True,
)
FORM_EMPTY = Reason(
    "mechanisms.form-empty",
    _("В форме нет ни одного ответа. Заполните хотя бы одну позицию."),
)
