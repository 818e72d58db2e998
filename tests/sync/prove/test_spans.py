"""Which months a night looks into, shown on plain numbers."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.prove.spans import IDS_EVERY, Bucket, Span, differing, due_tonight, joined, rows_of

NIGHT = datetime(2026, 11, 28, 2, tzinfo=UTC)
STAMP = datetime(2026, 11, 1, tzinfo=UTC)


def _months(rows: list[int]) -> dict[str, Bucket]:
    labels = [f"{2024 + number // 12}-{number % 12 + 1:02}" for number in range(len(rows))]
    return {label: Bucket(label=label, rows=count, newest=STAMP) for label, count in zip(labels, rows, strict=True)}


def test_a_month_and_a_day_know_where_they_begin_and_end():
    """No record falls between two months or belongs to both."""
    spans = [Bucket(label=label, rows=1, newest=None).span for label in ("2026-12", "2028-02", "2026-11-30", "")]

    assert spans == [
        Span(low=date(2026, 12, 1), high=date(2027, 1, 1)),
        Span(low=date(2028, 2, 1), high=date(2028, 3, 1)),
        Span(low=date(2026, 11, 30), high=date(2026, 12, 1)),
        Span(),
    ]
    assert spans[0].conditions() == ["CreatedDate >= 2026-12-01T00:00:00Z", "CreatedDate < 2027-01-01T00:00:00Z"]
    assert spans[3].conditions() == []


def test_neighbouring_months_are_asked_for_in_one_question():
    """A share of several months costs one reading where the months touch."""
    months = [Bucket(label=label, rows=1, newest=None).span for label in ("2026-03", "2026-01", "2026-02", "2026-05")]

    assert joined(months) == [
        Span(low=date(2026, 1, 1), high=date(2026, 4, 1)),
        Span(low=date(2026, 5, 1), high=date(2026, 6, 1)),
    ]
    assert joined([Span(), *months]) == [Span()]


def test_a_month_differs_by_its_count_or_its_newest_stamp():
    """The cheap look finds what came, went, or was saved last."""
    ours = _months([5, 5, 5, 5])
    theirs = dict(ours)
    theirs["2024-01"] = Bucket(label="2024-01", rows=6, newest=STAMP)
    theirs["2024-02"] = Bucket(label="2024-02", rows=5, newest=STAMP + timedelta(seconds=1))
    del theirs["2024-03"]

    assert [each.label for each in differing(ours, theirs, kept=False)] == ["2024-01", "2024-02", "2024-03"]
    # Of history, what Salesforce has purged since is no difference.
    assert [each.label for each in differing(ours, theirs, kept=True)] == ["2024-01"]


@given(
    rows=st.lists(st.integers(1, 5000), min_size=1, max_size=40),
    missed=st.sets(st.integers(0, 20), max_size=2),
)
def test_every_month_has_its_turn_within_a_week_of_nights(rows: list[int], missed: set[int]):
    """All ids are compared within a week, also when a night falls out."""
    months = _months(rows)
    looked_into: dict[str, datetime | None] = {}
    for number in range(21):
        night = NIGHT + timedelta(days=number)
        if number in missed:
            continue
        due = due_tonight(months, looked_into, now=night)
        looked_into |= {each.label: night for each in due}
        if number >= 7 and not missed:
            assert all(night - (looked_into.get(label) or NIGHT - 2 * IDS_EVERY) <= IDS_EVERY for label in months)
    assert set(looked_into) == set(months)


def test_a_night_reads_a_share_and_not_everything():
    """Two hundred thousand records are not read every night to find that nothing happened."""
    months = _months([10_000] * 24)

    assert rows_of(due_tonight(months, {}, now=NIGHT)) == 40_000
