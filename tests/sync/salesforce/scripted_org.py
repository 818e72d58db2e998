"""A small server that answers exactly what a test wrote down, on a free port of this machine."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One line of the script."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    #: cut the connection after this many bytes of the body
    cut: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON."""
    return Answer(
        status=status, body=json.dumps(value).encode(), headers={"Content-Type": "application/json", **headers}
    )


class ScriptedOrg:
    """Answers the next line of the script for a path; the last line of a path stays for ever."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self._script: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self.on("/services/data", as_json([{"version": "59.0"}, {"version": "66.0"}]))

    def on(self, path: str, *answers: Answer) -> None:
        """Write what a path answers, in order."""
        self._script[path] = list(answers)

    def login_answers(self, **more: str) -> Answer:
        """A login that succeeds."""
        identity = f"{self.url}/id/00D000000000001EAA/005000000000001AAA"
        return as_json(
            {"access_token": "first", "instance_url": self.url, "id": identity, "token_type": "Bearer"} | more
        )

    def answer(self, asked: Asked) -> Answer:
        """Note a request and find its line."""
        with self._lock:
            self.asked.append(asked)
            lines = self._script.get(asked.path.partition("?")[0])
            if not lines:
                return as_json([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)
            return lines.pop(0) if len(lines) > 1 else lines[0]

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for a path so far."""
        return [each for each in self.asked if each.path.partition("?")[0] == path]


def handler_of(org: ScriptedOrg) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(method=self.command, path=self.path, headers=dict(self.headers), body=body)
            answer = org.answer(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
            self.close_connection = answer.cut is not None

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *args: object) -> None:
            pass

    return Handler
