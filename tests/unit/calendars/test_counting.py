"""The vectors of the rule sheet, and every start day 2023-2030 against an independent walk over the calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.calendars.counting import (
    WARSAW,
    OfficeHours,
    Roll,
    Term,
    Unit,
    add_hours,
    count,
    due_on,
    local_day,
)
from triage.calendars.holidays import (
    add_working_days,
    is_day_off,
    is_working_day,
    public_holidays,
)
from triage.calendars.rules import RuleTable
from triage.domain.months import add_months

DAY = timedelta(days=1)
ALL_DAYS = [date(2023, 1, 1) + DAY * offset for offset in range((date(2030, 12, 31) - date(2023, 1, 1)).days + 1)]
ANY_DAY = st.dates(date(2023, 1, 1), date(2030, 12, 31))


def easter(year: int) -> date:
    """Gregorian Easter by the anonymous (Meeus/Jones/Butcher) algorithm; no library."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_off(day: date) -> bool:
    """Sunday or public holiday, written from the act of 18 January 1951."""
    fixed = {(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)}
    if day.year >= 2025:
        fixed.add((12, 24))
    movable = {easter(day.year) + timedelta(days=offset) for offset in (0, 1, 49, 60)}
    return day.isoweekday() == 7 or (day.month, day.day) in fixed or day in movable


def is_off_or_saturday(day: date) -> bool:
    return is_off(day) or day.isoweekday() == 6


VECTORS = [
    ("2024-12-10", 14, "2024-12-24", "2024-12-24", "2024-12-24"),
    ("2025-12-10", 14, "2025-12-24", "2025-12-29", "2025-12-23"),
    ("2026-03-23", 14, "2026-04-06", "2026-04-07", "2026-04-03"),
    ("2026-05-21", 14, "2026-06-04", "2026-06-05", "2026-06-03"),
    ("2026-10-18", 14, "2026-11-01", "2026-11-02", "2026-10-30"),
    ("2026-10-28", 14, "2026-11-11", "2026-11-12", "2026-11-10"),
    ("2026-12-10", 14, "2026-12-24", "2026-12-28", "2026-12-23"),
    ("2026-11-20", 14, "2026-12-04", "2026-12-04", "2026-12-04"),
    ("2026-02-28", 14, "2026-03-14", "2026-03-16", "2026-03-13"),
    ("2026-12-18", 7, "2026-12-25", "2026-12-28", "2026-12-23"),
]


@pytest.mark.parametrize(("start", "n", "nominal", "legal_due", "previous"), VECTORS)
def test_days_vector(start: str, n: int, nominal: str, legal_due: str, previous: str) -> None:
    due = count(date.fromisoformat(start), Term(n, Unit.DAY, Roll.KC115))
    assert (due.nominal, due.legal_due, due.previous_working_day) == tuple(
        map(date.fromisoformat, (nominal, legal_due, previous))
    )
    assert due.safe_due == due.previous_working_day  # no buffer asked for: both readings agree


def test_a_liability_period_from_a_leap_day_ends_on_28_february_and_does_not_roll() -> None:
    due = count(date(2024, 2, 29), Term(24, Unit.MONTH))
    assert (due.nominal, due.legal_due) == (date(2026, 2, 28), date(2026, 2, 28))
    assert date(2026, 2, 28).isoweekday() == 6  # a Saturday, and still no roll


def test_a_month_from_the_31st_ends_on_the_last_day_and_rolls_by_eu_law() -> None:
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    due = count(date(2026, 1, 31), Term(1, Unit.MONTH, Roll.EU1182))
    assert (due.nominal, due.legal_due) == (date(2026, 2, 28), date(2026, 3, 2))


