"""SQL by which the names and addresses of people who were erased are known again: by hashes, never by themselves.

Each piece takes the parameter org_id.
"""

#: one of several addresses; of `Ana <ana@acme.example>` what stands within
ADDRESS = "coalesce(substring(split.part from '<([^<>]+)>'), split.part)"
#: a value of a JSON object, where it is a text
TEXT_OF_VALUE = "CASE WHEN jsonb_typeof(value) = 'string' THEN value #>> '{}' END"


def hash_of(expression: str) -> str:
    """Return SQL for the hash of a name or an address, whatever its capital letters."""
    return f"sha256(convert_to(CAST(:org_id AS text) || ' ' || lower(btrim({expression})), 'UTF8'))"


def is_hash_of_erased(expression: str) -> str:
    """Return SQL that says whether a name or an address is one of somebody who was erased."""
    known = "SELECT unnest(hashes) FROM cs.erased_contact AS gone WHERE gone.org_id = :org_id"
    return f"{hash_of(expression)} IN ({known})"


def addresses(expression: str) -> str:
    """Return SQL for the addresses in a list of such, with their places."""
    return f"regexp_split_to_table({expression}, '\\s*[;,]\\s*') WITH ORDINALITY AS split (part, place)"


def without_erased(column: str) -> str:
    """Return SQL for a list of addresses without those of people who were erased."""
    return (
        f"(SELECT string_agg(split.part, ';' ORDER BY split.place) FROM {addresses(column)}"  # noqa: S608 - a column
        f" WHERE NOT {is_hash_of_erased(ADDRESS)})"
    )
