"""What Salesforce does of its own accord when a record is saved or deleted.

Each object with such rules has a module; the rules of a field live where the field lives.
"""

from demo_org.semantics.currency import found as found_currencies
from demo_org.semantics.roll_up import define
from demo_org.semantics.rules import after_delete, after_save, after_undelete, before_insert, before_update

__all__ = [
    "after_delete",
    "after_save",
    "after_undelete",
    "before_insert",
    "before_update",
    "define",
    "found_currencies",
]
