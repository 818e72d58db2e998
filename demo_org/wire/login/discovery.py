"""What the org tells anybody about its logins (…/.well-known/…)."""

from typing import Any

from demo_org.ids import to15
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_ANYBODY = {"Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Origin": "*"}
_SCOPES = (
    "cdp_ingest_api", "custom_permissions", "cdp_segment_api", "content", "cdp_api", "chatbot_api",
    "cdp_identityresolution_api", "interaction_api", "wave_api", "web", "cdp_calculated_insight_api",
    "einstein_gpt_api", "offline_access", "id", "api", "eclair_api", "email", "pardot_api", "lightning",
    "visualforce", "cdp_query_api", "sfap_api", "address", "openid", "profile", "cdp_profile_api", "refresh_token",
    "phone", "user_registration_api", "pwdless_login_api", "chatter_api", "full", "forgot_password",
)  # fmt: skip
_CLAIMS = (
    "active", "address", "email", "email_verified", "family_name", "given_name", "is_app_installed", "language",
    "locale", "name", "nickname", "organization_id", "phone_number", "phone_number_verified", "photos", "picture",
    "preferred_username", "profile", "sub", "updated_at", "urls", "user_id", "user_type", "zoneinfo",
)  # fmt: skip


def openid_configuration(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Where the endpoints of OpenID Connect are and what they can do.

    All addresses Salesforce lists are listed; the demo org does not answer registration and logout.
    """
    base, oauth = request.base_url, f"{request.base_url}/services/oauth2"
    content = {
        "end_session_endpoint": f"{base}/services/auth/idp/oidc/logout",
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": False,
        "issuer": base,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "revocation_endpoint": f"{oauth}/revoke",
        "userinfo_endpoint": f"{oauth}/userinfo",
        "jwks_uri": f"{base}/id/keys",
        "registration_endpoint": f"{oauth}/register",
        "introspection_endpoint": f"{oauth}/introspect",
        "scopes_supported": _SCOPES,
        "response_types_supported": ["code", "token", "token id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "display_values_supported": ["page", "popup", "touch"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "claims_supported": _CLAIMS,
    }
    return Reply(content=content, headers=_ANYBODY)


def auth_configuration(context: Context, request: Request) -> Reply:
    """How users log in here; the apps of Salesforce's Mobile SDK ask."""
    content: dict[str, Any] = {
        "OrgId": to15(context.org.org_id),
        "Url": request.base_url,
        "MobileSDK": {
            "UseiOSNativeBrowserForAuthentication": False,
            "UseAndroidNativeBrowserForAuthentication": False,
            "shareBrowserSessionIOS": False,
            "shareBrowserSessionAndroid": False,
        },
        "LoginPage": None,
        "SamlProviders": [],
        "AuthProviders": [],
        "CertificateLogin": None,
        "LoginPageType": "standard",
        "LoginPageTypeConfigs": {},
    }
    return Reply(content=content, headers={**_ANYBODY, "Access-Control-Allow-Methods": "GET"})
