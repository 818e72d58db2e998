"""The rows of a finished Bulk job in a file, and pages of them at the speed of the disk.

Rows are counted while they are written, by looking at what stands between the quotes, so a line break inside a text
is no row. Every few hundred kilobytes the file remembers how many rows came before, so that a page is found without
reading what precedes it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from demo_org.soql import ResultSet

PIECE = 256 * 1024
# One row: quoted values (a doubled quote looks like two values side by side) and what is between them.
_ROW = re.compile(rb'(?:"[^"]*"[^"\n]*)*\n')


class CsvFile:
    """The result of one job: a header, then rows, each value quoted (Bulk 2.0 dialect)."""

    def __init__(self, path: Path, *, delimiter: str, line_ending: str) -> None:
        self._path = path
        self._delimiter = delimiter
        self._line_ending = line_ending
        self._end = line_ending.encode()
        self._inside = False  # whether the last chunk ended between two quotes
        self.header = b""
        self.rows = 0
        self._size = 0
        #: (rows, bytes) before each place where a row begins
        self._marks: list[tuple[int, int]] = [(0, 0)]

    def write(self, result: ResultSet) -> Iterator[int]:
        """Write all rows; yields the number so far after every chunk, so that the job can be stopped."""
        with self._path.open("wb") as file:
            chunks = result.csv_chunks(0, result.total_size, delimiter=self._delimiter, line_ending=self._line_ending)
            for chunk in chunks:
                rows = self._without_header(chunk)
                if rows:
                    file.write(rows)
                    self._count(rows)
                yield self.rows

    def page(self, offset: int, limit: int) -> Iterator[bytes]:
        """The header and the rows of [offset, offset + limit), in pieces."""
        with self._path.open("rb") as file:
            start, end = self._place(offset), self._place(min(offset + limit, self.rows))
            file.seek(start)
            piece = self.header + file.read(min(PIECE, end - start))
            start += len(piece) - len(self.header)
            yield piece
            while start < end:
                piece = file.read(min(PIECE, end - start))
                start += len(piece)
                yield piece

    def remove(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)

    def _without_header(self, chunk: bytes) -> bytes:
        if self.header:
            return chunk
        header, ending, rest = chunk.partition(self._end)
        self.header = header + ending
        return rest

    def _count(self, chunk: bytes) -> None:
        between = chunk.split(b'"')
        self.rows += between[1 if self._inside else 0 :: 2].count(self._end)
        self._inside ^= len(between) % 2 == 0
        self._size += len(chunk)
        if not self._inside and chunk.endswith(self._end):
            self._marks.append((self.rows, self._size))

    def _place(self, row: int) -> int:
        """The byte at which a row begins."""
        rows, place = self._marks[bisect_right(self._marks, row, key=lambda mark: mark[0]) - 1]
        if rows == row:
            return place
        later = next((after for before, after in self._marks if before > row), self._size)
        with self._path.open("rb") as file:
            file.seek(place)
            block = file.read(later - place)
        last = next(islice(_ROW.finditer(block), row - rows - 1, None))
        return place + last.end()
