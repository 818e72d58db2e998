"""The brief as one HTML page: no scripts, nothing fetched from elsewhere, readable on a phone and on paper.

What comes from Salesforce is text: the template escapes every value, and a link leads to an address of the web or to
nowhere.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.read.printed import Line, Quote, Table, printed_brief, web_address


def brief_html(document: Mapping[str, Any]) -> str:
    """Write a brief (the document that the API returns, as plain values) as HTML."""
    return _environment().get_template("brief.html").render(brief=printed_brief(document), style=_style())


def content_policy() -> str:
    """What a browser may do with the page: show it in its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("app.read"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["web_address"] = web_address
    environment.tests |= {
        "table_block": lambda block: isinstance(block, Table),
        "quote_block": lambda block: isinstance(block, Quote),
        "line_block": lambda block: isinstance(block, Line),
    }
    return environment


@lru_cache(maxsize=1)
def _style() -> Markup:
    """The style sheet: it is ours and contains no tag, so it stands in the page as it is."""
    return Markup((resources.files("app.read") / "templates" / "brief.css").read_text(encoding="utf-8"))  # noqa: S704 - a file of ours
