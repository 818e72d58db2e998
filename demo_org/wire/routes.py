"""Which resource answers which path."""

from demo_org.wire import (
    authorize,
    bulk,
    composite,
    control_plane,
    describe,
    discovery,
    graph,
    identity,
    limits,
    oauth,
    query,
    record_lists,
    records,
    related,
    replication,
    soap,
    tree,
    versions,
)
from demo_org.wire.router import Route, route

#: a record, or a record with a file
_RECORDS = ("application/json", "multipart/form-data")

#: below /services/data/vXX.0/, with a session, each an API call
API: tuple[Route, ...] = (
    route("", "resources", GET=versions.resources),
    route("limits", "limits", GET=limits.limits),
    route("limits/recordCount", "limits", GET=limits.record_count),
    route("query", "query", GET=query.query),
    route("queryAll", "query", GET=query.query_all),
    route("query(?:All)?/{locator}", "query", GET=query.more),
    route("composite", "composite", GET=composite.resources, POST=composite.composite),
    route("composite/batch", "batch", POST=composite.batch),
    route("composite/graph", "composite", POST=graph.graph),
    route("composite/tree/{object}", "composite", POST=tree.create),
    route(
        "composite/sobjects",
        "collections",
        POST=record_lists.create,
        PATCH=record_lists.update,
        DELETE=record_lists.delete,
    ),
    route("composite/sobjects/{object}", "collections", GET=record_lists.retrieve, POST=record_lists.retrieve),
    route("composite/sobjects/{object}/{field}", "collections", PATCH=record_lists.upsert),
    route("jobs/query", "bulk", GET=bulk.jobs, POST=bulk.create),
    route("jobs/query/{job}", "bulk", GET=bulk.get, PATCH=bulk.abort, DELETE=bulk.delete),
    route("jobs/query/{job}/results", "bulk", GET=bulk.results),
    route("jobs/query/{job}/resultPages", "bulk", GET=bulk.result_pages),
    route("sobjects", "describe", GET=describe.objects),
    route("sobjects/{object}", "records", takes=_RECORDS, GET=describe.basic, POST=records.create),
    route("sobjects/{object}/describe", "describe", GET=describe.describe),
    route("sobjects/{object}/updated", "replication", GET=replication.updated),
    route("sobjects/{object}/deleted", "replication", GET=replication.deleted),
    route(
        "sobjects/{object}/{id}",
        "records",
        takes=_RECORDS,
        GET=records.get,
        POST=records.create_by_field,
        PATCH=records.update,
        DELETE=records.delete,
    ),
    # An external id and its value, or a record and the relationships to follow from it.
    route(
        "sobjects/{object}/{field}/(?P<value>.+)",
        "records",
        GET=related.get,
        PATCH=related.update,
        DELETE=related.delete,
    ),
)

#: without a session of the API
OPEN: tuple[Route, ...] = (
    route("/services/data", "versions", GET=versions.versions),
    route(
        "/services/oauth2/token",
        "login",
        GET=oauth.token,
        POST=oauth.token,
        PUT=oauth.token,
        PATCH=oauth.token,
        DELETE=oauth.token,
    ),
    route("/services/oauth2/authorize", "login", GET=authorize.authorize, POST=authorize.authorize),
    route("/services/oauth2/revoke", "login", GET=oauth.revoke, POST=oauth.revoke),
    route("/services/oauth2/introspect", "login", POST=oauth.introspect),
    route("/services/oauth2/userinfo", "login", GET=identity.userinfo, POST=identity.userinfo),
    route("/services/Soap/(?P<api>[uc])/{version}(?:/.*)?", "login", POST=soap.call),
    route("/.well-known/openid-configuration", "login", GET=discovery.openid_configuration),
    route("/.well-known/auth-configuration", "login", GET=discovery.auth_configuration),
    route("/id/{org}/{user}", "login", GET=identity.identity, POST=identity.identity),
)

#: the control plane, on this machine only
CONTROL: tuple[Route, ...] = (
    route("/demo/clock", "demo", GET=control_plane.clock, POST=control_plane.clock),
    route("/demo/transactions", "demo", GET=control_plane.transactions, POST=control_plane.begin),
    route("/demo/transactions/{transaction}", "demo", POST=control_plane.write),
    route("/demo/transactions/{transaction}/commit", "demo", POST=control_plane.commit),
    route("/demo/transactions/{transaction}/rollback", "demo", POST=control_plane.rollback),
    route("/demo/records/{object}/{id}/hard_delete", "demo", POST=control_plane.hard_delete),
    route("/demo/records/{object}/{id}/undelete", "demo", POST=control_plane.undelete),
    route("/demo/records/{object}/{id}/merge", "demo", POST=control_plane.merge),
    route("/demo/purge", "demo", POST=control_plane.purge),
    route("/demo/deleted_log/trim", "demo", POST=control_plane.trim_log),
    route("/demo/calls", "demo", GET=control_plane.calls),
    route("/demo/calls/reset", "demo", POST=control_plane.reset_calls),
    route("/demo/truth/{object}", "demo", GET=control_plane.truth),
    route("/demo/fields", "demo", POST=control_plane.fields),
    route("/demo/objects/{object}", "demo", POST=control_plane.switch_object),
    route("/demo/sessions/kill", "demo", POST=control_plane.kill_sessions),
    route("/demo/logins", "demo", GET=control_plane.logins, POST=control_plane.logins),
    route(
        "/demo/faults",
        "demo",
        GET=control_plane.list_faults,
        POST=control_plane.set_faults,
        DELETE=control_plane.clear_faults,
    ),
)
