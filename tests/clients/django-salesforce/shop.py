"""A Django program whose models lie in Salesforce: it reads, relates, counts, creates, changes and deletes."""

import json
import os
import sys
from decimal import Decimal

import django
from django.conf import settings

ORG = json.loads(os.environ["DEMO_ORG"])
settings.configure(
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        "salesforce": {
            "ENGINE": "salesforce.backend",
            "CONSUMER_KEY": ORG["client_id"],
            "CONSUMER_SECRET": ORG["client_secret"],
            "USER": ORG["username"],
            "PASSWORD": ORG["password"] + ORG["security_token"],
            "HOST": ORG["https_url"],
        },
    },
    DATABASE_ROUTERS=["salesforce.router.ModelRouter"],
    INSTALLED_APPS=["salesforce"],
    SALESFORCE_API_VERSION="64.0",
    USE_TZ=True,
)
django.setup()

from django.db.models import Count, Max, Q, Sum  # noqa: E402 - Django wants its settings first
from salesforce import models  # noqa: E402 - see above
from salesforce.dbapi.exceptions import SalesforceError  # noqa: E402 - see above


class Account(models.SalesforceModel):
    """A company."""

    name = models.CharField(max_length=255)
    industry = models.CharField(max_length=40, null=True)
    employees = models.IntegerField(db_column="NumberOfEmployees", null=True)

    class Meta:
        """Where it lies."""

        app_label = "shop"
        db_table = "Account"


class Contact(models.SalesforceModel):
    """A person of a company."""

    account = models.ForeignKey(Account, models.DO_NOTHING, null=True)
    last_name = models.CharField(max_length=80)
    name = models.CharField(max_length=121, sf_read_only=models.READ_ONLY)
    birthdate = models.DateField(null=True)

    class Meta:
        """Where it lies."""

        app_label = "shop"
        db_table = "Contact"


class Opportunity(models.SalesforceModel):
    """A chance to sell something to a company."""

    account = models.ForeignKey(Account, models.DO_NOTHING, null=True)
    name = models.CharField(max_length=120)
    stage_name = models.CharField(max_length=255, default="Prospecting")
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    close_date = models.DateField()
    is_won = models.BooleanField(sf_read_only=models.READ_ONLY, default=False)
    created_date = models.DateTimeField(sf_read_only=models.READ_ONLY, null=True)

    class Meta:
        """Where it lies."""

        app_label = "shop"
        db_table = "Opportunity"


def reading() -> dict[str, object]:
    """Every deal with its account in one query, filters, aggregates, children."""
    deals = Opportunity.objects.select_related("account").order_by("pk")
    won = Opportunity.objects.filter(Q(is_won=True), amount__gt=Decimal(50_000)).exclude(account=None)
    account = won.order_by("-amount")[0].account
    stages = Opportunity.objects.values("stage_name").annotate(deals=Count("id"), largest=Max("amount")).order_by()
    return {
        "deals": {
            deal.pk: [deal.name, str(deal.amount or 0), deal.account.name, str(deal.close_date)] for deal in deals
        },
        "won": sorted(won.values_list("pk", flat=True)),
        "stages": {row["stage_name"]: row["deals"] for row in stages},
        "sum": str(Opportunity.objects.filter(is_won=True).aggregate(sum=Sum("amount"))["sum"]),
        "account": account.pk,
        "people": sorted(account.contact_set.values_list("last_name", flat=True)),
        "of_account": Opportunity.objects.filter(account__name=account.name).count(),
        "created": deals[0].created_date.isoformat(),
        "like": sorted(Account.objects.filter(name__istartswith="a").values_list("pk", flat=True)),
    }


def writing() -> dict[str, object]:
    """Objects that are saved, related, changed together, and deleted."""
    account = Account.objects.create(name="From Django", industry="Biotechnology")
    people = Contact.objects.bulk_create(Contact(account=account, last_name=f"Django {number}") for number in range(5))
    deal = Opportunity(account=account, name="Made", amount=Decimal("12.50"), close_date="2031-05-06")
    deal.save()
    account.employees = 12
    account.save(update_fields=["employees"])
    changed = Contact.objects.filter(account=account).update(birthdate="1990-02-03")
    found = Opportunity.objects.get(account__name="From Django")
    stored = Account.objects.get(pk=account.pk)
    try:
        Contact.objects.create(last_name="x" * 81)
        refused = ""
    except SalesforceError as error:
        refused = error.data[0]["errorCode"]
    kept = Contact.objects.filter(account=account, birthdate="1990-02-03").count()
    Contact.objects.filter(account=account).delete()
    return {
        "account": account.pk,
        "people": len(people),
        "deal": [found.pk == deal.pk, str(found.amount), str(found.close_date), found.stage_name],
        "stored": [stored.name, stored.industry, stored.employees],
        "changed": changed,
        "kept": kept,
        "refused": refused,
        "left": Contact.objects.filter(account=account).count(),
    }


print(json.dumps(reading() if sys.argv[1] == "reading" else writing()))
