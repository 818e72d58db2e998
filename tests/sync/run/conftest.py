"""A small org with won and open deals, served over a real socket, and a store that follows it."""

from collections.abc import Iterator

import pytest
from followed_org import Followed, following

from demo_org.wire.settings import WireSettings
from models.session import Store


@pytest.fixture
def followed(store: Store, request: pytest.FixtureRequest) -> Iterator[Followed]:
    """Six accounts with a parent, six contacts, and three won and three open deals.

    A test that needs an org which answers in another way passes its WireSettings as an indirect parameter.
    """
    with following(store, getattr(request, "param", WireSettings(bulk_delay=0.0))) as made:
        yield made
