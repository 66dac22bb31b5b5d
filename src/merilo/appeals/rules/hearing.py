"""Who decides an appeal, how votes are counted and what follows; order, annexes 2 and 3."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil

from merilo.law import Answer, Profile, Reason, Refusal, cite
from merilo.law.refusal import _


class Vote(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"


class Outcome(StrEnum):
    KEEP = "KEEP"
    DOWN = "DOWN"
    UP = "UP"


# The exact formulas of the order, annex 3, item 16.
FORMULAS = {
    Outcome.KEEP: _("отклонить апелляцию, сохранить количество баллов"),
    Outcome.DOWN: _("удовлетворить апелляцию с понижением количества баллов"),
    Outcome.UP: _("удовлетворить апелляцию с повышением количества баллов"),
}

NO_QUORUM = Reason(
    "appeals.no-quorum",
    _(
        "Кворума нет: из %(members)s членов присутствуют %(present)s, нужно не менее %(needed)s. "
        "Перенесите заседание в пределах срока рассмотрения."
    ),
)
VOTES_IMPOSSIBLE = Reason(
    "appeals.votes-impossible",
    _(
        "Голоса не сходятся: за %(votes_for)s, против %(against)s, воздержались %(abstained)s, "
        "а присутствуют %(present)s из %(members)s. Пересчитайте."
    ),
)
TIE_NOT_BROKEN = Reason(
    "appeals.tie-not-broken",
    _(
        "Голоса разделились поровну, а председатель не голосовал: решение не принято. "
        "Проголосуйте ещё раз с участием председателя."
    ),
)
FOREIGN_OUTCOME = Reason(
    "appeals.foreign-outcome",
    _("Такого решения правила региона не знают. Возможны: %(known)s."),
)
OUTCOME_DIFFERS = Reason(
    "appeals.outcome-differs",
    _("Было %(before)s, стало %(after)s — это не то решение, которое выбрано. Проверьте баллы."),
)
MEMBER_OF_TESTING = Reason(
    "appeals.member-of-testing",
    _("%(person)s входит в комиссию по тестированию и в апелляционную войти не может."),
)
SUBSTITUTE = Reason(
    "appeals.substitute",
    _("Члены комиссии участвуют лично: %(person)s в её составе не значится."),
)
NOT_SIGNED = Reason(
    "appeals.not-signed",
    _("Протокол не подписали: %(people)s. Его подписывают все присутствовавшие."),
)
HEARING_TOO_LONG = Reason(
    "appeals.hearing-too-long",
    _("Рассмотрение длилось %(minutes)s мин, норма — до %(most)s. Решения это не отменяет."),
    warning=True,
)


def quorum(members_total: int, present: int, *, on: date, profile: Profile) -> Answer:
    """Whether enough members are there: the share of the whole commission, rounded up.

    The outcome holds `needed` and `reached`.
    """
    share = profile.value("appeals.quorum_share", on=on)
    needed = ceil(Fraction(str(share.value)) * members_total)
    reached = members_total > 0 and needed <= present <= members_total
    reasons = (
        ()
        if reached
        else (NO_QUORUM(share, members=members_total, present=present, needed=needed),)
    )
    return Answer(
        reasons=reasons, outcome={"needed": needed, "reached": reached}, decided_under=(share,)
    )


@dataclass(frozen=True)
class Ballot:
    """An open vote. `chair`: the chair's own vote, None where he was absent or did not vote."""

    members_total: int
    present: int
    votes_for: int
    against: int
    abstained: int = 0
    chair: Vote | None = None


def vote(ballot: Ballot, *, on: date, profile: Profile) -> Answer:
    """Whether the proposal is adopted: more than half of those present, a tie goes to the chair.

    An abstainer counts as present. Outcome: `adopted` (None without a lawful vote), `by`
    («majority» or «chair»).
    """
    majority = profile.value("appeals.majority", on=on)
    tie = profile.value("appeals.tie", on=on)
    gathered = quorum(ballot.members_total, ballot.present, on=on, profile=profile)
    cast = {
        Vote.FOR: ballot.votes_for,
        Vote.AGAINST: ballot.against,
        Vote.ABSTAINED: ballot.abstained,
    }
    reasons = list(gathered.reasons)
    if (
        min(cast.values()) < 0
        or sum(cast.values()) != ballot.present
        or (ballot.chair is not None and not cast[ballot.chair])
    ):
        reasons.append(
            VOTES_IMPOSSIBLE(
                majority,
                votes_for=ballot.votes_for,
                against=ballot.against,
                abstained=ballot.abstained,
                present=ballot.present,
                members=ballot.members_total,
            )
        )
    adopted, by = None, None
    if not reasons:
        if ballot.votes_for != ballot.against:
            adopted, by = 2 * ballot.votes_for > ballot.present, "majority"
        elif ballot.chair in (Vote.FOR, Vote.AGAINST):
            adopted, by = ballot.chair == Vote.FOR, "chair"
        else:
            reasons.append(TIE_NOT_BROKEN(tie))
    return Answer(
        reasons=tuple(reasons),
        outcome={"adopted": adopted, "by": by, "needed": gathered.outcome["needed"]},
        decided_under=(*gathered.decided_under, majority, tie),
    )


def reasons_against_outcome(
    outcome: Outcome, *, before: int, after: int, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why the decision may not be written so: not known in the region, or not what the points say.

    `before` and `after` are the totals in primary points.
    """
    known = profile.value("appeals.outcomes", on=on)
    if outcome not in known.value:
        yield FOREIGN_OUTCOME(known, known=tuple(FORMULAS[Outcome(one)] for one in known.value))
    right = Outcome.UP if after > before else Outcome.DOWN if after < before else Outcome.KEEP
    if outcome != right:
        yield OUTCOME_DIFFERS(known, before=before, after=after)


def what_follows(*, passed_before: bool, passed_now: bool, on: date, profile: Profile) -> Answer:
    """What a decided appeal brings: nothing more, or a way into school without another test.

    Outcome: `tell_school_and_rcoi`, and `next`, None where the result is still not sufficient.
    """
    success = profile.value("appeals.after_success", on=on)
    raised = passed_now and not passed_before
    return Answer(
        outcome={"tell_school_and_rcoi": raised, "next": success.value if raised else None},
        decided_under=(success,),
    )


def reasons_against_membership(person: str, *, in_testing_commission: bool) -> Iterator[Refusal]:
    """Why somebody may not sit in the appeal commission."""
    if in_testing_commission:
        yield MEMBER_OF_TESTING(cite("letter-03-608", "п. 19"), person=person)


def reasons_against_hearing(
    members: Collection[str], present: Collection[str], *, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why the sitting may not begin: somebody sits in for a member, or there is no quorum.

    The applicant's absence is no reason: the appeal is then heard without him.
    """
    share = profile.value("appeals.quorum_share", on=on)
    for person in sorted(set(present) - set(members)):
        yield SUBSTITUTE(share, person=person)
    there = len(set(present) & set(members))
    yield from quorum(len(set(members)), there, on=on, profile=profile).reasons


def reasons_against_closing_protocol(
    present: Collection[str], signed: Collection[str], *, minutes: int, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why the protocol of the sitting is not closed; a sitting that was too long is a warning."""
    most = profile.value("appeals.hearing_minutes", on=on)
    if people := tuple(sorted(set(present) - set(signed))):
        yield NOT_SIGNED(people=people)
    if minutes > most.value:
        yield HEARING_TOO_LONG(most, minutes=minutes, most=most.value)
