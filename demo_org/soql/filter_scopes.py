"""What USING SCOPE leaves of an object's records (SOQL guide, "USING SCOPE"); an object's describe lists its scopes."""

from demo_org.catalog import ObjectType
from demo_org.catalog.describe import supported_scopes
from demo_org.soql.sql import Sql, quoted

_OWNER = "OwnerId"
# The users below the user in the tree of roles, and the user: what the list views call "my team's".
_TEAM = """IN (
  WITH RECURSIVE below("Id") AS (
    SELECT "UserRoleId" FROM "User" WHERE "Id" = ?
    UNION SELECT r."Id" FROM "UserRole" r JOIN below ON r."ParentRoleId" = below."Id"
  )
  SELECT u."Id" FROM "User" u, "User" me WHERE me."Id" = ?
    AND (u."Id" = me."Id" OR (u."UserRoleId" IN (SELECT "Id" FROM below) AND u."UserRoleId" IS NOT me."UserRoleId"))
)"""


def supported(source: ObjectType, scope: str) -> bool:
    """Whether the object has the scope."""
    return any(each["name"].lower() == scope.lower() for each in supported_scopes(source))


def within_scope(source: ObjectType, alias: str, scope: str, user_id: str) -> list[Sql]:
    """The conditions of a scope; a scoping rule that nobody made leaves everything."""
    owner = f"{alias}.{quoted(_OWNER)}"
    match scope.lower():
        case "mine" if source.has(_OWNER):
            return [Sql(f"{owner} = ?", (user_id,))]
        case "delegated" if source.has(_OWNER):
            return [Sql(f'{alias}."CreatedById" = ? AND {owner} <> ?', (user_id, user_id))]
        case "user_owned":
            return [Sql(f"substr({owner}, 1, 3) = '005'")]
        case "queue_owned":
            return [Sql(f"substr({owner}, 1, 3) = '00G'")]
        case "team" | "team_by_role" if source.has(_OWNER):
            return [Sql(f"{owner} {_TEAM}", (user_id, user_id))]
        case _:
            return []
