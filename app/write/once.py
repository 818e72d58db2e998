"""Doing a write once, however often its client sends it, and telling the same each time."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.auth import Asking
from app.caller import Caller
from app.problems import Problem
from app.read.encode import to_json
from models.answered import Answered, find_answer, hold_key, keep_answer
from models.session import Store, WriteSession

#: does the write in a transaction, and returns the status and the document to answer with
Act = Callable[[WriteSession], tuple[int, dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A write under the `Idempotency-Key` of its request."""

    request: Request
    caller: Caller
    key: str

    def do(self, body: BaseModel, act: Act) -> Response:
        """Do the write in one transaction with the memory of its answer.

        Sent again with the same content it gets the same answer and changes nothing; so a client that heard none may
        simply send it again, and a crash leaves either both, the write and its answer, or neither.
        """
        fingerprint = self._fingerprint(body)
        store: Store = self.request.app.state.store
        with store.writing() as session:
            if not hold_key(session, self.caller.id, self.key):
                detail = "A request with this Idempotency-Key is being answered right now. Send it again in a second."
                raise Problem(409, "idempotency_key_in_flight", detail, headers={"Retry-After": "1"})
            known = find_answer(session, self.caller.id, self.key)
            if known is not None and known.fingerprint != fingerprint:
                detail = "This Idempotency-Key was sent with another request. Take a new one for each thing to be done."
                raise Problem(422, "idempotency_key_reused", detail)
            if known is None:
                status, document = act(session)
                answered = Answered(fingerprint=fingerprint, status=status, answer=to_json(document))
                keep_answer(session, self.caller.id, self.key, answered)
        told = known or answered
        headers = {} if known is None else {"Idempotency-Replayed": "true"}
        return Response(told.answer, status_code=told.status, media_type="application/json", headers=headers)

    def _fingerprint(self, body: BaseModel) -> bytes:
        url = self.request.url
        content = [self.request.method, url.path, url.query, body.model_dump(mode="json", exclude_unset=True)]
        return hashlib.sha256(to_json(content)).digest()


def once(
    request: Request,
    caller: Asking,
    idempotency_key: Annotated[
        str,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="a new one, such as a UUID, for each thing to be done; the same again does nothing again",
            examples=["0f0e7c1e-5b0d-4b9d-8f3c-2a1b0e9d8c7b"],
        ),
    ],
) -> Once:
    """Take the key under which a write is done."""
    return Once(request=request, caller=caller, key=idempotency_key)


OnlyOnce = Annotated[Once, Depends(once)]
