"""How the login refuses: status 400 with an object, unlike the arrays of everything else."""

from demo_org.wire.message import Reply


class OAuthFault(Exception):  # "fault" is the word for a refusal of the org
    """A refused login: OAuth's error code and Salesforce's description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    def reply(self) -> Reply:
        """The answer to the client."""
        content = {"error": self.error, "error_description": self.description}
        return Reply(status=400, content=content, headers={"Cache-Control": "no-cache, no-store"})
