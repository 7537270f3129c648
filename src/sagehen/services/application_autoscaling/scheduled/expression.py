"""Schedule expressions: at(...), rate(...) and cron(...). Pure.

Source: User Guide, Scheduled scaling, and "Use cron expressions". Cron fields are read by croniter;
the runner-up, cronsim, knows neither years nor W.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sagehen.services.application_autoscaling.errors import ValidationException

_AT = re.compile(r"at\((\d{4}-\d{1,2}-\d{1,2}T\d{1,2}:\d{2}(?::\d{2})?)\)")
_RATE = re.compile(r"rate\((\d{1,9}) (minute|minutes|hour|hours|day|days)\)")
_CRON = re.compile(r"cron\(([^()]{1,200})\)")
_UNITS_S = {"minute": 60, "hour": 3600, "day": 86_400}
# A day of the week, but for what follows `#` (its number in the month) and `/` (a step).
_DAY = re.compile(r"(?<![\w#/])([1-7])(?=[-,#/]|$)")
_LAST_DAY = re.compile(r"(?<![\w#/])([1-7])L(?=,|$)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed expression: exactly one of the three is there.

    Args:
        at: The one moment.
        every: The interval.
        cron: Fields in croniter's order: minute, hour, day, month, weekday, second, year.
        zone: In which cron's fields are read.
    """

    at: datetime | None = None
    every: timedelta | None = None
    cron: str = ""
    zone: tzinfo = UTC

    @property
    def is_once(self) -> bool:
        """Tell whether it happens one time only."""
        return self.at is not None

    def after(self, moment: datetime, begun: datetime) -> datetime | None:
        """Return the first time later than `moment`, in UTC; None where there is none.

        Args:
            moment: After which.
            begun: From which intervals are counted.
        """
        if self.at is not None:
            return self.at if self.at > moment else None
        if self.every is not None:
            if moment < begun:
                return begun
            try:
                return begun + (1 + (moment - begun) // self.every) * self.every
            except OverflowError:  # beyond the year 9999
                return None
        return self._next_of_cron(moment)

    def _next_of_cron(self, moment: datetime) -> datetime | None:
        from croniter import CroniterBadDateError, croniter  # only where something is scheduled

        try:
            found: datetime = croniter(self.cron, moment.astimezone(self.zone)).get_next(datetime)
        except CroniterBadDateError:
            return None  # a year that is over
        return found.astimezone(UTC)


def parsed(expression: str, zone_name: str | None) -> Schedule:
    """Parse an expression.

    Raises:
        ValidationException: None of the three forms, or an unknown time zone. Wordings: from memory.
    """
    zone = _zone(zone_name or "UTC")
    if found := _AT.fullmatch(expression):
        return Schedule(at=_moment(expression, found[1], zone))
    if found := _RATE.fullmatch(expression):
        count, unit = int(found[1]), found[2]
        if count < 1 or (count == 1) == unit.endswith("s"):
            raise _invalid(expression)
        try:
            return Schedule(every=timedelta(seconds=count * _UNITS_S[unit.rstrip("s")]))
        except OverflowError:
            raise _invalid(expression) from None
    if found := _CRON.fullmatch(expression):
        return Schedule(cron=_fields(expression, found[1]), zone=zone)
    raise _invalid(expression)


def _fields(expression: str, text: str) -> str:
    from croniter import croniter

    fields = text.split()
    if len(fields) != 6:
        raise _invalid(expression)
    minute, hour, day, month, weekday, year = fields
    # Documented: one of the two day fields must be `?`; it says "whatever the other says".
    if (day == "?") == (weekday == "?"):
        raise _invalid(expression)
    # AWS's week has Sunday as 1, croniter's as 0; the last Friday is 6L there, L5 here.
    weekday = _LAST_DAY.sub(lambda one: f"L{int(one[1]) - 1}", weekday)
    weekday = _DAY.sub(lambda one: str(int(one[1]) - 1), weekday)
    crons = " ".join((minute, hour, day.replace("?", "*"), month, weekday.replace("?", "*"), "0", year))
    if not croniter.is_valid(crons):
        raise _invalid(expression)
    return crons


def _moment(expression: str, text: str, zone: ZoneInfo) -> datetime:
    date, _, time = text.partition("T")
    year, month, day = map(int, date.split("-"))
    hour, minute, second = map(int, f"{time}:0".split(":")[:3])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _invalid(expression) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there, a path, a folder
        raise ValidationException(f"The time zone {name} is not valid.") from None


def _invalid(expression: str) -> ValidationException:
    return ValidationException(f"Invalid schedule expression: {expression}")
