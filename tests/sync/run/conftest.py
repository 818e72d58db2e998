"""A small org with won and open deals, served over a real socket, and a store that follows it."""

from collections.abc import Callable, Iterator

import pytest
from followed_org import Followed, Kept, following, following_again, kept

from demo_org.wire.settings import WireSettings
from models.session import Store


@pytest.fixture
def followed(store: Store, request: pytest.FixtureRequest) -> Iterator[Followed]:
    """Six accounts with a parent, six contacts, and three won and three open deals.

    A test that needs an org which answers in another way passes its WireSettings as an indirect parameter.
    """
    with following(store, getattr(request, "param", WireSettings(bulk_delay=0.0))) as made:
        yield made


@pytest.fixture(scope="session")
def kept_org(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The org of `followed` after its first pass, made once."""
    return kept(new_database(), tmp_path_factory.mktemp("kept") / "org.db")


@pytest.fixture
def synced(kept_org: Kept, new_database: Callable[..., str]) -> Iterator[Followed]:
    """The org of `followed`, and a store in which its first pass has landed."""
    store = Store(new_database(kept_org.database))
    with following_again(store, kept_org, WireSettings(bulk_delay=0.0)) as made:
        yield made
    store.close()
