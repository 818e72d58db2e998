"""Judging everybody: a new scope, a new day or another meaning of a stage moves deals that have not changed."""

from sqlalchemy import text

from sync.errors import FieldHidden, ScopeInvalid
from sync.extract.parts import QueryPart, drain
from sync.run.context import Context
from sync.run.scope_in_force import ScopeInForce
from sync.run.window import MANY_DEALS
from sync.salesforce.soql import PAGE_SIZE, select
from sync.scope.catalog import ROOT
from sync.scope.document import unusable


def read_newcomers(ctx: Context, scope: ScopeInForce) -> bool:
    """Read the opportunities on whose membership org and store disagree.

    Returns:
        Whether they are too many to be asked for one by one, so that all deals must be read whole instead.
    """
    ctx.progress("membership", None, 0)
    meant = _meant_by_the_org(ctx, scope)
    held = set(
        ctx.session.execute(
            text("SELECT opportunity_id FROM ops.scope_member WHERE org_id = :org_id AND state = 'in'"),
            {"org_id": ctx.org_id},
        ).scalars()
    )
    # With a new scope, or when stages and the like have changed, those that leave are looked at too: what the mirror
    # says of them may be old. On a new day they leave by their close date, which the windows keep as new as all else.
    wanted = meant ^ held if _is_everybody_asked_for(ctx, scope) else meant - held
    if len(wanted) > MANY_DEALS:
        return True
    ctx.fetch({ROOT: sorted(wanted)})
    return False


def _is_everybody_asked_for(ctx: Context, scope: ScopeInForce) -> bool:
    return scope.before is not None or bool(ctx.metadata_changed)


def check_scope(ctx: Context, scope: ScopeInForce) -> None:
    """Refuse to let anybody in or out by a scope that names what is not there any more.

    Raises:
        ScopeInvalid: a stage that counts as won was renamed or deleted in Salesforce.
    """
    if not scope.scope.stages:
        return
    held = list(
        ctx.session.execute(
            text(
                "SELECT coalesce(apiname, masterlabel) FROM closure.opportunitystage WHERE org_id = :org_id ORDER BY 1"
            ),
            {"org_id": ctx.org_id},
        ).scalars()
    )
    problems = unusable(scope.scope, fields=frozenset(ctx.selections[ROOT].names), stages=held)
    if held and problems:
        raise ScopeInvalid(problems=problems)


def check_fields(scope: ScopeInForce, names: frozenset[str]) -> None:
    """Refuse to begin where a field is hidden without which nobody can tell who belongs to us.

    Raises:
        FieldHidden: one of the fields that the scope looks at.
    """
    hidden = sorted(scope.scope.fields() - names)
    if hidden:
        raise FieldHidden(object_name=ROOT, field_name=hidden[0])


def _meant_by_the_org(ctx: Context, scope: ScopeInForce) -> set[str]:
    drafts = scope.now.drafts_soql()
    condition = scope.now.soql() if _is_everybody_asked_for(ctx, scope) or drafts is None else drafts
    part = QueryPart(
        ROOT,
        lambda after_id: select(["Id"], ROOT, where=[condition], after_id=after_id, ordered=True, limit=PAGE_SIZE),
    )
    drain(ctx.client, [part])
    if part.error is not None:
        raise part.error
    return {record["Id"] for record in part.records}
