"""What the org still tells of people who were erased on request is left out where records land."""

from collections.abc import Iterable

from models.erasure import forget_staged, has_erased
from models.mirror import Mirror
from models.session import WriteSession
from models.upsert import StagedField


class Forgetting:
    """Takes what is about erased people out of staged copies, before these are compared with the mirror.

    So the mirror never holds it, and a proof, which compares in the same way, finds no difference.
    """

    def __init__(self, session: WriteSession, org_id: str) -> None:
        """Look whether there is anybody to forget: mostly there is nobody."""
        self._session = session
        self._org_id = org_id
        self._is_needed = has_erased(session, org_id)

    def __call__(self, mirror: Mirror, table: str, fields: Iterable[StagedField]) -> None:
        """Do so with the copies of one object that are staged in a table."""
        if self._is_needed:
            staged = {field.name.lower(): field.type for field in fields}
            forget_staged(self._session, self._org_id, mirror, table=table, staged=staged)
