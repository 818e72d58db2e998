"""The brief on two pages of A4, for a call or a folder: black on white, its version and time at the foot.

All of it, as long as that fits. A brief that is too long gets smaller letters first; then long texts end with a mark,
long lists are cut, and the last line says so. Texts are shortened at their end and never reworded.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from io import BytesIO
from threading import Lock
from typing import Any, assert_never
from xml.sax.saxutils import escape, quoteattr

from app.read.pdf_letters import BOLD, PLAIN, drawable, register_fonts
from app.read.printed import Block, Fact, Line, Part, Printed, Quote, Remark, Table, printed_brief, web_address

_MOST_PAGES = 2
_MARGIN = 36  # half an inch, which every printer can
_PADDING = 6  # what the library leaves between a frame and its text
_CUT = " […]"
_SHORTENED = "Shortened to fit on two pages: texts that end with […] and longer lists stand whole in the brief online."


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How small and how short a brief is printed; None cuts nothing."""

    size: float
    text: int | None = None
    cell: int | None = None
    rows: int | None = None
    #: whether what is merely absent is told outside the gaps
    absent: bool = True
    blocks: int | None = None

    @property
    def cuts(self) -> bool:
        """Whether something may be missing on paper."""
        return self.text is not None or self.blocks is not None


#: tried one after the other, until the brief fits
_MEASURES = (
    Measure(size=8.5),
    Measure(size=7.5),
    Measure(size=6.8),
    Measure(size=6.8, text=1600, cell=300, rows=20, absent=False),
    Measure(size=6.5, text=700, cell=160, rows=10, absent=False),
    Measure(size=6.5, text=240, cell=80, rows=5, absent=False),
)

# The library keeps fonts and counters in one place for all threads.
_ONE_AT_A_TIME = Lock()


def brief_pdf(document: Mapping[str, Any]) -> bytes:
    """Write a brief (the document that the API returns, as plain values) as PDF of at most two pages."""
    brief = printed_brief(document)
    with _ONE_AT_A_TIME:
        register_fonts()
        for measure in _MEASURES:
            made = _made(brief, measure)
            if made is not None:
                return made
        return _as_much_as_fits(brief)


def _as_much_as_fits(brief: Printed) -> bytes:
    """The first blocks of a brief that has too many even when each is short."""
    fits, too_many = 0, sum(len(part.blocks) for part in brief.parts)
    best = _made(brief, replace(_MEASURES[-1], blocks=0))
    while too_many - fits > 1:
        tried = (fits + too_many) // 2
        made = _made(brief, replace(_MEASURES[-1], blocks=tried))
        fits, too_many, best = (tried, too_many, made) if made is not None else (fits, tried, best)
    if best is None:
        raise ValueError("the head of a brief alone does not fit on two pages")
    return best


class _TooLong(Exception):
    """A third page would begin."""


def _made(brief: Printed, measure: Measure) -> bytes | None:
    """The PDF, or None when it does not fit."""
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415 - loading it takes longer than most commands
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 - see above
    from reportlab.platypus.doctemplate import LayoutError  # noqa: PLC0415 - see above

    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, title=brief.title, invariant=1,
        leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
    )  # fmt: skip
    on_page = partial(_page, brief.foot)
    try:
        document.build(
            list(_story(brief, measure, document.width - 2 * _PADDING)), onFirstPage=on_page, onLaterPages=on_page
        )
    except (_TooLong, LayoutError):  # a single row can be higher than a page
        return None
    return out.getvalue()


def _page(foot: str, canvas: Any, document: Any) -> None:
    if document.page > _MOST_PAGES:
        raise _TooLong
    canvas.setFont(PLAIN, 6.5)
    canvas.drawString(_MARGIN, _MARGIN / 2, f"{foot} · page {document.page}")


def _story(brief: Printed, measure: Measure, width: float) -> Iterator[Any]:
    from reportlab.platypus import Spacer  # noqa: PLC0415 - see above

    paragraph = _writer(measure.size)
    yield paragraph(drawable(_cut(brief.title, 200)), "title")
    yield paragraph(" · ".join(_fact(fact) for fact in brief.facts), "facts")
    left = measure.blocks
    for part in brief.parts:
        blocks = [block for block in part.blocks if measure.absent or not isinstance(block, Remark) or not block.quiet]
        blocks = blocks if left is None else blocks[:left]
        left = None if left is None else left - len(blocks)
        if not blocks:
            continue
        yield paragraph(drawable(part.title), "heading")
        for block in blocks:
            yield from _block(block, measure, paragraph, width)
    if measure.cuts and _loses(brief.parts, measure):
        yield Spacer(1, measure.size / 2)
        yield paragraph(f"<i>{drawable(_SHORTENED)}</i>", "text")


