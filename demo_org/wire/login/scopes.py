"""What an app may be allowed to do, in OAuth's words."""

#: what the app of the demo org may ask for (a part of the names in …/.well-known/openid-configuration)
KNOWN = (
    "address", "api", "chatter_api", "content", "custom_permissions", "email", "full", "id", "lightning",
    "offline_access", "openid", "phone", "profile", "refresh_token", "visualforce", "wave_api", "web",
)  # fmt: skip
#: what logins of machines get, which never ask
MACHINE_SCOPE = "api id web"
#: what users get who do not ask for less
USER_SCOPE = "api id refresh_token web"


def granted(asked: str) -> str | None:
    """The scope of a login that asked for this one, nothing meaning the usual; None if a part of it is unknown."""
    parts = asked.split()
    if not parts:
        return USER_SCOPE
    return " ".join(dict.fromkeys(parts)) if set(parts) <= set(KNOWN) else None


def may_refresh(scope: str) -> bool:
    """Whether a login with this scope gets a refresh token (Help, "OAuth Tokens and Scopes")."""
    return not {"refresh_token", "offline_access"}.isdisjoint(scope.split())
