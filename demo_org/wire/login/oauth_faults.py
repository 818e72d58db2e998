"""How the login refuses: status 400 with an object, unlike the arrays of everything else."""

from urllib.parse import quote

from demo_org.wire.message import Reply

NOT_CACHED = {"Cache-Control": "no-cache, no-store"}


class OAuthFault(Exception):  # "fault" is the word for a refusal of the org
    """A refused login: OAuth's error code and Salesforce's description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    def reply(self) -> Reply:
        """The answer to the client."""
        content = {"error": self.error, "error_description": self.description}
        return Reply(status=400, content=content, headers=NOT_CACHED)

    def form(self) -> str:
        """The refusal as a form, which is how it travels in an address."""
        return f"error={quote(self.error)}&error_description={quote(self.description)}"

    def form_reply(self) -> Reply:
        """The answer of endpoints made for browsers: a form without a content type, as seen by clients."""
        return Reply(status=400, raw=self.form().encode(), headers=NOT_CACHED)


def bad_secret() -> OAuthFault:
    """The app is known, its secret is another."""
    return OAuthFault("invalid_client", "invalid client credentials")


def spent_token() -> OAuthFault:
    """A refresh token that is not good, or not any more."""
    return OAuthFault("invalid_grant", "expired access/refresh token")
