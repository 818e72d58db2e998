"""`baton openapi`: the description of the API as a file, for generators and for comparing versions."""

import json

from app.cli.output import say
from app.main import create_app
from app.settings import HttpSettings
from models.session import Store


def description() -> str:
    """The OpenAPI document as text; equal APIs give equal text."""
    # Nothing is asked of the store for it.
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    try:
        return json.dumps(create_app(store, HttpSettings()).openapi(), indent=1, ensure_ascii=False) + "\n"
    finally:
        store.close()


def print_description() -> int:
    """Print it."""
    say(description().rstrip("\n"))
    return 0
