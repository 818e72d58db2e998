import xml.etree.ElementTree as ET
from contextlib import suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_client import RECORDED, client_of

from demo_org.wire.markup import MalformedMarkup, read_markup

ENVELOPE = """<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">
 <env:Header>{header}</env:Header><env:Body>{body}</env:Body>
</env:Envelope>"""
SESSION = "<urn:SessionHeader><urn:sessionId>{}</urn:sessionId></urn:SessionHeader>"


def call(client, body, *, header="", api="u", version="64.0"):
    text = ENVELOPE.format(header=header, body=body)
    headers = {"Content-Type": "text/xml", "charset": "UTF-8", "SOAPAction": "login"}
    return httpx.post(f"{client.served.url}/services/Soap/{api}/{version}", content=text, headers=headers)


def log_in(client, *, username=None, password=None, **where):
    known = client.credentials
    username = known.username if username is None else username
    password = known.password + known.security_token if password is None else password
    body = f"<urn:login><urn:username>{username}</urn:username><urn:password>{password}</urn:password></urn:login>"
    return call(client, body, **where)


def tree(text):
    """Names without namespaces, in order, with the texts of leaves."""

    def walk(element):
        name = element.tag.partition("}")[2] or element.tag
        return name, [walk(child) for child in element]

    return walk(ET.fromstring(text))


def texts(answer):
    return {each.tag.partition("}")[2] or each.tag: each.text for each in ET.fromstring(answer.content).iter()}


def fault(answer):
    told = texts(answer)
    assert answer.status_code == 500
    return told["exceptionCode"], told["exceptionMessage"]


def recorded_text(name):
    file = RECORDED / name
    if not file.exists():
        pytest.skip("the recorded bodies are not beside this checkout")
    return file.read_bytes()


@pytest.mark.parametrize("api", ["u", "c"])
def test_a_login_answers_with_the_recorded_elements(client, api):
    """Every element a client may read is there, in the recorded order; the session works for REST."""
    answer = log_in(client, api=api)
    told = texts(answer)
    rest = client.get("limits", headers={"Authorization": f"Bearer {told['sessionId']}"})

    assert tree(recorded_text("soap/login_success.xml")) == tree(answer.content)
    assert told["serverUrl"] == f"{client.served.url}/services/Soap/{api}/64.0/{client.org.org_id[:15]}"
    assert (told["organizationId"], told["sessionSecondsValid"]) == (client.org.org_id, "7200")
    assert rest.status_code == 200


def test_a_refused_login_answers_with_the_recorded_fault(client):
    """Byte for byte: old clients cut the text out by hand."""
    answer = log_in(client, password="wrong")

    assert recorded_text("soap/login_fault.xml").strip() == answer.content
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/xml;charset=UTF-8"


def test_a_password_without_its_token_is_told_so(client):
    """The one case in which the fault helps: the password is right."""
    code, message = fault(log_in(client, password=client.credentials.password))

    assert code == "LOGIN_MUST_USE_SECURITY_TOKEN"
    assert "you must add a security token to your password" in message
    assert fault(log_in(client, username="nobody"))[0] == "INVALID_LOGIN"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("org_locked", "ORG_LOCKED"),
        ("user_locked", "PASSWORD_LOCKOUT"),
        ("api_disabled", "API_CURRENTLY_DISABLED"),
        ("no_api_permission", "INSUFFICIENT_ACCESS"),
        ("user_inactive", "INVALID_LOGIN"),
    ],
)
def test_a_login_can_be_told_to_refuse_and_why(reason, code):
    """Each code a client may meet can be brought about."""
    with client_of() as client:
        client.post("/demo/logins", json={"refuse": reason})

        assert fault(log_in(client))[0] == code


def test_the_login_call_is_gone_from_version_65_on(client):
    """The text says why, as Salesforce's does; older versions that still exist go on."""
    code, message = fault(log_in(client, version="65.0"))

    assert code == "INVALID_OPERATION"
    assert message.startswith("The SOAP Login operation is not available in the API version specified (65.0).")
    assert log_in(client, version="42.0").status_code == 200
    for version in ("30.0", "99.0", "x"):
        assert fault(log_in(client, version=version)) == (
            "UNSUPPORTED_API_VERSION",
            "Invalid Api version specified on URL",
        )


def test_an_org_may_have_the_login_call_disabled():
    """As new orgs do by default."""
    with client_of(soap_login=False) as client:
        assert fault(log_in(client))[1].startswith("SOAP API login() is disabled by default in this org.")


def test_a_session_tells_its_user_and_is_logged_out(client):
    """Jsforce logs out by SOAP when it logged in so."""
    token = texts(log_in(client))["sessionId"]
    header = SESSION.format(token)
    user = texts(call(client, "<urn:getUserInfo/>", header=header))
    stamp = texts(call(client, "<urn:getServerTimestamp/>", header=header))
    out = call(client, "<urn:logout/>", header=header)

    assert user["userName"] == client.credentials.username
    assert stamp["timestamp"].endswith("Z")
    assert out.status_code == 200
    assert fault(call(client, "<urn:getUserInfo/>", header=header))[0] == "INVALID_SESSION_ID"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a",
        "<a/>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>',
        "<a>" * 5000,
        ENVELOPE.format(header="", body=""),
        ENVELOPE.format(header="", body="<urn:query/>"),
        '<?xml version="1.0" encoding="nonsense"?><a/>',
        "\0",
    ],
)
def test_what_is_no_call_is_a_fault_of_the_client(client, text):
    """No entity is resolved, no file is read, nothing crashes."""
    answer = httpx.post(f"{client.served.url}/services/Soap/u/64.0", content=text.encode())
    told = texts(answer)

    assert answer.status_code == 500
    assert told["faultcode"].startswith("soapenv:")
    assert "root:" not in answer.text


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: f"<a>{text}</a>".encode())))
def test_any_bytes_are_read_or_refused(data):
    """The reader of XML has one way to say no."""
    with suppress(MalformedMarkup):
        assert read_markup(data).name
