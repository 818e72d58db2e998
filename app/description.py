"""The OpenAPI description, completed: an example for every answer, made of the examples of its parts."""

from typing import Any

from fastapi import FastAPI

Schema = dict[str, Any]

_SAMPLES = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "null": None}
_FORMATS = {"date-time": "2026-07-01T14:04:00Z", "date": "2026-07-01"}


def complete(app: FastAPI) -> None:
    """Let the description of an app have an example per operation, whoever asks for it."""
    bare = app.openapi
    made: list[Schema] = []

    def openapi() -> Schema:
        if not made:
            made.append(with_examples(bare()))
        return made[0]

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


def with_examples(description: Schema) -> Schema:
    """Write an example beside the schema of every JSON answer, and leave out what is no answer."""
    schemas = description.get("components", {}).get("schemas", {})
    for path in description["paths"].values():
        for operation in path.values():
            # It only keeps FastAPI from describing a 422 that is never sent; each problem stands there by its status.
            operation["responses"].pop("4XX", None)
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                if content is not None and str(status).startswith("2"):
                    content["example"] = example_of(content["schema"], schemas)
    return description


def example_of(schema: Schema, schemas: Schema, given: Any = None) -> Any:
    """A value that the schema allows: what is given, else its own example, completed by those of its parts."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, given)
    if given is None:
        given = schema.get("examples", [None])[0]
    match schema:
        case {"properties": parts}:
            known = given if isinstance(given, dict) else {}
            wanted = [name for name in parts if name in known or name in schema.get("required", ())]
            return {name: example_of(parts[name], schemas, known.get(name)) for name in wanted}
        case {"type": "array", "items": inner} if given is None:
            return [example_of(inner, schemas)] if "$ref" in inner else []
        case {"type": "array", "items": inner}:
            return [example_of(inner, schemas, each) for each in given]
        case {"anyOf": choices} if given is not None:
            # The description leaves nulls out, so what is given is of the first kind.
            return example_of(choices[0], schemas, given)
    return _sample(schema) if given is None else given


def _sample(schema: Schema) -> Any:
    """A value for a schema that has no example of its own; what may be null is."""
    match schema:
        case {"anyOf": _}:
            return None
        case {"enum": [first, *_]}:
            return first
        case {"type": str(kind)}:
            return _FORMATS.get(schema.get("format", ""), _SAMPLES.get(kind, {}))
    return None
