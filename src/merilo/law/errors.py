"""What the law layer says when it does not know. It never guesses.

LawError
 ├─ InvalidLaw            a law file is malformed (found on loading, never while serving a page)
 ├─ NoSuchProfile / NoSuchParameter / NoSuchSpecification
 ├─ NotInForce            the parameter has no value on that date in that profile
 └─ CalendarNotPublished  no working-day calendar for that year
"""

from __future__ import annotations


class LawError(Exception):
    """Base of the errors that are shown to people as they are."""


class InvalidLaw(LawError):
    """A law file is malformed. The message names the file and what is wrong in it."""


class NoSuchProfile(LawError, LookupError):
    """No profile has that id."""


class NoSuchParameter(LawError, LookupError):
    """No parameter has that name."""


class NoSuchSpecification(LawError, LookupError):
    """No scoring specification covers that grade and form on that date."""


class NotInForce(LawError, LookupError):
    """The parameter has no value on that date. There is no default."""


class CalendarNotPublished(LawError, LookupError):
    """No calendar has been published for that year yet."""

    def __init__(self, year: int):
        self.year = year
        super().__init__(
            f"Производственный календарь на {year} год ещё не загружен, поэтому рабочие дни "
            f"этого года не считаются. Добавьте файл calendar/ru/{year}.yaml в папку норм региона "
            "(MERILO_LAW_DIR) после публикации постановления о переносе выходных дней."
        )
