"""Writes the plain PDF files that hang on a deal: a heading and lines of text, as many pages as it takes."""

from textwrap import wrap

_WIDTH = 92  # characters of a line at this size
_LINES = 46  # of a page
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>"
)


def pdf(title: str, paragraphs: list[str]) -> bytes:
    """A document with this title and these paragraphs, the same bytes for the same words."""
    lines = [title, ""]
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            lines += wrap(line, _WIDTH) or [""]
        lines.append("")
    pages = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * place) for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, page in enumerate(pages):
        content = _content(page)
        objects += [_PAGE % (5 + 2 * place), b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)]
    return _file(objects)


def _content(lines: list[str]) -> bytes:
    shown = b"".join(b"(%b) Tj T*\n" % _escaped(line) for line in lines)
    return b"BT /F1 10 Tf 16 TL 56 786 Td\n" + shown + b"ET"


def _escaped(line: str) -> bytes:
    text = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return text.encode("cp1252", "replace")


def _file(objects: list[bytes]) -> bytes:
    made, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(made))
    )
