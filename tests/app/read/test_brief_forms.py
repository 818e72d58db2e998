"""A brief as HTML and as PDF says what it says as Markdown, and whatever sales wrote stays text."""

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader
from test_markdown_brief import document, item, section

from app.read.html import brief_html, content_policy
from app.read.pdf import brief_pdf

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style></title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "![x](javascript:alert(1))",
    "=HYPERLINK('http://x','y')",
    '"><a href="javascript:alert(1)">x</a>',
    "<para><font size=99>&lt;&#60;</font></para>",
    "a\x00b\x1b[31m\u202e",
    "\n\n# Title\n> quote\n| a | b |",
]


class Tags(HTMLParser):
    """Which tags and attributes a browser would find, and which text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what opens."""
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.text += data


def everywhere(text: str) -> dict[str, Any]:
    """A brief in which a text stands wherever Salesforce can put one."""
    note = {"text": text, "author": text, "at": "2026-06-01T09:00:00Z", "status": text}
    rival = {"name": text, "strengths": text, "weaknesses": text, "author": text, "at": None}
    made = section(
        item("pain", text, label=text),
        item("note", note, label=text),
        item("competitor", rival, label=text),
        item("champion", {"name": text, "title": text, "note": text}),
        item("use_cases", [text, text]),
        item("about", None, label=text, state="empty"),
    )
    gap = {"key": "pain", "label": text, "weight": 15, "owner": "AE", "state": "empty"}
    risk = {"rule": "red_flags", "severity": "high", "detail": text, "evidence": []}
    return {
        **made, "name": text, "customer": {"id": "001", "name": text}, "owner": {"id": "005", "name": text},
        "currency": text, "risks": [risk], "completeness": {"score": 80, "missing": [gap]},
    }  # fmt: skip


def pdf_of(brief: dict[str, Any]) -> tuple[list[Any], str]:
    """The pages of the PDF, and its text without line breaks."""
    pages = PdfReader(io.BytesIO(brief_pdf(brief))).pages
    return list(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("text", NASTY)
def test_no_text_of_others_becomes_a_tag_or_an_address(text: str):
    """A note cannot run a script in the browser of the rep who reads it."""
    plain, nasty = Tags(brief_html(everywhere("words"))), Tags(brief_html(everywhere(text)))

    assert nasty.tags == plain.tags
    assert nasty.attributes == plain.attributes
    assert " ".join(text.split()) in " ".join(nasty.text.split())


@pytest.mark.parametrize("text", NASTY)
def test_a_pdf_is_made_of_any_text(text: str):
    """What the PDF library would take for its own markup is printed as it stands."""
    pages, words = pdf_of(everywhere(text))

    assert 1 <= len(pages) <= 2
    assert [page.get("/AA") or page.get("/JS") for page in pages] == [None] * len(pages)
    if re.fullmatch(r"[\x20-\x7e]+", text):
        assert text.replace(" ", "") in words.replace(" ", "")


def test_a_link_that_is_none_leads_nowhere():
    """Only addresses of the web are links."""
    bad = document(salesforce_url="javascript:alert(1)")

    assert "javascript" not in brief_html(bad)
    assert b"javascript" not in brief_pdf(bad)


def test_the_page_may_run_and_load_nothing():
    """Even if something slipped through, the browser would not run it."""
    assert "default-src 'none'" in content_policy()
    assert "script-src" not in content_policy()
    assert re.search(r"style-src 'sha256-[\w+/=]+'", content_policy())


def test_both_forms_tell_what_markdown_tells():
    """Head, gaps, risks, values and quotations are in every form."""
    note = {"text": "Price held\nfor 2 years", "author": "Sam Seller", "at": "2026-06-01T09:00:00Z"}
    brief = section(item("pain", "Paper rotas", label="Their pain"), item("note", note, label="Last call"))
    page, (pages, words) = Tags(brief_html(brief)).text, pdf_of(brief)

    for told in (page, words):
        for expected in (
            "Acme - Rotas", "USD 20,000.00", "won 2026-07-01 14:03 UTC", "renews 2027-06-30, 10 days left",
            "Why they bought", "Only one person.", "Paper rotas", "Last call", "Sam Seller, 2026-06-01", "version 3",
        ):  # fmt: skip
            assert expected in " ".join(told.split())
    assert "Price held\nfor 2 years" in page
    assert len(pages) == 1


def test_a_pdf_is_a4_on_two_pages_at_most_and_says_when_it_shortens():
    """A print-out is two pages, however much was written; a text that is cut says so."""
    long = section(
        *(item("note", {"text": f"Promise {n}. " * 400, "at": None}, label=f"Note {n}") for n in range(60)),
        *(item("competitor", {"name": "x" * 20_000, "strengths": "word " * 5000, "weaknesses": None,
                              "author": None, "at": None}) for _ in range(40)),
    )  # fmt: skip
    pages, words = pdf_of(long)
    width, height = (float(pages[0].mediabox[place]) for place in (2, 3))

    assert len(pages) == 2
    assert (round(width), round(height)) == (595, 842)
    assert "Promise 0." in words
    assert "Shortened to fit on two pages" in words


def test_a_pdf_that_holds_everything_does_not_say_that_it_shortens():
    """The remark means something."""
    assert "Shortened" not in pdf_of(section(item("pain", "Paper rotas")))[1]


def test_names_of_many_scripts_are_printed():
    """Customers are called what they are called; what no font can draw is a question mark and no gap."""
    names = "Łukasz Żak, Ελένη, Борис, Nguyễn, 山田太郎, 김민수"
    _, words = pdf_of(section(item("champion", {"name": names}), item("signer", {"name": "A \U0001f600 B"})))

    assert names.replace(" ", "") in words.replace(" ", "")
    assert "A ? B" in words


def test_the_same_brief_is_the_same_pdf():
    """Whoever compares two print-outs compares briefs."""
    brief = section(item("pain", "Paper rotas"))

    assert brief_pdf(brief) == brief_pdf(brief)
