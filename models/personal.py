"""What of the mirror tells of persons at customers: which columns are emptied when one of them is erased.

Ids, stamps, and what says who may be called stay: a record goes on being known, by its id, and equal to the org's.
Free text that somebody wrote into other records, and that may name anybody, is not among it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.mirror import MIRRORS, Mirror

#: what of a contact, and of a campaign's member, is not about the person
_KEPT = frozenset({
    "isdeleted", "masterrecordid", "accountid", "reportstoid", "individualid", "currencyisocode", "ownerid",
    "recordtypeid", "createddate", "createdbyid", "lastmodifieddate", "lastmodifiedbyid", "systemmodstamp",
    "lastactivitydate", "donotcall", "hasoptedoutofemail", "hasoptedoutoffax", "campaignid", "leadid", "contactid",
    "leadorcontactid", "leadorcontactownerid", "status", "hasresponded", "firstrespondeddate", "companyoraccount",
    "type",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What is emptied in the records of an object that name somebody who was erased."""

    #: the column that names them
    names: str
    columns: frozenset[str]
    #: whether the org's own fields are emptied, too
    custom: bool = False


def _but_what_is_kept(object_name: str, names: str) -> Personal:
    return Personal(names=names, columns=frozenset(MIRRORS[object_name].fields) - _KEPT, custom=True)


def _some(names: str, columns: str) -> Personal:
    return Personal(names=names, columns=frozenset(columns.split()))


BY_OBJECT: Mapping[str, Personal] = {
    "Contact": _but_what_is_kept("Contact", "id"),
    "CampaignMember": _but_what_is_kept("CampaignMember", "contactid"),
    # What sales thinks of their influence and sentiment stands in the org's own fields of the role.
    "OpportunityContactRole": Personal(names="contactid", columns=frozenset(), custom=True),
    "Task": _some("whoid", "subject description"),
    "Event": _some("whoid", "subject description location"),
    "Note": _some("parentid", "title body"),
    "Case": _some(
        "contactid", "contactphone contactmobile contactemail contactfax suppliedname suppliedemail suppliedphone"
    ),
    "Quote": _some("contactid", "email phone fax quotetoname"),
    "Contract": _some("customersignedid", "customersignedtitle"),
    "EmailMessage": _some("fromid", "fromname fromaddress validatedfromaddress subject name"),
}

#: lists of e-mail addresses, out of which one is taken
ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "EmailMessage": ("fromaddress", "validatedfromaddress", "toaddress", "ccaddress", "bccaddress")
}

#: what else of a message to somebody is about them
OF_MESSAGES_TO: Mapping[str, tuple[str, ...]] = {"EmailMessage": ("subject", "name")}

#: columns that hold a name or an address alone: emptied when it is one of somebody who was erased
ALONE: Mapping[str, tuple[str, ...]] = {
    "OpportunityFieldHistory": ("oldvalue", "newvalue"),
    "EmailMessage": ("fromname",),
}

#: objects whose own text fields may hold a name alone, where it is one of the same customer's
NAMING_IN_OWN_FIELDS: Mapping[str, str] = {"Opportunity": "accountid"}


def emptied(mirror: Mirror, staged: Iterable[str]) -> list[str]:
    """Of these columns (of the mirror, or of what is staged for it), those that are emptied, in their order."""
    personal = BY_OBJECT.get(mirror.object_name)
    if personal is None:
        return []
    own = {name for name in staged if name not in mirror.fields and name != "id"} if personal.custom else set()
    return [name for name in staged if name in personal.columns or name in own]
