"""What every call of the Pub/Sub API goes through: its id, its session, and how it fails."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from demo_org.ids import normalise
from demo_org.pubsub.refusals import Refused, headers_invalid, session_over, unauthenticated
from demo_org.wire.context import Context

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Call:
    """One call that was let in."""

    context: Context
    token: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    async def run(self, act: Callable[[], T]) -> T:
        """Do what may wait for the store in a thread, so that other streams go on."""
        return await asyncio.get_running_loop().run_in_executor(self.context.threads, act)

    def check_session(self) -> None:
        """End a stream whose session is over."""
        if self.context.sessions.peek(self.token) is None:
            raise session_over()

    def take_session(self, token: str) -> None:
        """Go on with another session of the client's."""
        if self.context.sessions.use(token) is None:
            raise session_over()
        self.token = token


@asynccontextmanager
async def answering(context: Context, grpc_context: Any) -> AsyncIterator[Call]:
    """Let a call in and answer it; what is refused on the way ends it with Salesforce's trailers."""
    call = Call(context=context, token="")
    try:
        call.token = _token(context, dict(grpc_context.invocation_metadata() or ()))
        yield call
    except Refused as refused:
        trailers = (("error-code", refused.error_code), ("rpc-id", call.id), ("rpcid", call.id))
        await grpc_context.abort(refused.status, f"{refused.text} rpcId: {call.id}", trailers)


def _token(context: Context, metadata: Mapping[str, Any]) -> str:
    token, instance, org = (str(metadata.get(name, "")) for name in ("accesstoken", "instanceurl", "tenantid"))
    if not (token and org and instance.startswith(("https://", "http://"))):
        raise headers_invalid()
    if normalise(org) != context.org.org_id or context.sessions.use(token) is None:
        raise unauthenticated()
    return token
