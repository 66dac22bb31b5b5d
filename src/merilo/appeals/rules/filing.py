"""Until when one may appeal, which appeal is accepted; letter 03-608, item 19; order, annex 3."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from merilo.law import Answer, Profile, Reason, Refusal, Source, Value, cite
from merilo.law.refusal import _
from merilo.results.rules import appeal_closes_on

REGIONAL_ORDER = "order-23a-566"


class AppealState(StrEnum):
    SUBMITTED = "submitted"
    NOT_ACCEPTED = "not_accepted"
    SCHEDULED = "scheduled"
    MATERIALS_REQUESTED = "materials_requested"
    MATERIALS_READY = "materials_ready"
    PRELIMINARY = "preliminary"
    HEARD = "heard"
    DECIDED = "decided"
    PROTOCOL_SIGNED = "protocol_signed"
    APPLICANT_INFORMED = "applicant_informed"
    TRANSMITTED = "transmitted"
    FINAL = "final"


# Kept materials may lie ready, so a scheduled appeal can be heard without asking for them.
TRANSITIONS: Mapping[AppealState, frozenset[AppealState]] = {
    AppealState.SUBMITTED: frozenset({AppealState.NOT_ACCEPTED, AppealState.SCHEDULED}),
    AppealState.NOT_ACCEPTED: frozenset(),
    AppealState.SCHEDULED: frozenset(
        {AppealState.MATERIALS_REQUESTED, AppealState.MATERIALS_READY}
    ),
    AppealState.MATERIALS_REQUESTED: frozenset({AppealState.MATERIALS_READY}),
    AppealState.MATERIALS_READY: frozenset({AppealState.PRELIMINARY}),
    AppealState.PRELIMINARY: frozenset({AppealState.HEARD}),
    AppealState.HEARD: frozenset({AppealState.DECIDED}),
    AppealState.DECIDED: frozenset({AppealState.PROTOCOL_SIGNED}),
    AppealState.PROTOCOL_SIGNED: frozenset({AppealState.APPLICANT_INFORMED}),
    AppealState.APPLICANT_INFORMED: frozenset({AppealState.TRANSMITTED, AppealState.FINAL}),
    AppealState.TRANSMITTED: frozenset({AppealState.FINAL}),
    AppealState.FINAL: frozenset(),
}

WORDS: Mapping[AppealState, str] = {
    AppealState.SUBMITTED: _("подана"),
    AppealState.NOT_ACCEPTED: _("не принята"),
    AppealState.SCHEDULED: _("назначено рассмотрение"),
    AppealState.MATERIALS_REQUESTED: _("материалы запрошены"),
    AppealState.MATERIALS_READY: _("материалы получены"),
    AppealState.PRELIMINARY: _("есть предварительное решение"),
    AppealState.HEARD: _("рассмотрена"),
    AppealState.DECIDED: _("решение принято"),
    AppealState.PROTOCOL_SIGNED: _("протокол подписан"),
    AppealState.APPLICANT_INFORMED: _("заявителю сообщено"),
    AppealState.TRANSMITTED: _("решение передано в школу и РЦОИ"),
    AppealState.FINAL: _("завершена"),
}


class AppealKind(StrEnum):
    POINTS = "points"
    PROCEDURE = "procedure"


class Subject(StrEnum):
    """What an appeal complains about."""

    POINTS = "points"
    TECHNICAL_ERROR = "technical_error"
    CONTENT = "content"
    STRUCTURE = "structure"
    CRITERIA = "criteria"
    METHOD = "method"


NOT_CONSIDERED = frozenset({Subject.CONTENT, Subject.STRUCTURE, Subject.CRITERIA, Subject.METHOD})

WRONG_STATE = Reason(
    "appeals.wrong-state",
    _(
        "Апелляция сейчас «%(state)s»: перейти к «%(wanted)s» нельзя. Обновите страницу — "
        "возможно, это уже сделано."
    ),
)
WINDOW_UNKNOWN = Reason(
    "appeals.window-unknown",
    _(
        "Срок апелляции посчитать нельзя: не указан день, от которого он идёт. Внесите дату "
        "официального объявления и день, когда родитель получил уведомление."
    ),
)
PROCEDURE_UNSET = Reason(
    "appeals.procedure-unset",
    _(
        "Порядок и срок апелляции о нарушении порядка тестирования не установлены. Апелляция "
        "регистрируется и передаётся комиссии с этой пометкой."
    ),
    warning=True,
)
PROCEDURE_NOT_TAKEN = Reason(
    "appeals.procedure-not-taken",
    _("Апелляции о нарушении порядка тестирования в регионе не принимаются."),
)
BEFORE_NOTICE = Reason(
    "appeals.before-notice",
    _(
        "Апелляцию подают после получения уведомления о результатах, а его получение не "
        "подтверждено. Дождитесь уведомления."
    ),
)
TOO_LATE = Reason(
    "appeals.too-late",
    _("Срок апелляции истёк: последний день был %(last)s, апелляция подана %(submitted_on)s."),
)
TOLD_TOO_LATE = Reason(
    "appeals.told-too-late",
    _(
        "Родитель получил уведомление %(received_on)s, а срок апелляции истёк %(last)s: он не мог "
        "успеть. Сообщите об этом в министерство."
    ),
    warning=True,
)
SECOND_APPEAL = Reason(
    "appeals.second",
    _("Апелляция по этому тестированию уже подавалась. Вторая не принимается."),
)
NOT_ENTITLED = Reason(
    "appeals.not-entitled",
    _("Апелляцию подаёт сам участник или его родитель (законный представитель)."),
)
ABOUT_CRITERIA = Reason(
    "appeals.about-criteria",
    _(
        "Содержание и структура тестирования, критерии и методика оценивания не обжалуются. "
        "Укажите задания, с баллами за которые вы не согласны."
    ),
)
NO_TASKS = Reason(
    "appeals.no-tasks",
    _("Не указаны задания, с баллами за которые заявитель не согласен. Назовите их номера."),
)
UNKNOWN_TASKS = Reason(
    "appeals.unknown-tasks",
    _("Заданий с номерами %(tasks)s в этом тестировании не было. Проверьте номера."),
)
NO_GROUNDS = Reason(
    "appeals.no-grounds",
    _("Не обосновано несогласие с баллами за задания: %(tasks)s. Напишите, с чем именно."),
)
PRESENCE_UNCLEAR = Reason(
    "appeals.presence-unclear",
    _("Отметьте одно: рассмотреть «без моего участия» или «в моём присутствии»."),
)
DRAFTS_IGNORED = Reason(
    "appeals.drafts-ignored",
    _("Черновики при рассмотрении апелляции не рассматриваются."),
    warning=True,
)


@dataclass(frozen=True)
class AppealFacts:
    """An appeal as filed. `tasks` by number with the applicant's grounds for each.

    `received_on`: the day the parent got the notice, None where it is not confirmed.
    """

    kind: AppealKind
    submitted_on: date
    test_on: date
    official_on: date | None
    received_on: date | None
    tasks: Mapping[int, str]
    subjects: frozenset[Subject] = frozenset({Subject.POINTS})
    without_applicant: bool = False
    with_applicant: bool = False
    by_entitled: bool = True
    earlier_appeals: int = 0
    drafts_attached: bool = False
    known_tasks: Collection[int] = ()


def reasons_against_moving(state: AppealState, to: AppealState) -> Iterator[Refusal]:
    """Why the appeal may not go to that state."""
    if to not in TRANSITIONS[state]:
        yield WRONG_STATE(state=WORDS[state], wanted=WORDS[to])


def _in_the_order(value: Value, paragraph: str) -> Source:
    """The paragraph of the regional order where it governs, else the letter's item on appeals."""
    if value.source.act.id == REGIONAL_ORDER:
        return cite(REGIONAL_ORDER, f"{paragraph} Порядка апелляции (прил. 3)")
    return cite("letter-03-608", "п. 19")


