"""The brief as Markdown that a CS rep reads on paper or in a chat: gaps and risks first, then the story.

What comes from Salesforce is text, whatever it contains: HTML, links and pictures in a note are shown, never rendered.
"""

import re
from collections.abc import Mapping
from typing import Any, assert_never

from app.read.printed import Block, Fact, Line, Part, Quote, Remark, Table, printed_brief, web_address


def brief_markdown(document: Mapping[str, Any]) -> str:
    """Write a brief (the document that the API returns, as plain values) as Markdown."""
    brief = printed_brief(document)
    head = f"# {_literal(brief.title)}\n\n" + " · ".join(_fact(fact) for fact in brief.facts)
    return "\n\n".join([head, *(_part(part) for part in brief.parts), f"---\n{brief.foot}"]) + "\n"


def _fact(fact: Fact) -> str:
    text = _literal(fact.text)
    if fact.url is not None and (address := web_address(fact.url)):
        return f"[{text}]({_address(address)})"
    return f"**{text}**" if fact.strong else text


def _part(part: Part) -> str:
    """Lines stand close together; what is longer has air around it."""
    written = f"## {part.title}\n"
    before: Block | None = None
    for block in part.blocks:
        close = isinstance(before, Line) and isinstance(block, Line | Quote)
        written += ("\n" if close else "\n\n" if before is not None else "\n") + _block(block)
        before = block
    return written


def _block(block: Block) -> str:
    match block:
        case Line():
            return f"- **{_literal(block.label)}:** {_literal(block.text)}{_mark(block.mark)}"
        case Quote():
            facts = f" ({_literal(block.facts)})" if block.facts else ""
            title = f"- **{_literal(block.label)}{'' if block.titled else ':'}**{facts}{_mark(block.mark)}"
            return title if block.text is None else f"{title}\n\n{_quoted(block.text)}"
        case Table():
            return _table(block)
        case Remark():
            return f"_{_literal(block.text)}_" if block.quiet else _literal(block.text)
        case _:
            assert_never(block)


def _mark(mark: str) -> str:
    return f" _({mark})_" if mark else ""


def _table(table: Table) -> str:
    lines = [
        "| " + " | ".join(table.heads) + " |",
        "|" + " --- |" * len(table.heads),
        *("| " + " | ".join(_literal(cell).replace("|", "\\|") for cell in row) + " |" for row in table.rows),
    ]
    return "\n".join(lines)


#: what would make a heading, a quotation or a rule of a line, or a heading of the one above
_STARTS_SOMETHING = re.compile(r"^(\s*)([#>]|[=-]+\s*$)")


def _quoted(text: str) -> str:
    lines = (_STARTS_SOMETHING.sub(r"\1\\\2", _literal(line)) for line in text.strip().splitlines())
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _literal(text: str) -> str:
    """Text of others as text: no HTML, no links, no emphasis, no code of theirs."""
    return re.sub(r"([\[\]`\\*_~])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))


def _address(url: str) -> str:
    """An address that can't end the link it stands in."""
    return re.sub(r"[\s()<>]", lambda found: f"%{ord(found[0]):02X}", url)
