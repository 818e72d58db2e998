"""What the server is given to show, try and keep mappings: the making of briefs, which the API does not know."""

from collections.abc import Mapping
from typing import Any

from app.api.mapping import MappingRefused
from models.session import ReadSession, WriteSession
from sync.errors import MappingInvalid
from sync.shape import desk
from sync.shape.mapping import read_mapping, write_mapping


class Desk:
    """The mapping desk of an org's own making of briefs."""

    def shown(self, session: ReadSession, org_id: str) -> dict[str, Any]:
        """Return the mapping in force, and of each line what fills it and what might."""
        return desk.shown_mapping(session, org_id)

    def checked(self, session: ReadSession, org_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the mapping as it would be kept."""
        try:
            return write_mapping(desk.checked_mapping(session, org_id, document))
        except MappingInvalid as error:
            raise MappingRefused(error.problems) from None

    def changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Tell what differs between two mappings."""
        return desk.changed_lines(before, after)

    def briefs(
        self, session: ReadSession, org_id: str, document: Mapping[str, Any], deal_id: str
    ) -> tuple[str, str] | None:
        """Return the brief of a deal as it is and as it would be."""
        return desk.previewed_briefs(session, org_id, read_mapping(document), deal_id)

    def keep(self, session: WriteSession, org_id: str, document: Mapping[str, Any], *, by: str) -> int:
        """Make a mapping the one in force."""
        return desk.set_mapping(session, org_id, read_mapping(document), by=by)
