"""How much memory a complete reading takes: many narrow rows through the very download and merge of the worker.

An org of millions of records takes longer to fill than to read. So this one only pretends: it speaks the few words of
the Bulk API that a download needs, and makes up rows while it sends them.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from bench.figures import Figure
from bench.memory import PeakMemory
from bench.processes import BenchError, Process
from bench.stage import Databases, databases
from models import run as runs
from models.bulk_job import jobs_of
from models.migrate import migrate
from models.mirror import MIRRORS
from models.session import Store
from sync.extract.snapshot import Wanted
from sync.land.complete import merge_reading
from sync.land.landing import Landing
from sync.record import Field, ObjectShape, Selection
from sync.run.download import Download
from sync.run.readings import Readings
from sync.salesforce.client import connect
from sync.scope.closure import SnapshotQuery
from sync.settings import SalesforceSettings

FEW, MANY = 100_000, 5_000_000
MOST_MEGABYTES = 200
#: of what the small reading takes
MOST_GROWTH = 1.1
_PAGE = 250_000
_PIECE = 2_000
_OBJECT = "OpportunityHistory"
_FIELDS = {"Id": "id", "OpportunityId": "reference", "Amount": "currency", "CreatedDate": "datetime"}
_ORG = "00D000000000001EAA"
_NAME = "memory"


def run() -> list[Figure]:
    """Read few rows, then fifty times as many, each in a process of its own."""
    with databases() as where:
        few, _ = _peak(where, FEW)
        many, seconds = _peak(where, MANY)
    return [
        Figure(bench=_NAME, name=f"peak of {FEW:,} rows", value=few, unit="MB", at_most=MOST_MEGABYTES),
        Figure(bench=_NAME, name=f"peak of {MANY:,} rows", value=many, unit="MB", at_most=MOST_MEGABYTES,
               note=f"{MANY / seconds:,.0f} rows/s"),
        Figure(bench=_NAME, name="growth", value=many / few, at_most=MOST_GROWTH, note="fifty times the rows"),
    ]  # fmt: skip


def _peak(where: Databases, rows: int) -> tuple[float, float]:
    address = where.database(f"narrow_{rows}")
    with Process([sys.executable, "-m", "bench.narrow", "serve", str(rows)]) as org:
        url = org.line(within=30)
        with Process([sys.executable, "-m", "bench.narrow", "read", url, address, str(rows)]) as worker:
            with PeakMemory(worker.pid) as peak:
                code, said = worker.finish(within=1800)
            if code:
                raise BenchError(f"the reading ended with {code}:\n{worker.said()}")
    return peak.megabytes, float(said)


def _read(url: str, address: str, rows: int) -> None:
    """Download and merge, as the worker does it."""
    fields = tuple(Field(name=name, type=kind, label=name) for name, kind in _FIELDS.items())
    selection = Selection(shape=ObjectShape(name=_OBJECT, label=_OBJECT, fields=fields), fields=fields)
    query = SnapshotQuery(soql="SELECT", include_deleted=False)
    store = Store(address)
    migrate(store)
    began = time.perf_counter()
    settings = SalesforceSettings(url=url, auth="client_credentials", client_id="bench", client_secret="bench")
    with connect(settings) as client:
        readings = Readings(store, client, _ORG, mirrors=MIRRORS)
        Download(readings).go({_OBJECT: Wanted(selection=selection, statements=lambda _: [query])})
    with store.writing() as session:
        landing = Landing(session, _ORG, generation=runs.next_generation(session), everything=True)
        for row in jobs_of(session, _ORG, "snapshot"):
            merge_reading(landing, row)
        if landing.counts[_OBJECT].rows_written != rows:
            raise BenchError(f"{landing.counts[_OBJECT].rows_written} rows of {rows} were merged")
    store.close()
    print(time.perf_counter() - began)


class _Org(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, rows: int, *arguments: object) -> None:
        self._rows = rows
        super().__init__(*arguments)  # type: ignore[arg-type] # the server passes what it got

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        first = int(asked.get("locator", ["0"])[0])
        if parts.path == "/services/data":
            self._json([{"version": "64.0"}])
        elif parts.path.endswith("/results"):
            self._page(first, min(first + int(asked.get("maxRecords", [_PAGE])[0]), self._rows))
        elif parts.path.endswith("/resultPages"):
            base = re.sub(r"Pages$", "s", parts.path).replace("/results", "/results?locator=")
            self._json(
                {"resultPages": [{"resultUrl": f"{base}{n}"} for n in range(0, self._rows, _PAGE)], "done": True}
            )
        else:
            self._json({"id": "750", "object": _OBJECT, "state": "JobComplete", "numberRecordsProcessed": self._rows})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/token"):
            identity = f"http://{self.headers['Host']}/id/{_ORG}/005000000000001AAA"
            self._json({"access_token": "bench", "instance_url": f"http://{self.headers['Host']}", "id": identity})
        else:
            self._json({"id": "750", "object": _OBJECT, "state": "UploadComplete"})

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _json(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        self._begin("application/json", len(body))
        self.wfile.write(body)

    def _page(self, first: int, behind: int) -> None:
        more = {"Sforce-NumberOfRecords": str(behind - first)}
        more["Sforce-Locator"] = "null" if behind == self._rows else str(behind)
        size = sum(map(len, _pieces(first, behind)))
        self._begin("text/csv", size, more)
        for piece in _pieces(first, behind):
            self.wfile.write(piece)

    def _begin(self, kind: str, size: int, more: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(size), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()


def _pieces(first: int, behind: int) -> Iterator[bytes]:
    yield (",".join(f'"{name}"' for name in _FIELDS) + "\n").encode()
    for start in range(first, behind, _PIECE):
        yield "".join(
            f'"008{n:015}","006{n // 8:015}","{n}.5","2026-11-23T10:00:00.000Z"\n'
            for n in range(start, min(start + _PIECE, behind))
        ).encode()


def _serve(rows: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Org, rows))
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", rows]:
            _serve(int(rows))
        case ["read", url, address, rows]:
            _read(url, address, int(rows))
