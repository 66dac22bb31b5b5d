"""What the clock does and when: one line for each. Times are UTC; every task may run twice."""

from __future__ import annotations

from dataclasses import dataclass

from merilo.law.refusal import _


@dataclass(frozen=True)
class Periodic:
    """A task of `tasks`, when it runs (cron), and what for, in words."""

    task: str
    cron: str
    what: str


SCHEDULE: tuple[Periodic, ...] = (
    Periodic(
        "expire_unbooked",
        "*/10 * * * *",
        _("Аннулировать заявления, по которым не записались в срок (если так велит профиль)"),
    ),
    Periodic(
        "free_ended_seats",
        "5-59/10 * * * *",
        _("Освободить места отозванных направлений и заявлений"),
    ),
    Periodic(
        "open_days",
        "15 * * * *",
        _("Открыть ближайшие дни тестирования, отложить перенесённые"),
    ),
    Periodic("retry_stalled", "* * * * *", _("Вернуть в очередь задания, чей работник пропал")),
    Periodic(
        "send_waiting_letters",
        "*/15 * * * *",
        _("Отправить письма, оставшиеся в очереди, и повторить неудачные"),
    ),
    Periodic(
        "flag_unsent_letters", "20 * * * *", _("Поднять тревогу о письмах, которые не уходят")
    ),
    Periodic(
        "refresh_unknown_terms",
        "40 19 * * *",
        _("Посчитать сроки, для которых не было производственного календаря"),
    ),
    Periodic("visit_all_evidence", "0 17 * * *", _("Проверить ссылки в материалах МУМ")),
    Periodic(
        "close_objections", "50 * * * *", _("Закрыть приём возражений МУМ, срок которых прошёл")
    ),
    Periodic("anchor_journal", "10 20 * * *", _("Поставить контрольную отметку журнала")),
    Periodic("forget_expired", "30 20 * * *", _("Удалить истёкшие коды и сеансы входа")),
)