def appeal_window(
    official_on: date | None, received_on: date | None, *, profile: Profile
) -> Answer:
    """The window for an appeal about points: `opens` and `last`, the last day included.

    It runs from the announcement or from receipt, as the profile says; before the notice is
    received no appeal is accepted, so it opens that day. Times are those of the applicant's place.
    """
    day = official_on or received_on
    if day is None:
        return Answer(reasons=(WINDOW_UNKNOWN(),), dates={"opens": None, "last": None}, outcome={})
    start = profile.value("appeals.points_window_start", on=day)
    window = profile.value("appeals.points_window_wd", on=day)
    last = appeal_closes_on(official_on=official_on, received_on=received_on, profile=profile)
    reasons = []
    if last is None:
        reasons.append(WINDOW_UNKNOWN(start))
    elif received_on and received_on > last:
        reasons.append(TOLD_TOO_LATE(window, received_on=received_on, last=last))
    return Answer(
        reasons=tuple(reasons),
        dates={"opens": received_on, "last": last},
        outcome={"start": start.value, "working_days": window.value},
        decided_under=(start, window),
    )


def procedure_window(test_on: date, *, profile: Profile) -> Answer:
    """The window for an appeal about the procedure, where the region has set one."""
    taken = profile.value("appeals.procedure_enabled", on=test_on)
    window = profile.value_if_any("appeals.procedure_window_wd", on=test_on)
    if not taken.value:
        return Answer(reasons=(PROCEDURE_NOT_TAKEN(taken),), dates={"last": None})
    if window is None:
        return Answer(
            reasons=(PROCEDURE_UNSET(taken),), dates={"last": None}, decided_under=(taken,)
        )
    return Answer(
        dates={"last": profile.days.after(test_on, window.value)}, decided_under=(taken, window)
    )


