"""The HTTP application, wired: the store, the routes, their problems, and documentation that needs no internet."""

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app import problems
from app.api import (
    briefs,
    changes,
    contacts,
    customer_health,
    customers,
    deals,
    erasing,
    gaps,
    handoff_figures,
    handoffs,
    health,
    mapping,
    metrics,
    renewals,
    runs,
    satisfaction,
    searching,
    signing_in,
    surveys,
    sync_figures,
    sync_status,
    timeline,
)
from app.api.mapping import MappingDesk
from app.description import complete
from app.headers import ResponseHeaders
from app.limiting import Limiter
from app.people.provider import IdentityProvider
from app.settings import HttpSettings
from app.tagging import ContentTags
from models.session import Store

_DESCRIPTION = """Won deals for customer success, as fresh as the sync.

Send an API key (`Authorization: Bearer baton_...`). Lists are paged: pass `next_cursor` as `cursor` until it is null.
Every answer says how fresh it is (`as_of`, `lag_seconds`). Errors are RFC 9457 problems that say what to do next."""

_RESOURCES = (
    *(deals, briefs, gaps, handoffs, customers, timeline, contacts, searching, changes, erasing),
    *(surveys, renewals, metrics, handoff_figures, satisfaction, customer_health, sync_figures),
    *(mapping, sync_status, runs, signing_in, health),
)


def create_app(
    store: Store,
    settings: HttpSettings,
    *,
    mapping_desk: MappingDesk | None = None,
    identity_provider: IdentityProvider | None = None,
) -> FastAPI:
    """Build the application over a store; nothing is opened until the first request.

    Mappings are shown and chosen only where a desk for them is given, and people sign in only by a provider.
    """
    app: FastAPI = FastAPIOffline(title="Baton", version="1", description=_DESCRIPTION, redoc_url=None)
    app.state.store = store
    app.state.settings = settings
    app.state.mapping_desk = mapping_desk
    app.state.identity_provider = identity_provider
    app.state.limiter = Limiter(requests_per_minute=settings.requests_per_minute)
    problems.install(app)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    complete(app)
    app.add_middleware(ContentTags)
    app.add_middleware(ResponseHeaders)
    return app