def test_limitation_of_two_years_or_more_ends_on_31_december_and_a_shorter_one_does_not() -> None:
    due = count(date(2024, 5, 10), Term(6, Unit.YEAR, year_end=True))
    assert (due.nominal, due.legal_due) == (date(2030, 5, 10), date(2030, 12, 31))
    assert count(date(2024, 5, 10), Term(1, Unit.YEAR, year_end=True)).legal_due == date(2025, 5, 10)
    assert count(date(2024, 5, 10), Term(24, Unit.MONTH, year_end=True)).legal_due == date(2026, 12, 31)
    assert count(date(2024, 5, 10), Term(23, Unit.MONTH, year_end=True)).legal_due == date(2026, 4, 10)


def test_the_buffer_is_taken_from_the_last_working_day() -> None:
    due = count(date(2026, 12, 10), Term(14, Unit.DAY, Roll.KC115), buffer_working_days=2)
    assert (due.previous_working_day, due.safe_due) == (date(2026, 12, 23), date(2026, 12, 21))


def test_the_buffer_never_reaches_before_the_event() -> None:
    due = count(date(2026, 11, 20), Term(1, Unit.DAY, Roll.KC115), buffer_working_days=2)
    assert (due.nominal, due.legal_due, due.safe_due) == (date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 20))


def test_a_named_day_does_not_roll() -> None:
    due = due_on(date(2026, 11, 28), date(2026, 11, 20), buffer_working_days=2)
    assert (due.legal_due, due.previous_working_day, due.safe_due) == (
        date(2026, 11, 28), date(2026, 11, 27), date(2026, 11, 25),
    )  # fmt: skip


def test_every_public_holiday_2023_to_2030_is_that_of_the_act() -> None:
    for year in range(2023, 2031):
        mine = {day for day in ALL_DAYS if day.year == year and is_off(day)}
        theirs = {day for day in ALL_DAYS if day.year == year and is_day_off(day)}
        assert theirs == mine
    assert date(2024, 12, 24) not in public_holidays(2024)
    assert date(2025, 12, 24) in public_holidays(2025)


def act_terms() -> list[tuple[str, Term]]:
    rules = (version for versions in RuleTable.load().rules.values() for version in versions)
    return [(f"{rule.id}@{rule.valid_from}", rule.term) for rule in rules if rule.term.roll is Roll.KC115]


@pytest.mark.parametrize(("name", "term"), act_terms(), ids=[name for name, _ in act_terms()])
def test_each_kc115_rule_on_each_day_ends_on_the_first_free_day_by_a_brute_force_walk(name: str, term: Term) -> None:
    assert ALL_DAYS[-1] == date(2030, 12, 31)
    for start in ALL_DAYS:
        due = count(start, term, buffer_working_days=2)
        walk = due.nominal
        while is_off_or_saturday(walk):
            walk += DAY
        assert due.legal_due == walk, (name, start)
        assert not is_off_or_saturday(due.legal_due)
        assert start <= due.safe_due <= due.previous_working_day <= due.nominal <= due.legal_due
        if term.unit is Unit.DAY:
            assert due.nominal == start + DAY * term.n
        back = due.nominal
        while is_off_or_saturday(back):
            back -= DAY
        assert due.previous_working_day == max(start, back)


def test_months_end_on_the_same_date_or_on_the_last_day_of_the_month_on_every_day() -> None:
    for start in ALL_DAYS:
        for n in (1, 2, 6, 12, 24):
            end = add_months(start, n)
            assert (end.year - start.year) * 12 + end.month - start.month == n
            assert end.day == start.day or (end.day < start.day and (end + DAY).day == 1)


def test_an_eu_term_ends_on_a_working_day_and_holds_two_of_them_on_every_day() -> None:
    for start in ALL_DAYS:
        for term in (Term(1, Unit.MONTH, Roll.EU1182), Term(2, Unit.DAY, Roll.EU1182), Term(3, Unit.DAY, Roll.EU1182)):
            due = count(start, term)
            inside = [start + DAY * offset for offset in range(1, (due.legal_due - start).days + 1)]
            assert not is_off_or_saturday(due.legal_due)
            assert sum(not is_off_or_saturday(day) for day in inside) >= 2


