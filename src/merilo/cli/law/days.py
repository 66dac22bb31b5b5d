"""`merilo law calendar`."""

from __future__ import annotations

import argparse
from datetime import date, timedelta

from merilo import law
from merilo.law import CalendarNotPublished

from .output import Unanswerable, as_words, print_json


def calendar(args: argparse.Namespace) -> int:
    """The days of the year that differ from the plain week, with why, and the counts by month."""
    if not (args.year.isascii() and args.year.isdigit() and len(args.year) == 4):
        raise Unanswerable(f"«{args.year}» — не год. Напишите четыре цифры, например 2026.")
    year, days = int(args.year), law.profile(args.profile).days
    if year not in days.years:
        raise CalendarNotPublished(year)
    notes = [note for note in days.notes if note.day.year == year]
    first = date(year, 1, 1)
    working = [0] * 12
    for offset in range((date(year, 12, 31) - first).days + 1):
        day = first + timedelta(days=offset)
        working[day.month - 1] += days.is_working(day)
    if args.json:
        print_json(
            {
                "calendar": days.id,
                "year": year,
                "working_days": sum(working),
                "working_days_by_month": working,
                "days": notes,
            }
        )
        return 0
    print(f"Календарь {days.id}, {year} год: рабочих дней {sum(working)}")
    print("  по месяцам: " + " ".join(str(count) for count in working))
    for note in notes:
        kind = "рабочий" if note.working else "выходной"
        print(f"  {as_words(note.day):<18} {kind:<9} {note.why} ({note.source})")
    print("Остальные субботы и воскресенья — выходные.")
    return 0
