"""The last look before printing: a paper that contradicts itself is not printed."""

from .forms import Contradiction, Extract, MarkProtocol, Part, ResultNotice

# Порядок апелляции, Приложение 1: figures that stand in the printed form itself, not rules.
ORDER_FORM_TOTAL_MIN = 22  # «Достижение 22 ПБ», the layout of grades 2–11
ORDER_FORM_TOTAL_MAX_1 = 10  # «из 10», the layout of grade 1
ORDER_FORM_ORAL_MIN = 9  # «Достижение 9 ПБ за УЧ», both layouts


def check_part(part: Part, name: str) -> None:
    """Raise `Contradiction` unless the marks are whole and add up to the total of the part."""
    if not part.tasks:
        if part.total is None:
            raise Contradiction(f"{name}: there are neither marks nor a total.")
        return
    rows = [row for task in part.tasks for row in task.criteria]
    missing = [row.code for row in rows if row.points is None]
    if missing:
        raise Contradiction(f"{name}: no mark for {', '.join(missing)}.")
    total = sum(row.points or 0 for row in rows)
    if total != part.total:
        raise Contradiction(f"{name}: the marks add up to {total}, the total says {part.total}.")


def check_result(form: ResultNotice | Extract) -> None:
    """Raise `Contradiction` unless marks, sums, minimums and the outcome tell one story."""
    if form.annulment is not None:
        if form.passed:
            raise Contradiction("An annulled attempt cannot be a passed one.")
        return
    check_part(form.oral, "Oral part")
    total = form.oral.total or 0
    if form.written is not None:
        check_part(form.written, "Written part")
        total += form.written.total or 0
    if form.total != total:
        raise Contradiction(f"The parts add up to {total}, the result says {form.total}.")
    if form.total_min is None or form.oral_min is None:
        raise Contradiction("A result is printed with the minimums it was judged by.")
    total_reached = total >= form.total_min
    oral_reached = (form.oral.total or 0) >= form.oral_min
    if form.passed != (total_reached and oral_reached):
        raise Contradiction("The outcome does not follow from the points and the minimums.")
    if isinstance(form, ResultNotice):
        if (form.total_reached, form.oral_reached) != (total_reached, oral_reached):
            raise Contradiction("A minimum is marked as reached against the points.")
        check_order_form(form)


def check_order_form(form: ResultNotice) -> None:
    """The bare form of the order names its own minimums: only attempts judged by them fit it."""
    if not form.as_order_form:
        return
    if form.grade == 1:
        printed = (ORDER_FORM_TOTAL_MAX_1, ORDER_FORM_ORAL_MIN)
        used = (form.total_max, form.oral_min)
    elif form.written is None or not form.written.tasks:
        raise Contradiction("The form of the order has rows for every criterion of both parts.")
    else:
        printed = (ORDER_FORM_TOTAL_MIN, ORDER_FORM_ORAL_MIN)
        used = (form.total_min, form.oral_min)
    if used != printed:
        raise Contradiction(
            f"The form of the order prints {printed[0]} and {printed[1]}; "
            f"this attempt was judged by {used[0]} and {used[1]}."
        )


def check_protocol(form: MarkProtocol) -> None:
    """A filled protocol has every mark, the right sum, an expert and a date (Порядок, п. 8.1)."""
    if form.blank:
        return
    check_part(Part(tasks=form.tasks, total=form.total), "Protocol")
    if not form.expert or form.checked_on is None:
        raise Contradiction("A filled protocol names the expert and the day of checking.")
    if form.version > 1 and not form.version_reason:
        raise Contradiction("A later version of a protocol says why it was made.")
