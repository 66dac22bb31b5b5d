"""Closed pages of the materials: what became of the password, and what is said of it (R3)."""

from __future__ import annotations

from merilo.foundation.fetching.passwords import Use
from merilo.law import Reason
from merilo.law.refusal import _

BEHIND_A_FORM = Reason(
    "mechanisms.behind-a-form",
    _("%(code)s, строка %(row)s: страница за формой входа, такую форму машина не заполняет. "
      "Документ откроет эксперт по паролю."),
    warning=True,
)  # fmt: skip
ACCESS_REFUSED = Reason(
    "mechanisms.access-refused",
    _("%(code)s, строка %(row)s: сайт не принял логин и пароль, которые вы дали. Проверьте их: по "
      "ним документ откроет и эксперт."),
    warning=True,
)  # fmt: skip
ACCESS_UNSECURED = Reason(
    "mechanisms.access-unsecured",
    _("%(code)s, строка %(row)s: сайт просит пароль без защищённого соединения, поэтому Мерило его "
      "не отправило. Документ откроет эксперт по паролю; надёжнее дать ссылку https."),
    warning=True,
)  # fmt: skip
ACCESS_STRANGER = Reason(
    "mechanisms.access-stranger",
    _("%(code)s, строка %(row)s: пароль просит не тот сайт, для которого он дан, поэтому Мерило его "
      "не отправило. Проверьте ссылку и сохраните пароль ещё раз."),
    warning=True,
)  # fmt: skip
ACCESS_UNSPOKEN = Reason(
    "mechanisms.access-unspoken",
    _("%(code)s, строка %(row)s: сайт просит пароль способом, которого Мерило не знает. Документ "
      "откроет эксперт по паролю."),
    warning=True,
)  # fmt: skip
ACCESS_WORDS: dict[Use, str] = {
    Use.NOT_ASKED: _("пароль не спрашивали"),
    Use.TAKEN: _("по паролю муниципалитета"),
    Use.REFUSED: _("пароль не подошёл"),
    Use.UNSECURED: _("пароль не отправлен: соединение не защищено"),
    Use.STRANGER: _("пароль не отправлен: его спросил другой сайт"),
    Use.UNSPOKEN: _("пароль не отправлен: способ входа неизвестен"),
}
ACCESS_REASONS = {
    Use.REFUSED: ACCESS_REFUSED,
    Use.UNSECURED: ACCESS_UNSECURED,
    Use.STRANGER: ACCESS_STRANGER,
    Use.UNSPOKEN: ACCESS_UNSPOKEN,
}