def reasons_against_accepting(appeal: AppealFacts, *, profile: Profile) -> Iterator[Refusal]:
    """Every reason why the appeal is not accepted, at once; warnings among them."""
    once = profile.value("appeals.once", on=appeal.test_on)
    if not appeal.by_entitled:
        yield NOT_ENTITLED(_in_the_order(once, "п. 7"))
    if once.value and appeal.earlier_appeals:
        yield SECOND_APPEAL(once)
    if appeal.kind == AppealKind.PROCEDURE:
        answer = procedure_window(appeal.test_on, profile=profile)
        yield from answer.reasons
    else:
        yield from _about_points(appeal, once)
        answer = appeal_window(appeal.official_on, appeal.received_on, profile=profile)
        if appeal.received_on is None:
            yield BEFORE_NOTICE(_in_the_order(once, "п. 2"))
        else:
            yield from answer.reasons
    last = answer.dates["last"]
    if last is not None and appeal.submitted_on > last:
        yield TOO_LATE(answer.decided_under[-1], last=last, submitted_on=appeal.submitted_on)
    if appeal.with_applicant == appeal.without_applicant:
        yield PRESENCE_UNCLEAR(_in_the_order(once, "п. 8"))
    if appeal.drafts_attached:
        yield DRAFTS_IGNORED(_in_the_order(once, "п. 14"))


def _about_points(appeal: AppealFacts, once: Value) -> Iterator[Refusal]:
    """What the form itself lacks: tasks, grounds, a subject that can be considered."""
    form = _in_the_order(once, "п. 8")
    if appeal.subjects & NOT_CONSIDERED:
        yield ABOUT_CRITERIA(_in_the_order(once, "п. 14"))
    if not appeal.tasks:
        yield NO_TASKS(form)
    unknown = tuple(sorted(set(appeal.tasks) - set(appeal.known_tasks)))
    if unknown and appeal.known_tasks:
        yield UNKNOWN_TASKS(form, tasks=unknown)
    if bare := tuple(task for task, why in sorted(appeal.tasks.items()) if not why.strip()):
        yield NO_GROUNDS(form, tasks=bare)
