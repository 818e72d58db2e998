"""The border: no exception of a library gets past it, and every known code of Salesforce has one meaning."""

import inspect

import httpx
import msgspec
import pytest
import requests.exceptions
import simple_salesforce.exceptions
from hypothesis import given
from hypothesis import strategies as st

from sync import errors
from sync.errors import Retry, Skip, Stop, SyncError, Wait
from sync.salesforce.faults import error_from_exception, error_from_reply, salesforce_errors

FOREIGN = sorted(
    {
        kind
        for module in (httpx, requests.exceptions, simple_salesforce.exceptions, msgspec)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and not issubclass(kind, Warning)
    },
    key=lambda kind: (kind.__module__, kind.__name__),
)

CODES = {
    "INVALID_SESSION_ID": Retry,
    "INVALID_AUTH_HEADER": Retry,
    "REQUEST_LIMIT_EXCEEDED": Wait,
    "API_LIMIT_EXCEEDED": Wait,
    "LIMIT_EXCEEDED": Wait,
    "API_DISABLED_FOR_ORG": Stop,
    "API_CURRENTLY_DISABLED": Stop,
    "CLIENT_NOT_ACCESSIBLE_FOR_USER": Stop,
    "QUERY_TIMEOUT": Retry,
    "QUERY_TOO_COMPLICATED": Retry,
    "OPERATION_TOO_LARGE": Retry,
    "UNABLE_TO_LOCK_ROW": Retry,
    "SERVER_UNAVAILABLE": Retry,
    "UNKNOWN_EXCEPTION": Retry,
    "INVALID_QUERY_LOCATOR": Retry,
    "INVALIDENTITY": Skip,
    "INVALID_TYPE": Skip,
    "INVALID_FIELD": Skip,
    "MALFORMED_QUERY": Skip,
    "INSUFFICIENT_ACCESS": Skip,
    "FORBIDDEN": Skip,
    "FUNCTIONALITY_NOT_ENABLED": Skip,
    "EXCEEDED_ID_LIMIT": Skip,
    "INVALID_REPLICATION_DATE": Skip,
    "MALFORMED_ID": Skip,
    "NOT_FOUND": Skip,
    "METHOD_NOT_ALLOWED": Skip,
    "UNSUPPORTED_API_VERSION": Skip,
}


def made(kind):
    """An instance of an exception, whatever its constructor wants."""
    error = kind.__new__(kind)
    error.args = ("a secret token",)
    if "simple_salesforce" in kind.__module__:
        error.status, error.content = 400, [{"errorCode": "MALFORMED_QUERY", "message": "bad"}]
    return error


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_foreign_exception_becomes_one_of_ours(kind):
    """Whatever the libraries raise, the caller has to know four answers only."""
    foreign = made(kind)

    def stumble():
        with salesforce_errors("acme.example"):
            raise foreign

    assert isinstance(error_from_exception(foreign, host="acme.example"), Retry | Wait | Skip | Stop)
    with pytest.raises(SyncError) as raised:
        stumble()
    assert raised.value.__cause__ is foreign
    assert raised.value.code


def test_mistakes_of_our_own_pass_the_border_unchanged():
    """A bug must not look like a broken network."""

    def stumble():
        with salesforce_errors("acme.example"):
            raise KeyError("ours")

    with pytest.raises(KeyError):
        stumble()


@pytest.mark.parametrize(("code", "parent"), CODES.items())
def test_every_code_of_salesforce_says_what_to_do(code, parent):
    """Codes are mapped by what the caller must do."""
    found = error_from_reply(400, [{"errorCode": code, "message": "something"}], url="acme.example")

    assert isinstance(found, parent)


def test_every_error_has_its_own_code_and_ends_with_a_remedy():
    """Logs and metrics name errors by their code."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SyncError)]

    assert len({kind.code for kind in kinds}) == len(kinds)


@given(
    status=st.integers(300, 599), body=st.recursive(st.none() | st.text(), lambda inner: st.lists(inner, max_size=2))
)
def test_any_reply_at_all_gets_a_meaning(status, body):
    """Even nonsense from a proxy."""
    assert isinstance(error_from_reply(status, body, url="acme.example"), SyncError)


def test_a_querys_values_stay_out_of_messages():
    """The excerpt that Salesforce puts before its explanation may quote a contact's data."""
    message = (
        "\nSELECT Id FROM Contact WHERE Email = 'ann@acme.example'\n      ^\nERROR at Row:1:Column:8\nunexpected token"
    )

    found = error_from_reply(400, [{"errorCode": "MALFORMED_QUERY", "message": message}], url="acme.example")

    assert "ann@" not in str(found)
    assert "unexpected token" in str(found)
