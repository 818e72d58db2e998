import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from wire_client import client_of, recorded

from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.wire.context import open_context
from demo_org.wire.settings import WireSettings


def refusal(answer):
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def refresh(client, token, **form):
    return client.grant("refresh_token", refresh_token=token, **form)


def status(client, token):
    return client.get("limits", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_refresh_token_renews_the_session_and_stays_good():
    """Without rotation the same refresh token works again and again, and old sessions live on."""
    with client_of() as client:
        first, second = (refresh(client, client.credentials.refresh_token).json() for _ in range(2))

        assert "refresh_token" not in second
        assert [status(client, each["access_token"]) for each in (first, second)] == [200, 200]
        assert recorded("rest/restforce/refresh_error_response.json") == refresh(client, "unknown").json()


def test_a_refresh_needs_the_secret_only_where_the_app_says_so():
    """A wrong secret is always refused."""
    with client_of(secret_for_refresh=True) as client:
        token, secret = client.credentials.refresh_token, client.credentials.client_secret

        assert refusal(refresh(client, token)) == (400, "invalid_client", "invalid client credentials")
        assert refusal(refresh(client, token, client_secret="x"))[1] == "invalid_client"
        assert refresh(client, token, client_secret=secret).status_code == 200


def test_rotation_ends_the_old_refresh_token_and_the_session_it_gave():
    """A client must keep the new token before it uses the new session."""
    with client_of(rotate_refresh_tokens=True) as client:
        first = refresh(client, client.credentials.refresh_token).json()
        second = refresh(client, first["refresh_token"]).json()

        assert second["refresh_token"] not in {first["refresh_token"], client.credentials.refresh_token}
        assert [status(client, each["access_token"]) for each in (first, second)] == [401, 200]


def test_a_spent_refresh_token_that_comes_back_ends_the_whole_family():
    """Somebody has a copy: neither the thief nor the client goes on until the user approves anew."""
    with client_of(rotate_refresh_tokens=True) as client:
        first = refresh(client, client.credentials.refresh_token).json()
        second = refresh(client, first["refresh_token"]).json()
        stolen = refresh(client, first["refresh_token"])
        after = refresh(client, second["refresh_token"])

        assert refusal(stolen) == refusal(after) == (400, "invalid_grant", "expired access/refresh token")
        assert status(client, second["access_token"]) == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_revoking_a_refresh_token_ends_its_sessions_too(method):
    """Logging out by either method leaves nothing behind."""
    with client_of() as client:
        token = client.credentials.refresh_token
        session = refresh(client, token).json()["access_token"]
        where = {"params": {"token": token}} if method == "GET" else {"data": {"token": token}}
        revoked = client.request(method, "/services/oauth2/revoke", **where)

        assert (revoked.status_code, revoked.content) == (200, b"")
        assert status(client, session) == 401
        assert refresh(client, token).status_code == 400


def test_revoking_what_is_no_token_is_refused_as_a_form_or_as_json():
    """Jsforce reads the refusal as a form; who asks for JSON gets JSON."""
    with client_of() as client:
        form = client.post("/services/oauth2/revoke", data={"token": "x y"}, headers={"Accept": "*/*"})
        asked = client.post("/services/oauth2/revoke", data={"token": "x"}, headers={"Accept": "application/json"})
        nothing = client.get("/services/oauth2/revoke", headers={"Accept": "*/*"})

        assert (form.status_code, form.text) == (
            400,
            "error=invalid_token&error_description=invalid%20token%3A%20x%20y",
        )
        assert "Content-Type" not in form.headers
        assert refusal(asked) == (400, "invalid_token", "invalid token: x")
        assert (
            nothing.text == "error=unsupported_token_type&error_description=this%20token%20type%20is%20not%20supported"
        )


def test_introspection_knows_refresh_tokens_and_wants_to_know_who_asks():
    """A stranger learns nothing about a token; a refresh token tells no expiry."""
    with client_of() as client:
        known = {"client_id": client.credentials.client_id, "client_secret": client.credentials.client_secret}
        form = {"token": client.credentials.refresh_token}
        told = client.post("/services/oauth2/introspect", data=form | known).json()
        stranger = client.post("/services/oauth2/introspect", data=form | known | {"client_secret": "x"})
        basic = httpx.post(
            f"{client.served.url}/services/oauth2/introspect", data=form, auth=tuple(known.values())
        ).json()

        assert (told["active"], told["token_type"], "exp" in told) == (True, "refresh_token", False)
        assert basic == told
        assert refusal(stranger)[1] == "invalid_client"


class Family(RuleBasedStateMachine):
    """Refreshes, thefts and revocations in any order, beside a list of what must be good."""

    tokens = Bundle("tokens")

    @initialize(target=tokens, rotate=st.booleans())
    def begin(self, rotate):
        """An org with one approval, with or without rotation."""
        self.org = Org.open(clock=Clock())
        self.context = open_context(self.org, WireSettings(approvals=3, threads=1), dispatch=lambda *_: None)
        self.approvals = self.context.approvals
        self.rotate = rotate
        self.good: list[str] = []  # oldest approval first
        self.family: dict[str, int] = {}  # every token ever seen, to its approval
        self.sessions: dict[str, int] = {}  # sessions that must be open, to their approval
        return self._remember(self.approvals.find(self.context.settings.credentials.refresh_token))

    @rule(target=tokens)
    def approve(self):
        """The user approves the app once more; the fourth ends the first."""
        user = self.org.users.integration
        client_id = self.context.settings.credentials.client_id
        approval = self.approvals.give(user, client_id=client_id, scope="api refresh_token")
        token = self._remember(approval)
        for oldest in self.good[:-3]:
            self._forget(self.family[oldest])
        return token

    @rule(target=tokens, token=tokens)
    def renew(self, token):
        """Any token ever seen is used: a good one renews, a spent one ends its family."""
        renewed = self.approvals.renew(token, rotate=self.rotate)
        number = self.family[token]
        if token not in self.good:
            assert renewed is None
            if any(self.family[each] == number for each in self.good):
                self._forget(number)
            return token
        session, successor = renewed
        if not self.rotate:
            assert successor is None
            self.sessions[session.token] = number
            return token
        self.sessions = {each: owner for each, owner in self.sessions.items() if owner != number}
        self.sessions[session.token] = number
        self.good[self.good.index(token)] = successor
        self.family[successor] = number
        return successor

    @rule(token=tokens)
    def revoke(self, token):
        """Only a good token can be revoked."""
        assert self.approvals.revoke(token) == (token in self.good)
        if token in self.good:
            self._forget(self.family[token])

    @invariant()
    def exactly_the_good_are_good(self):
        """The org and the list agree about every token and every session."""
        if not hasattr(self, "good"):
            return
        assert {token for token in self.family if self.approvals.find(token)} == set(self.good)
        assert all(self.context.sessions.peek(token) for token in self.sessions)
        assert len(self.context.sessions._open) == len(self.sessions)

    def teardown(self):
        """Close the org."""
        if hasattr(self, "context"):
            self.context.close()
            self.org.close()

    def _remember(self, approval):
        self.good.append(approval.refresh_token)
        self.family[approval.refresh_token] = approval.number
        return approval.refresh_token

    def _forget(self, number):
        self.good = [each for each in self.good if self.family[each] != number]
        self.sessions = {each: owner for each, owner in self.sessions.items() if owner != number}


def test_refresh_tokens_are_good_exactly_as_long_as_they_should_be():
    """Whatever the order of refreshes, thefts, approvals and revocations: a good token works, a spent one never."""
    run_state_machine_as_test(Family, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))
