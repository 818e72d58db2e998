"""Nothing that a client or an identity provider sends becomes a header of ours, or a line of its own."""

import pytest
import stored_deals as stored
from identity_provider import running
from people_browser import Browser

A, DEAL = "/api/v1", stored.deal_id(1)
#: a header that an attacker would like to add
MARK = "x-evil"
NAMES = [
    "X-Request-ID", "If-None-Match", "If-Match", "Idempotency-Key", "Accept", "Origin", "Host", "X-Forwarded-Host",
    "X-CSRF-Token", "Cookie",
]  # fmt: skip
VALUES = [b"a\r\nX-Evil: yes", b"a\nX-Evil: yes", b"a\rX-Evil: yes", b"a\x00b", "é\u2028x".encode(), b"a" * 20_000]
PATHS = ["%0d%0aX-Evil:yes", "a%00b", "..%2f..%2fetc%2fpasswd", "%e2%80%a8", "'; DROP TABLE cs.note; --"]


def is_harmless(answer):
    """Whether an answer has no header that it should not have, and none that breaks its line."""
    broken = [value for value in answer.headers.values() if {"\r", "\n", "\0"} & set(value)]
    return answer.status_code < 500 and MARK not in answer.headers and not broken


@pytest.mark.parametrize("name", NAMES)
def test_a_header_of_a_request_adds_none_to_the_answer(client, name):
    """The answer has the headers it always has, and none of them breaks."""
    notes = f"{A}/customers/{stored.ACME}/notes"
    for value in VALUES:
        assert is_harmless(client.get(f"{A}/deals/{DEAL}", headers={name: value})), value
        assert is_harmless(client.post(notes, {"body": "x"}, headers={name: value})), value


def test_a_hostile_path_adds_none_either(client):
    """Also not the names of files to download."""
    for path in PATHS:
        for where in (f"deals/{path}", f"deals/{path}/brief?format=pdf", f"contacts/{path}", f"search?q={path}"):
            assert is_harmless(client.get(f"{A}/{where}")), where


def test_what_a_provider_says_of_a_person_is_one_line(store):
    """A name with line breaks adds no header, and stands as one line beside what that person writes."""
    stored.fill(store, [{"id": DEAL}])
    with running() as provider:
        provider.person |= {
            "name": "Eve\r\nX-Evil: yes\0 " + "e" * 500,
            "email": "eve@baton.example\r\nX: y",
            "groups": ["it"],
        }
        browser = Browser(store, provider)
        signed_in = browser.sign_in()
    me = browser.get(f"{A}/me").json()
    note = browser.post(f"{A}/customers/{stored.ACME}/notes", {"body": "A note"}).json()

    assert signed_in.status_code == 303
    assert MARK not in signed_in.headers
    assert me["name"].startswith("Eve X-Evil: yes eee")
    assert len(me["name"]) == 200
    assert me["email"] == "eve@baton.example X: y"
    assert note["author"] == me["name"]
