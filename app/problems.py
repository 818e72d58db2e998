"""What goes wrong with a request, told as RFC 9457 problem documents: what, why, and what to do next."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.read.encode import to_json
from app.read.spans import Unanswerable
from models.errors import StoreError, StoreOutdated

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger()


class Problem(Exception):
    """A request that cannot be answered as asked."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Remember the facts; `code` is stable, `detail` is for people and ends with what to do."""
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        super().__init__(detail)


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="the parameter it is about", examples=["/query/won_from"])
    detail: str = Field(examples=["Input should be a valid date"])


class ProblemDocument(BaseModel):
    """An RFC 9457 problem."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "type": "urn:baton:problem:unknown_parameter",
        "title": "Bad Request",
        "status": 400,
        "detail": "There is no parameter 'won_form'. Allowed: cursor, customer, limit, won_from, won_to.",
        "instance": "/api/v1/deals",
        "request_id": "0f0e7c1e5b0d4b9d8f3c2a1b0e9d8c7b",
        "errors": [{"pointer": "/query/won_form", "detail": "unknown parameter"}],
    }]})  # fmt: skip

    type: str = Field(description="stable code of the problem, as a URN")
    title: str = Field(description="the HTTP status in words")
    status: int
    detail: str = Field(description="what is wrong, and what to do next")
    instance: str = Field(description="the path that was asked")
    request_id: str = Field(description="also in the X-Request-ID header and in the server's log")
    errors: list[FieldProblem]


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of an operation, for its OpenAPI description."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    return {status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}} for status in statuses}


#: the problems of an operation that is asked with parameters
ASKED = declared(400, 401, 403, 429, 503) | {"4XX": declared(400)[400]}


def describe(app: FastAPI) -> None:
    """Put the problem document, which every operation refers to, into the OpenAPI description."""
    bare = app.openapi

    def openapi() -> dict[str, Any]:
        description = bare()
        definition = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = description["components"].setdefault("schemas", {})
        schemas.update(definition.pop("$defs"), ProblemDocument=definition)
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


def install(app: FastAPI) -> None:
    """Let every error of the app leave as a problem document."""
    describe(app)

    @app.exception_handler(Problem)
    def problem(request: Request, error: Problem) -> Response:
        return _answer(request, error)

    @app.exception_handler(Unanswerable)
    def senseless(request: Request, error: Unanswerable) -> Response:
        return _answer(request, Problem(400, "invalid_parameter", str(error)))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"pointer": "/" + "/".join(str(part) for part in each["loc"]), "detail": str(each["msg"])}
            for each in error.errors()
        ]
        first = errors[0]
        detail = f"{first['pointer'].rsplit('/', 1)[-1]}: {first['detail']}."
        return _answer(request, Problem(400, "invalid_parameter", detail, errors=errors))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        code, detail = _REFUSALS.get(error.status_code, ("refused", str(error.detail)))
        return _answer(request, Problem(error.status_code, code, detail, headers=error.headers))

    @app.exception_handler(StoreError)
    def away(request: Request, error: StoreError) -> Response:
        log.warning("store_failed", code=error.code, reason=error.reason, request_id=_request_id(request))
        detail = "The store is not migrated. Run: baton migrate." if isinstance(error, StoreOutdated) else _AWAY
        return _answer(request, Problem(503, error.code, detail, headers={"Retry-After": "5"}))

    @app.exception_handler(PoolTimeout)
    def busy(request: Request, _: PoolTimeout) -> Response:
        return _answer(request, Problem(503, "store_busy", _AWAY, headers={"Retry-After": "5"}))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        log.error("request_failed", kind=type(error).__name__, path=request.url.path, request_id=_request_id(request))
        detail = "Something broke here. Tell whoever runs this server the request_id; the log says more."
        return _answer(request, Problem(500, "internal_error", detail))


_AWAY = "The store does not answer right now. Try again in a few seconds; /readyz says why."
_REFUSALS = {
    404: ("not_found", "There is nothing at this path. /docs lists what there is."),
    405: ("method_not_allowed", "This path does not take that method. The Allow header names those it takes."),
}


def _answer(request: Request, problem: Problem) -> Response:
    request_id = _request_id(request)
    body = {
        "type": f"urn:baton:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "request_id": request_id,
        "errors": problem.errors,
    }
    headers = {**problem.headers, "X-Request-ID": request_id}
    return Response(to_json(body), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
