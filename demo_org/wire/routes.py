"""Which resource answers which path."""

from demo_org.wire import limits, replication, streaming, versions, welcome
from demo_org.wire.bulk import ingest
from demo_org.wire.bulk import query as bulk
from demo_org.wire.composite import composite, graph, tree
from demo_org.wire.login import authorize, discovery, id_tokens, identity, oauth, soap
from demo_org.wire.metadata import describe, event_schema, event_setup, layouts, list_views, tooling
from demo_org.wire.query import query, search
from demo_org.wire.records import lists as record_lists
from demo_org.wire.records import records, related
from demo_org.wire.router import Route, route

#: a record or a job, or one with a file
_RECORDS = ("application/json", "multipart/form-data")

#: below /services/data/vXX.0/, with a session, each an API call
API: tuple[Route, ...] = (
    route("", "resources", GET=versions.resources),
    route("limits", "limits", GET=limits.limits),
    route("limits/recordCount", "limits", GET=limits.record_count),
    route("connect/communities", "resources", GET=versions.communities),
    route("recent", "records", GET=search.recently_viewed),
    route("search", "search", GET=search.search),
    route("parameterizedSearch", "search", GET=search.parameterized, POST=search.parameterized),
    route("tooling", "resources", GET=tooling.resources),
    route("tooling/query", "query", GET=tooling.run_query),
    route("tooling/query/{locator}", "query", GET=tooling.more),
    route("tooling/sobjects", "describe", GET=tooling.objects),
    route("tooling/sobjects/{object}", "describe", GET=tooling.basic, POST=event_setup.create),
    route("tooling/sobjects/{object}/describe", "describe", GET=tooling.describe_object),
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
        takes=_RECORDS,
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
    route("jobs/ingest", "bulk", takes=_RECORDS, GET=ingest.jobs, POST=ingest.create),
    route("jobs/ingest/{job}", "bulk", GET=ingest.get, PATCH=ingest.change, DELETE=ingest.delete),
    route("jobs/ingest/{job}/batches", "bulk", takes=("text/csv",), PUT=ingest.upload),
    route("jobs/ingest/{job}/(?P<kind>successfulResults|failedResults|unprocessedrecords)", "bulk", GET=ingest.results),
    route("sobjects", "describe", GET=describe.objects),
    route("sobjects/{object}", "records", takes=_RECORDS, GET=describe.basic, POST=records.create),
    route("sobjects/{object}/describe", "describe", GET=describe.describe),
    route("sobjects/{object}/describe/layouts", "describe", GET=layouts.layouts),
    route("sobjects/{object}/describe/layouts/{type}", "describe", GET=layouts.layout),
    route("sobjects/{object}/describe/compactLayouts", "describe", GET=layouts.compact_layouts),
    route("sobjects/{object}/describe/compactLayouts/{type}", "describe", GET=layouts.compact_layout),
    route("sobjects/{object}/describe/approvalLayouts", "describe", GET=layouts.approval_layouts),
    route("sobjects/{object}/quickActions", "describe", GET=layouts.quick_actions),
    route("sobjects/{object}/listviews", "describe", GET=list_views.listing),
    route("sobjects/{object}/listviews/{view}", "describe", GET=list_views.get),
    route("sobjects/{object}/listviews/{view}/describe", "describe", GET=list_views.describe),
    route("sobjects/{object}/listviews/{view}/results", "query", GET=list_views.results),
    route("sobjects/{object}/eventSchema", "describe", GET=event_schema.by_name),
    route("event/eventSchema/{schema}", "describe", GET=event_schema.by_id),
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
    route("/", "welcome", GET=welcome.welcome),
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
    route("/cometd/(?:replay/)?(?P<version>[\\d.]+)(?:/.*)?", "streaming", POST=streaming.answer),
    route("/.well-known/openid-configuration", "login", GET=discovery.openid_configuration),
    route("/.well-known/auth-configuration", "login", GET=discovery.auth_configuration),
    route("/id/keys", "login", GET=id_tokens.keys),
    route("/id/{org}/{user}", "login", GET=identity.identity, POST=identity.identity),
)
