"""How values become Russian words on paper: dates, times, percents, numbers of days."""

from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
    "октября", "ноября", "декабря",
)  # fmt: skip
DASH = "—"
NBSP = "\u00a0"


def day(value: date | None) -> str:
    """«16.03.2026», or an empty string."""
    return value.strftime("%d.%m.%Y") if value else ""


def day_in_words(value: date | None) -> str:
    """«16 марта 2026 г.», or an empty string."""
    if value is None:
        return ""
    return f"{value.day}{NBSP}{MONTHS[value.month - 1]} {value.year}{NBSP}г."


def clock_time(value: time | None) -> str:
    """«09:00», or an empty string."""
    return value.strftime("%H:%M") if value else ""


def percent(value: Decimal | None) -> str:
    """«91,7 %»: one decimal, half up, for reading only; nothing is decided by it."""
    if value is None:
        return DASH
    rounded = value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{rounded}".replace(".", ",") + f"{NBSP}%"


def points(value: int | None) -> str:
    return DASH if value is None else str(value)


def yes_or_no(value: bool) -> str:
    return "да" if value else "нет"


def of_working_days(count: int) -> str:
    """The genitive for «в течение …»: «7 рабочих дней», «1 рабочего дня»."""
    one = count % 10 == 1 and count % 100 != 11
    return f"{count}{NBSP}" + ("рабочего дня" if one else "рабочих дней")


def numbered(number: str, on: date | None = None) -> str:
    """«№ 25-0431 от 16.03.2026»; parts that are not known are left out."""
    parts = [f"№{NBSP}{number}" if number else "", f"от{NBSP}{day(on)}" if on else ""]
    return " ".join(part for part in parts if part)


def into_grade(grade: int) -> str:
    """«в 5 класс», «во 2 класс»."""
    return f"{'во' if grade == 2 else 'в'} {grade}{NBSP}класс"


def known(*rows: tuple[str, str]) -> list[tuple[str, str]]:
    """The rows that have something to say."""
    return [row for row in rows if row[1]]
