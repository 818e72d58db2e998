"""A brief reads well as Markdown, and what others wrote stays text."""

from decimal import Decimal
from typing import Any

from app.read.markdown import brief_markdown


def item(key: str, value: Any, *, label: str | None = None, state: str = "ok") -> dict[str, Any]:
    """A line of a section."""
    return {"key": key, "label": label or key.title(), "value": value, "state": state, "source": None}


def document(**parts: Any) -> dict[str, Any]:
    """A small brief."""
    return {
        "deal_id": "006000000000001AAA", "name": "Acme - Rotas", "customer": {"id": "001", "name": "Acme"},
        "owner": {"id": "005", "name": "Sam Seller"}, "amount": Decimal("20000.00"), "currency": "USD",
        "won_at": "2026-07-01T14:03:12Z", "won_on": "2026-07-01", "salesforce_url": "https://acme.example/r",
        "completeness": {"score": 80, "missing": [
            {"key": "pain", "label": "Why they bought", "weight": 15, "owner": "AE", "state": "empty"}]},
        "risks": [{"rule": "single_threaded", "severity": "high", "detail": "Only one person.", "evidence": []}],
        "renewal": {"due_on": "2027-06-30", "notice_by": "2027-03-31", "confidence": "high"},
        "as_of": "2027-06-20T08:00:00Z", "version": 3, "sections": [], **parts,
    }  # fmt: skip


def section(*items: dict[str, Any]) -> dict[str, Any]:
    """A brief with one section."""
    return document(sections=[{"key": "any", "title": "A section", "items": list(items)}])


def test_the_header_comes_first_then_gaps_then_risks_then_the_story():
    """A rep in a hurry reads the top and knows what to ask."""
    text = brief_markdown(section(item("pain", "Paper rotas")))

    assert text.startswith("# Acme - Rotas\n\n**Acme** · amount USD 20,000.00 · won 2026-07-01 14:03 UTC")
    assert "renews 2027-06-30, 10 days left, notice by 2027-03-31" in text
    places = [text.index(words) for words in ("## Gaps", "## Risks seen", "## A section", "version 3")]
    assert places == sorted(places)
    assert "| Why they bought | 15 | AE | not filled in |" in text
    assert "- **High:** Only one person." in text


def test_a_draft_says_at_the_top_that_nothing_has_been_won_yet():
    """Nobody calls a customer who has not signed."""
    text = brief_markdown(document(is_draft=True, won_at=None, won_on=None, close_on="2026-07-09"))

    assert "**draft: not won yet** · expected to close on 2026-07-09" in text.splitlines()[2]
    assert " won 2026" not in text


def test_html_and_links_in_a_note_are_shown_and_never_rendered():
    """A note from Salesforce cannot put a script or a link into our pages."""
    note = {"text": "<img src=x onerror=alert(1)>\n# Not a heading\n[click](javascript:alert(1))", "at": None}
    text = brief_markdown(section(item("note", note, label="Call | <b>notes</b>")))

    assert "<img" not in text
    assert "<b>" not in text
    assert "> &lt;img src=x onerror=alert(1)>" in text
    assert "> \\# Not a heading" in text
    assert "\\[click\\](javascript" in text


def test_no_mark_of_markdown_in_a_value_becomes_one():
    """A name with stars is a name with stars; a line of dashes makes no heading of the one above."""
    text = brief_markdown(section(item("pain", "*now* _or_ ~never~\nTitle\n-----\n- kept as a list")))

    assert "\\*now\\* \\_or\\_ \\~never\\~" in text
    assert "> \\-----" in text
    assert "> - kept as a list" in text


def test_an_address_cannot_end_the_link_it_stands_in():
    """The link to Salesforce leads to Salesforce."""
    text = brief_markdown(document(salesforce_url="https://acme.example/r) [x](javascript:alert(1)"))

    assert "[open in Salesforce](https://acme.example/r%29%20[x]%28javascript:alert%281%29)" in text


def test_people_and_products_are_tables_without_empty_columns():
    """A table shows what is known and no columns of nothing."""
    person = {
        "name": "Ana | Ruiz", "title": "VP Ops", "contact_id": "003", "email": None, "phone": None,
        "department": None, "reports_to": None, "influence": None, "sentiment": None,
        "role": "Champion", "is_primary": True, "touches": 2, "last_touch_on": "2026-06-20",
    }  # fmt: skip
    text = brief_markdown(section(item("person", person)))

    assert "| Who | Role | Title | Touches | Last touch |" in text
    assert "| Ana \\| Ruiz | Champion | VP Ops | 2 | 2026-06-20 |" in text


def test_what_is_missing_is_said_in_words_by_who_can_mend_it():
    """Empty, unmapped and unreadable are three different conversations."""
    text = brief_markdown(
        section(
            item("a", None, label="Why now", state="empty"),
            item("b", None, label="Why us", state="not_mapped"),
            item("c", None, label="Amount", state="no_access"),
            item("d", "guess", label="Pain", state="inferred"),
        )
    )

    assert (
        "_Not filled in: Why now. No field in this Salesforce: Why us. Not readable for the sync user: Amount._" in text
    )
    assert "- **Pain:** guess _(inferred)_" in text


def test_text_of_several_lines_is_quoted_as_it_was_written():
    """Their words keep their lines."""
    assert "- **Pain:**\n\n> one\n> two" in brief_markdown(section(item("pain", "one\ntwo")))