Writer = Callable[[str, str], Any]


def _block(block: Block, measure: Measure, paragraph: Writer, width: float) -> Iterator[Any]:
    match block:
        case Line():
            text = drawable(_cut(block.text, measure.text))
            yield paragraph(f"<b>{drawable(block.label)}:</b> {text}{_mark(block.mark)}", "text")
        case Quote():
            facts = f" ({drawable(block.facts)})" if block.facts else ""
            yield paragraph(f"<b>{drawable(block.label)}</b>{facts}{_mark(block.mark)}", "text")
            if block.text is not None:
                yield paragraph(drawable(_cut(block.text.strip(), measure.text)), "quote")
        case Table():
            yield _table(block, measure, paragraph, width)
        case Remark():
            yield paragraph(f"<i>{drawable(_cut(block.text, measure.text))}</i>", "text")
        case _:
            assert_never(block)


def _table(table: Table, measure: Measure, paragraph: Writer, width: float) -> Any:
    from reportlab.lib.colors import black, lightgrey  # noqa: PLC0415 - see above
    from reportlab.platypus import LongTable  # noqa: PLC0415 - see above

    rows = table.rows if measure.rows is None else table.rows[: measure.rows]
    cells = [[paragraph(f"<b>{drawable(head)}</b>", "cell") for head in table.heads]]
    cells += [[paragraph(drawable(_cut(cell, measure.cell)), "cell") for cell in row] for row in rows]
    return LongTable(
        cells,
        colWidths=_widths(table, width),
        repeatRows=1,
        splitInRow=1,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.25, lightgrey),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ],
    )


def _widths(table: Table, width: float) -> list[float]:
    """Share the width among columns by the length of what stands in them, within bounds."""
    lengths = [
        min(45, 2 + max(6, len(head), *(len(row[place]) for row in table.rows)))
        for place, head in enumerate(table.heads)
    ]
    return [width * length / sum(lengths) for length in lengths]


def _fact(fact: Fact) -> str:
    text = drawable(_cut(fact.text, 120))
    if fact.url is not None and (address := web_address(fact.url)):
        return f"<a href={quoteattr(address)}><u>{text}</u></a>"
    return f"<b>{text}</b>" if fact.strong else text


def _mark(mark: str) -> str:
    return f" <i>({escape(mark)})</i>" if mark else ""


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[: most - len(_CUT)].rstrip() + _CUT


def _loses(parts: Sequence[Part], measure: Measure) -> bool:
    """Whether something of the brief is not on paper."""
    texts = [text for part in parts for block in part.blocks for text in _texts(block)]
    tables = [block for part in parts for block in part.blocks if isinstance(block, Table)]
    cells = [cell for table in tables for row in table.rows for cell in row]
    return (
        measure.blocks is not None
        or any(measure.text is not None and len(text) > measure.text for text in texts)
        or any(measure.cell is not None and len(cell) > measure.cell for cell in cells)
        or any(measure.rows is not None and len(table.rows) > measure.rows for table in tables)
    )


def _texts(block: Block) -> tuple[str, ...]:
    match block:
        case Line() | Remark():
            return (block.text,)
        case Quote():
            return (block.text or "",)
        case Table():
            return ()
        case _:
            assert_never(block)


def _writer(size: float) -> Writer:
    from reportlab.platypus import Paragraph  # noqa: PLC0415 - see above

    styles = _styles(size)
    return lambda text, style: Paragraph(re.sub(r"\n", "<br/>", text), styles[style])


@lru_cache(maxsize=len(_MEASURES))
def _styles(size: float) -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - see above

    text = ParagraphStyle("text", fontName=PLAIN, fontSize=size, leading=size * 1.2, splitLongWords=1)
    return {
        "text": text,
        "cell": ParagraphStyle("cell", parent=text, fontSize=size * 0.92, leading=size * 1.08),
        "quote": ParagraphStyle("quote", parent=text, leftIndent=size, spaceAfter=size * 0.3),
        "facts": ParagraphStyle("facts", parent=text, spaceAfter=size * 0.4),
        "heading": ParagraphStyle(
            "heading", parent=text, fontName=BOLD, fontSize=size * 1.15, leading=size * 1.4,
            spaceBefore=size * 0.6, spaceAfter=size * 0.15, keepWithNext=1,
        ),
        "title": ParagraphStyle("title", parent=text, fontName=BOLD, fontSize=size * 1.6, leading=size * 2),
    }  # fmt: skip
