"""What a key, or a person, may be allowed to do; `admin` may do everything."""

from enum import StrEnum


class Scope(StrEnum):
    """One permission."""

    BRIEFS_READ = "briefs:read"
    COMMERCIAL_READ = "commercial:read"
    CONTACTS_READ = "contacts:read"
    METRICS_READ = "metrics:read"
    NOTES_WRITE = "notes:write"
    WEBHOOKS_MANAGE = "webhooks:manage"
    ADMIN = "admin"


#: what each scope opens, in words
MEANINGS = {
    Scope.BRIEFS_READ: "deals, customers, briefs",
    Scope.COMMERCIAL_READ: "amounts, prices, discounts and terms in them",
    Scope.CONTACTS_READ: "the customer's people in them, and what was written about them",
    Scope.METRICS_READ: "figures, and the state of the sync",
    Scope.NOTES_WRITE: "notes, acknowledgements and dates of handoffs: what CS writes",
    Scope.WEBHOOKS_MANAGE: "where events are delivered",
    Scope.ADMIN: "everything",
}

#: what a key for a CS rep may do
OF_A_REP = (Scope.BRIEFS_READ, Scope.COMMERCIAL_READ, Scope.CONTACTS_READ)
