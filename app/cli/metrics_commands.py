"""The commands `baton metrics …` and their options."""

# ruff: noqa: PLC0415 - imports inside a command keep the others fast

from typing import Annotated

import typer

metrics_app = typer.Typer(help="Renewal rates, retention and cohorts, as the API tells them.", no_args_is_help=True)

From = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day; a year back unless given.")]
To = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day; that of --as-of unless given.")]
AsOf = Annotated[str | None, typer.Option(metavar="DAY", help="What was signed later is not seen; today unless given.")]
KnownAt = Annotated[
    str | None, typer.Option(metavar="INSTANT", help="As it was known then, such as 2026-07-01T12:00Z.")
]
Bucket = Annotated[str | None, typer.Option(help="How long a period is: month, quarter or year (fiscal).")]
Group = Annotated[
    str | None,
    typer.Option(help="csm, segment, region or industry of the customer; ae, product or currency of the term."),
]
Currency = Annotated[str | None, typer.Option(metavar="CODE", help="Converted into this currency.")]
Grace = Annotated[int, typer.Option(min=0, max=90, help="Days that a term without a renewal is called pending.")]
Escalators = Annotated[bool, typer.Option("--exclude-escalators", help="Leave out rises that contracts foresee.")]
Org = Annotated[str | None, typer.Option(metavar="NAME", help="Only this org, by its name in baton.toml, or its id.")]
Form = Annotated[str, typer.Option("--format", help="table, json or csv.")]


@metrics_app.command("renewals")
def metrics_renewals(  # noqa: PLR0913 - each part of the question is an option
    *,
    since: From = None,
    to: To = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    bucket: Bucket = None,
    group_by: Group = None,
    currency: Currency = None,
    grace_days: Grace = 30,
    org: Org = None,
    form: Form = "table",
) -> int:
    """Of what was up for renewal in each period, how much was renewed, and how soon."""
    from app.cli.metrics import Asked, show_renewals

    asked = Asked(since=since, to=to, as_of=as_of, known_at=known_at, bucket=bucket, group_by=group_by,
                  currency=currency, grace_days=grace_days, org=org)  # fmt: skip
    return show_renewals(asked, form=form)


@metrics_app.command("rows")
def metrics_rows(
    *,
    since: From = None,
    to: To = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    currency: Currency = None,
    grace_days: Grace = 30,
    org: Org = None,
    form: Form = "table",
) -> int:
    """Every term that is due between two days, with how it ended: what the rates are made of."""
    from app.cli.metrics import Asked, show_terms

    asked = Asked(since=since, to=to, as_of=as_of, known_at=known_at, currency=currency, grace_days=grace_days, org=org)
    return show_terms(asked, form=form)


@metrics_app.command("retention")
def metrics_retention(  # noqa: PLR0913 - see above
    *,
    since: From = None,
    to: To = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    bucket: Bucket = None,
    group_by: Group = None,
    currency: Currency = None,
    exclude_escalators: Escalators = False,
    org: Org = None,
    form: Form = "table",
) -> int:
    """What became of the whole base: GRR, NRR, and the bridge from start to end."""
    from app.cli.metrics import Asked, show_retention

    asked = Asked(since=since, to=to, as_of=as_of, known_at=known_at, bucket=bucket, group_by=group_by,
                  currency=currency, exclude_escalators=exclude_escalators, org=org)  # fmt: skip
    return show_retention(asked, form=form)


@metrics_app.command("cohorts")
def metrics_cohorts(  # noqa: PLR0913 - see above
    *,
    since: From = None,
    to: To = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    bucket: Bucket = None,
    group_by: Group = None,
    currency: Currency = None,
    org: Org = None,
    form: Form = "table",
) -> int:
    """What became of the customers that came in each period, so many months after each of them came."""
    from app.cli.metrics import Asked, show_cohorts

    asked = Asked(since=since, to=to, as_of=as_of, known_at=known_at, bucket=bucket, group_by=group_by,
                  currency=currency, org=org)  # fmt: skip
    return show_cohorts(asked, form=form)


@metrics_app.command("explain")
def metrics_explain(
    term_id: Annotated[str, typer.Argument(metavar="TERM", help="Id of the term: of its contract, else of its deal.")],
    *,
    org: Org = None,
) -> int:
    """Why a term is due then, what it is worth, what it continues, and how it ended."""
    from app.cli.metrics import show_explanation

    return show_explanation(term_id, org=org)
