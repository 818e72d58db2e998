"""Rows of a page of Bulk results, taken apart and put together again in the dialect they came in."""

import csv
import io
import re
from dataclasses import dataclass

from demo_org.reply import Reply

_HEADER = re.compile(rb'"?[\w.]+"?(?P<delimiter>[^\w."\r\n])?')


@dataclass(slots=True, kw_only=True)
class Table:
    """A header line and rows of texts."""

    header: bytes
    names: list[str]
    rows: list[list[str]]
    delimiter: str
    line_ending: str

    def reply(self, former: Reply, *, counted: bool = True) -> Reply:
        """The answer with these rows; its own count of them unless that stays as it was."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_ending, quoting=csv.QUOTE_ALL)
        writer.writerows(self.rows)
        headers = {**former.headers} | ({"Sforce-NumberOfRecords": str(len(self.rows))} if counted else {})
        return Reply(status=former.status, raw=self.header + text.getvalue().encode(), headers=headers)


def read_table(body: bytes) -> Table:
    """Take a page apart."""
    header, ending, rest = body.partition(b"\n")
    match = _HEADER.match(header)
    delimiter = (match["delimiter"] if match else None) or b","
    crlf = header.endswith(b"\r")
    names = next(csv.reader([header.decode().rstrip("\r")], delimiter=delimiter.decode()), [])
    rows = list(csv.reader(io.StringIO(rest.decode(), newline=""), delimiter=delimiter.decode()))
    return Table(
        header=header + ending,
        names=names,
        rows=rows,
        delimiter=delimiter.decode(),
        line_ending="\r\n" if crlf else "\n",
    )
