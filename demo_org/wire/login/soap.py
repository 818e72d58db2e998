"""The calls of the SOAP API that lead to a session and back: login, logout, getUserInfo, getServerTimestamp.

Everything else of the SOAP API is not served. Every fault has status 500 (SOAP 1.1).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo_org.ids import to15
from demo_org.refusals import WRONG_LOGIN, LoginRefused, Words
from demo_org.store.values import stamp_text
from demo_org.wire.context import Context
from demo_org.wire.login.logins import Proof, prove
from demo_org.wire.login.sessions import Session
from demo_org.wire.markup import Element, MalformedMarkup, element, read_markup
from demo_org.wire.message import Reply, Request
from demo_org.wire.settings import LAST_VERSION

_OLDEST = 31  # older versions are retired (SOAP API guide, "End-of-Life Policy")
_LAST_WITH_LOGIN = 64  # login() is not available from 65.0 on (Help, "Platform SOAP API login() Retirement")
_FLAVOUR = {"u": "partner", "c": "enterprise"}
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_TOKEN_MISSING = (
    f"{WRONG_LOGIN} Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from "
    "outside of your company's trusted networks, you must add a security token to your password to log in. To get your "
    "new security token, log in to Salesforce. From your personal settings, enter Reset My Security Token in the Quick "
    "Find box, then select Reset My Security Token."
)


class SoapFault(Exception):
    """A refused call: Salesforce's exception code and message, and the kind of fault they come in."""

    def __init__(self, code: str, message: str, *, kind: str | None = "UnexpectedErrorFault") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        #: None = the message itself was wrong, which SOAP tells without a detail
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One call that has been read: from where, in which version, and what it says."""

    context: Context
    request: Request
    number: int
    envelope: Element
    order: Element


def call(context: Context, request: Request) -> Reply:
    """Answer one call; what it is, the body says."""
    flavour = _FLAVOUR[request.parts["api"].lower()]
    try:
        read = _read(context, request)
        content = _act(read.order)(read)
    except SoapFault as fault:
        return _fault_reply(fault, flavour)
    return _reply(200, content, f'xmlns="urn:{flavour}.soap.sforce.com"')


def _read(context: Context, request: Request) -> _Call:
    number = _version(request.parts["version"])
    envelope = _envelope(request.body)
    body = envelope.child("Body")
    if body is None or not body.children:
        raise SoapFault("soapenv:Client", "The body of the envelope holds no call", kind=None)
    return _Call(context=context, request=request, number=number, envelope=envelope, order=body.children[0])


def _act(order: Element) -> Callable[[_Call], str]:
    found = _CALLS.get(order.name)
    if found is None:
        message = f"No operation available for request {{{order.namespace}}}{order.name}"
        raise SoapFault("soapenv:Client", message, kind=None)
    return found


def _login(called: _Call) -> str:
    context, number = called.context, called.number
    _check_login_served(context, number)
    known, order = context.settings.credentials, called.order
    match prove(known, order.child_text("username"), order.child_text("password")):
        case Proof.TOKEN_MISSING:
            raise SoapFault("LOGIN_MUST_USE_SECURITY_TOKEN", _TOKEN_MISSING, kind="LoginFault")
        case Proof.WRONG_PASSWORD | Proof.UNKNOWN_USER:
            raise SoapFault("INVALID_LOGIN", WRONG_LOGIN, kind="LoginFault")
        case Proof.RIGHT:
            user_id = context.org.users.integration
    try:
        context.logins.admit(user_id)
    except LoginRefused as refused:
        raise SoapFault(refused.words.code, refused.words.message, kind="LoginFault") from None
    session = context.sessions.start(user_id)
    context.usage.note("login")
    base, org15 = f"{called.request.base_url}/services/Soap", to15(context.org.org_id)
    result = [
        element("metadataServerUrl", f"{base}/m/{number}.0/{org15}"),
        element("passwordExpired", value=False),
        element("sandbox", value=bool(_organization(context).get("IsSandbox"))),
        element("serverUrl", f"{base}/{called.request.parts['api'].lower()}/{number}.0/{org15}"),
        element("sessionId", session.token),
        element("userId", user_id),
        f"<userInfo>{_user_info(context, user_id)}</userInfo>",
    ]
    return f"<loginResponse><result>{''.join(result)}</result></loginResponse>"


def _check_login_served(context: Context, number: int) -> None:
    # Texts seen by clients.
    if number > _LAST_WITH_LOGIN:
        message = (
            f"The SOAP Login operation is not available in the API version specified ({number}.0). "
            "Refer to the documentation for supported versions."
        )
        raise SoapFault("INVALID_OPERATION", message)
    if not context.settings.soap_login:
        message = (
            "SOAP API login() is disabled by default in this org. "
            "Contact the org administrator to enable SOAP API login()."
        )
        raise SoapFault("INVALID_OPERATION", message)


def _logout(called: _Call) -> str:
    called.context.sessions.end(_session(called).token)
    return "<logoutResponse/>"


def _get_user_info(called: _Call) -> str:
    user_info = _user_info(called.context, _session(called).user_id)
    return f"<getUserInfoResponse><result>{user_info}</result></getUserInfoResponse>"


def _get_server_timestamp(called: _Call) -> str:
    _session(called)
    stamp = element("timestamp", stamp_text(called.context.org.clock.now()))
    return f"<getServerTimestampResponse><result>{stamp}</result></getServerTimestampResponse>"


_CALLS: Mapping[str, Callable[[_Call], str]] = {
    "login": _login,
    "logout": _logout,
    "getUserInfo": _get_user_info,
    "getServerTimestamp": _get_server_timestamp,
}


def _user_info(context: Context, user_id: str) -> str:
    user, organization = context.org.get("User", user_id) or {}, _organization(context)
    values = {
        "accessibilityMode": False,
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 5_242_880,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": context.org.org_id,
        "organizationMultiCurrency": False,
        "organizationName": organization.get("Name"),
        "profileId": user.get("ProfileId"),
        "roleId": user.get("UserRoleId"),
        "sessionSecondsValid": int(context.sessions.lifetime.total_seconds()),
        "userDefaultCurrencyIsoCode": None,
        "userEmail": user.get("Email"),
        "userFullName": user.get("Name"),
        "userId": user_id,
        "userLanguage": user.get("LanguageLocaleKey"),
        "userLocale": user.get("LocaleSidKey"),
        "userName": user.get("Username"),
        "userTimeZone": user.get("TimeZoneSidKey"),
        "userType": user.get("UserType"),
        "userUiSkin": "Theme3",
    }
    return "".join(element(name, value) for name, value in values.items())


def _organization(context: Context) -> dict[str, Any]:
    return context.org.get("Organization", context.org.org_id) or {}


def _session(called: _Call) -> Session:
    """The session of the call's SessionHeader."""
    header = called.envelope.child("Header") or Element("Header")
    given = (header.child("SessionHeader") or Element("SessionHeader")).child_text("sessionId")
    session = called.context.sessions.use(given)
    if session is None:
        raise SoapFault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    return session


