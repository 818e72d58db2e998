"""A burst of changed deals is read the way that takes fewer API calls."""

from hypothesis import given
from hypothesis import strategies as st

from sync.extract.ways import calls_by_ids, calls_by_jobs, jobs_are_cheaper


def test_some_deals_are_asked_for_by_id_and_very_many_by_jobs() -> None:
    """A busy hour starts no jobs; a mass update of fifty thousand deals does not ask for each."""
    assert calls_by_ids(200, objects=25) == 5
    assert calls_by_jobs(400_000, objects=25) == 25 * 5 + 8
    assert not jobs_are_cheaper(2_000, objects=25, rows=400_000)
    assert jobs_are_cheaper(50_000, objects=25, rows=400_000)


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(0, 10**8), st.integers(0, 10**6))
def test_the_cheaper_way_is_chosen_and_more_deals_never_lead_back(
    deals: int, objects: int, rows: int, more: int
) -> None:
    """The most that a burst costs is what reading everything costs."""
    chosen = jobs_are_cheaper(deals, objects=objects, rows=rows)
    cost = calls_by_jobs(rows, objects=objects) if chosen else calls_by_ids(deals, objects=objects)

    assert cost <= calls_by_jobs(rows, objects=objects)
    assert jobs_are_cheaper(deals + more, objects=objects, rows=rows) or not chosen
