"""The letters of a PDF: which font draws which of them, and what stands for those that none can draw."""

import re
from functools import lru_cache
from io import BytesIO
from xml.sax.saxutils import escape

PLAIN, BOLD, _ITALIC, _BOLD_ITALIC = "Brief", "Brief-Bold", "Brief-Italic", "Brief-BoldItalic"
#: fonts that a PDF may name without carrying them: every reader that shows these scripts has its own
_EASTERN = {
    "HeiseiKakuGo-W5": r"\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef",
    "HYGothic-Medium": r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
}
_UNKNOWN = "?"
#: characters that print nothing, or turn the writing round: none of them belongs on paper
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@lru_cache(maxsize=1)
def register_fonts() -> frozenset[int]:
    """Let the PDF library know the fonts, once; returns the characters that the main one can draw."""
    import pymupdf_fonts  # noqa: PLC0415 - megabytes that only a PDF needs
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - see above
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415 - see above
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - see above

    plain = TTFont(PLAIN, BytesIO(pymupdf_fonts.myfont("notos")))
    for font in (
        plain,
        TTFont(BOLD, BytesIO(pymupdf_fonts.myfont("notosbo"))),
        TTFont(_ITALIC, BytesIO(pymupdf_fonts.myfont("notosit"))),
        TTFont(_BOLD_ITALIC, BytesIO(pymupdf_fonts.myfont("notosbi"))),
        *(UnicodeCIDFont(name) for name in _EASTERN),
    ):
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=_ITALIC, boldItalic=_BOLD_ITALIC)
    return frozenset(plain.face.charToGlyph)


def drawable(text: str) -> str:
    """Text of others for a paragraph: harmless there, each letter in a font that has it, else a question mark."""
    known = register_fonts()
    parts = []
    for run in _RUNS.finditer(_INVISIBLE.sub("", text.replace("\t", " "))):
        if run.lastgroup == "rest":
            parts.append(escape("".join(each if ord(each) in known or each == "\n" else _UNKNOWN for each in run[0])))
        else:
            font = list(_EASTERN)[int(str(run.lastgroup)[1:])]
            parts.append(f'<font name="{font}">{escape(run[0])}</font>')
    return "".join(parts)


_RUNS = re.compile(
    "|".join(f"(?P<e{place}>[{letters}]+)" for place, letters in enumerate(_EASTERN.values()))
    + f"|(?P<rest>[^{''.join(_EASTERN.values())}]+)"
)