def _version(text: str) -> int:
    found = re.fullmatch(r"(\d{1,3})\.0", text, re.ASCII)
    number = int(found[1]) if found else 0
    if not _OLDEST <= number <= LAST_VERSION:
        raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    return number


def _envelope(data: bytes) -> Element:
    try:
        root = read_markup(data)
    except MalformedMarkup as error:
        raise SoapFault("soapenv:Client", str(error), kind=None) from None
    if (root.name, root.namespace) != ("Envelope", _ENVELOPE):
        raise SoapFault("soapenv:VersionMismatch", "The message is no SOAP 1.1 envelope", kind=None)
    return root


def login_fault(words: Words) -> Reply:
    """The fault of a login that is refused."""
    return _fault_reply(SoapFault(words.code, words.message, kind="LoginFault"), _FLAVOUR["u"])


def _fault_reply(fault: SoapFault, flavour: str) -> Reply:
    if fault.kind is None:
        told = element("faultcode", fault.code) + element("faultstring", fault.message)
        return _reply(500, f"<soapenv:Fault>{told}</soapenv:Fault>", "")
    # A login's fault code was recorded bare; those of other calls are qualified (seen by clients).
    code = fault.code if fault.kind == "LoginFault" else f"sf:{fault.code}"
    exception = element("sf:exceptionCode", fault.code) + element("sf:exceptionMessage", fault.message)
    detail = f'<sf:{fault.kind} xsi:type="sf:{fault.kind}">{exception}</sf:{fault.kind}>'
    told = element("faultcode", code) + element("faultstring", f"{fault.code}: {fault.message}")
    content = f"<soapenv:Fault>{told}<detail>{detail}</detail></soapenv:Fault>"
    return _reply(500, content, f'xmlns:sf="urn:fault.{flavour}.soap.sforce.com"')


def _reply(status: int, content: str, spaces: str) -> Reply:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" {spaces} '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{content}</soapenv:Body>'
        "</soapenv:Envelope>"
    )
    return Reply(status=status, raw=text.encode(), headers={"Content-Type": "text/xml;charset=UTF-8"})