def test_an_eu_term_of_one_day_from_a_friday_ends_on_monday() -> None:
    assert count(date(2026, 11, 20), Term(1, Unit.DAY, Roll.EU1182)).legal_due == date(2026, 11, 23)


def test_an_eu_term_of_two_days_over_a_weekend_waits_for_two_working_days() -> None:
    assert count(date(2026, 11, 20), Term(2, Unit.DAY, Roll.EU1182)).legal_due == date(2026, 11, 24)


@given(ANY_DAY, st.integers(0, 60), st.integers(0, 10))
def test_safe_due_is_never_after_nominal_and_legal_due_never_before_it(start: date, n: int, buffer: int) -> None:
    for unit in (Unit.DAY, Unit.WORKING_DAY, Unit.MONTH):
        for roll in Roll:
            due = count(start, Term(n, unit, roll), buffer_working_days=buffer)
            assert start <= due.safe_due <= due.nominal <= due.legal_due


@given(ANY_DAY, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(start: date, n: int) -> None:
    day, left = start, n
    while left:
        day += DAY
        left -= not is_off_or_saturday(day)
    assert add_working_days(start, n) == day
    assert is_working_day(day)


@given(ANY_DAY)
def test_cmr_days_leave_out_sundays_and_holidays(start: date) -> None:
    due = count(start, Term(7, Unit.DAY, skips_days_off=True))
    inside = [start + DAY * offset for offset in range(1, (due.nominal - start).days + 1)]
    assert sum(not is_off(day) for day in inside) == 7
    assert not is_off(due.nominal)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 22, 50, tzinfo=UTC), date(2026, 11, 22)),  # Sunday 23:50 in Warsaw
        (datetime(2026, 11, 22, 23, 10, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 7, 14, 22, 10, tzinfo=UTC), date(2026, 7, 15)),  # summer: two hours ahead
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 21, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 22, 1, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_day_is_that_of_warsaw(moment: datetime, day: date) -> None:
    assert local_day(moment) == day


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 11, 22, 12))


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_fourteen_days_across_a_clock_change_are_fourteen_dates(change: date) -> None:
    received = datetime.combine(change - DAY * 7, time(23, 50), tzinfo=WARSAW)
    assert count(local_day(received), Term(14, Unit.DAY)).nominal == change + DAY * 7


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 27, 12, tzinfo=WARSAW), datetime(2026, 3, 30, 13, tzinfo=WARSAW)),  # 23-hour Sunday
        (datetime(2026, 10, 23, 12, tzinfo=WARSAW), datetime(2026, 10, 26, 11, tzinfo=WARSAW)),  # 25-hour Sunday
        (datetime(2026, 11, 20, 12, tzinfo=WARSAW), datetime(2026, 11, 23, 12, tzinfo=WARSAW)),
    ],
)
def test_72_hours_are_elapsed_hours(start: datetime, end: datetime) -> None:
    assert add_hours(start, 72) == end
    assert (end.astimezone(UTC) - start.astimezone(UTC)) == timedelta(hours=72)


OFFICE = OfficeHours(time(8), time(16))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 11, 20, 9, tzinfo=WARSAW), datetime(2026, 11, 20, 13, tzinfo=WARSAW)),
        (datetime(2026, 11, 20, 14, tzinfo=WARSAW), datetime(2026, 11, 23, 10, tzinfo=WARSAW)),  # Friday to Monday
        (datetime(2026, 11, 10, 20, tzinfo=WARSAW), datetime(2026, 11, 12, 12, tzinfo=WARSAW)),  # over 11 November
        (datetime(2026, 11, 20, 5, tzinfo=WARSAW), datetime(2026, 11, 20, 12, tzinfo=WARSAW)),
    ],
)
def test_four_office_hours(start: datetime, end: datetime) -> None:
    assert add_hours(start, 4, OFFICE) == end


def test_hours_cannot_be_counted_from_a_day_without_a_moment_being_said() -> None:
    assert count(date(2026, 11, 20), Term(72, Unit.HOUR)).nominal == date(2026, 11, 23)  # from the day's first moment
