"""What changed since a rep read a brief, and nothing else."""

from typing import Any

from app.read.difference import all_gaps, difference


def line(key: str, value: Any, *, record: str = "006A", modified: str = "2026-07-01", state: str = "ok") -> Any:
    """A line of a section."""
    source = {"object": "Opportunity", "field": "F", "record_id": record, "modified_at": modified}
    return {"key": key, "label": key.title(), "value": value, "state": state, "source": source}


def brief(*items: Any, score: int = 50, **parts: Any) -> dict[str, Any]:
    """A small brief."""
    return {
        "name": "Acme", "amount": 100, "completeness": {"score": score, "missing": [], "also_missing": []},
        "sections": [{"key": "story", "title": "Story", "items": list(items)}], "risks": [], "renewal": None, **parts,
    }  # fmt: skip


def changes(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    """(key, change, value before, value after) of each line."""
    return [
        (each["key"], each["change"], (each["before"] or {}).get("value"), (each["after"] or {}).get("value"))
        for each in difference(before, after)["lines"]
    ]


def test_a_line_that_was_filled_changed_or_emptied_is_told_with_both_sides():
    """A rep sees what the seller wrote since."""
    before = brief(line("pain", "Paper"), line("why_now", None, state="empty"), line("why_us", "Price"))
    after = brief(line("pain", "Paper rotas"), line("why_now", "Audit"), line("why_us", None, state="empty"))

    assert changes(before, after) == [
        ("pain", "changed", "Paper", "Paper rotas"),
        ("why_now", "added", None, "Audit"),
        ("why_us", "removed", "Price", None),
    ]


def test_a_record_that_was_saved_again_without_change_is_no_change():
    """Stamps move for many reasons; a reader cares for values."""
    assert changes(brief(line("pain", "Paper")), brief(line("pain", "Paper", modified="2026-08-01"))) == []


def test_lines_of_many_are_matched_by_their_record():
    """A new note above an old one is one new note, and not two changed ones."""
    old = line("note", {"text": "First"}, record="002A")
    new = line("note", {"text": "Second"}, record="002B")

    assert changes(brief(old), brief(new, old)) == [("note", "added", None, {"text": "Second"})]
    assert changes(brief(new, old), brief(old)) == [("note", "removed", {"text": "Second"}, None)]


def test_a_value_that_may_be_old_now_is_a_change():
    """Losing sight of a field is news, although its value is the same."""
    found = difference(brief(line("pain", "Paper")), brief(line("pain", "Paper", state="stale")))["lines"]

    assert [(each["before"]["state"], each["after"]["state"]) for each in found] == [("ok", "stale")]


def test_the_head_gaps_risks_and_the_renewal_are_compared_too():
    """The first lines of a brief are what a rep looks at."""
    gap = {"key": "champion", "label": "Champion", "weight": 15}
    risk = {"rule": "no_contacts", "severity": "high", "detail": "Nobody.", "evidence": ["006A"]}
    before = brief(risks=[risk], completeness={"score": 80, "missing": [gap], "also_missing": []})
    after = brief(amount=120, score=95, renewal={"due_on": "2027-06-30", "source": {"modified_at": "x"}})
    found = difference(before, after)

    assert found["head"] == [{"key": "amount", "before": 100, "after": 120}]
    assert found["completeness"] == {"before": 80, "after": 95}
    assert found["gaps"] == {"closed": [{"key": "champion", "label": "Champion"}], "opened": []}
    assert found["risks"] == {"appeared": [], "gone": [risk]}
    assert found["renewal"] == [{"key": "due_on", "before": None, "after": "2027-06-30"}]


def test_a_version_of_an_earlier_release_can_be_compared():
    """Briefs stay for years; one from before a section existed still tells what is new."""
    before = brief(completeness={"score": 50, "missing": []})
    after = brief(line("file", {"title": "Order form"}, record="069A"))

    assert changes(before, after) == [("file", "added", None, {"title": "Order form"})]
    assert all_gaps(before) == []
