"""Whether the process lives, and whether it can answer: for load balancers, without a key."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.api.schemas import example
from app.problems import Problem, declared
from app.read.encode import to_json
from app.read.status import why_not_ready

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All is well."""

    model_config = example({"status": "ok"})

    status: str


@router.get("/healthz", operation_id="get_health", summary="Does the process live", response_model=Health)
def health() -> Response:
    """Answer as long as the process lives, whatever the store does."""
    return Response(to_json({"status": "ok"}), media_type="application/json")


@router.get(
    "/readyz", operation_id="get_readiness", summary="Can it answer", response_model=Health, responses=declared(503)
)
def readiness(request: Request) -> Response:
    """Answer 200 when the store is reachable, migrated and filled; else 503 with the reason."""
    reason = why_not_ready(request.app.state.store)
    if reason is not None:
        raise Problem(503, "not_ready", reason, headers={"Retry-After": "5"})
    return Response(to_json({"status": "ready"}), media_type="application/json")
