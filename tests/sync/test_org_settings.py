"""Which orgs are followed: the one of the environment, or each table of baton.toml, and nobody's secret in another."""

import pytest

from app.cli.connection import check_settings, salesforce_settings, wanted_orgs
from models.settings import SettingsError
from sync.settings import configured_orgs

TWO = """
poll_seconds = 60

[[orgs]]
name = "emea"
salesforce_url = "https://emea.my.salesforce.com"
salesforce_client_id = "emea-app"
salesforce_client_secret_file = "emea.secret"

[[orgs]]
name = "apac"
salesforce_url = "https://apac.my.salesforce.com"
salesforce_auth = "jwt_bearer"
salesforce_client_id = "apac-app"
salesforce_username = "baton@apac.example"
salesforce_private_key_file = "apac.pem"
poll_seconds = 300
api_share = 0.2
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty directory with the file of one secret."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "emea.secret").write_text("emea-secret\n")
    return tmp_path


def test_without_tables_there_is_the_one_org_of_the_environment(monkeypatch):
    """What worked with one org works as before."""
    monkeypatch.setenv("BATON_SALESFORCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("BATON_POLL_SECONDS", "7")
    [only] = configured_orgs()

    assert (only.salesforce.url, only.salesforce.name, only.worker.poll_seconds) == (
        "https://acme.my.salesforce.com", None, 7,
    )  # fmt: skip


def test_each_table_is_an_org_with_its_own_login_and_its_own_rhythm(folder):
    """Relative paths and secrets in files mean what they mean elsewhere."""
    (folder / "baton.toml").write_text(TWO)
    emea, apac = configured_orgs()

    assert (emea.salesforce.name, emea.salesforce.grant, emea.worker.poll_seconds) == ("emea", "client_credentials", 60)
    assert emea.salesforce.client_secret.get_secret_value() == "emea-secret"
    assert (apac.salesforce.name, apac.salesforce.grant, apac.worker.poll_seconds) == ("apac", "jwt_bearer", 300)
    assert apac.salesforce.private_key_file == folder / "apac.pem"
    assert (emea.worker.api_share, apac.worker.api_share) == (0.05, 0.2)


def test_a_secret_of_the_environment_never_reaches_the_org_of_a_table(folder, monkeypatch):
    """A login is of one org; what is missing in a table is missing."""
    monkeypatch.setenv("BATON_SALESFORCE_CLIENT_SECRET", "of another org")
    monkeypatch.setenv("BATON_SALESFORCE_PASSWORD", "of another org")
    (folder / "baton.toml").write_text(TWO)
    emea, apac = configured_orgs()

    assert emea.salesforce.client_secret.get_secret_value() == "emea-secret"
    assert (emea.salesforce.password, apac.salesforce.client_secret, apac.salesforce.password) == (None, None, None)


def test_an_org_of_the_environment_wins_over_the_file(folder, monkeypatch):
    """The environment wins, as everywhere."""
    (folder / "baton.toml").write_text(TWO)
    monkeypatch.setenv("BATON_SALESFORCE_URL", "https://acme.my.salesforce.com")

    assert [each.salesforce.url for each in configured_orgs()] == ["https://acme.my.salesforce.com"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[[orgs]]\nsalesforce_url = "https://a.my.salesforce.com"\n', "needs a name"),
        ('[[orgs]]\nname = "a"\nsalesforce_url = "x"\n[[orgs]]\nname = "a"\nsalesforce_url = "y"\n', "name of its own"),
        ('[[orgs]]\nname = "a"\n', "org a: salesforce_url is not set"),
        ('[[orgs]]\nname = "A b"\nsalesforce_url = "x"\n', "org A b: .*NAME"),
        ('[[orgs]]\nname = "a"\nsalesforce_url = "x"\npoll_seconds = 0\n', "org a: .*POLL_SECONDS"),
        ('salesforce_url = "x"\n[[orgs]]\nname = "a"\nsalesforce_url = "y"\n', "beside"),
        ('orgs = "a"\n', "must be tables"),
    ],
)
def test_a_table_that_can_not_be_used_is_one_line_that_names_it(folder, content, said):
    """Whoever mistypes something reads which org it was."""
    (folder / "baton.toml").write_text(content)
    with pytest.raises(SettingsError, match=said):
        configured_orgs()


def test_a_misspelt_key_of_a_table_is_refused(folder):
    """A key that nothing reads is a mistake, not a comment."""
    (folder / "baton.toml").write_text('[[orgs]]\nname = "a"\nsalesforce_urll = "x"\n')
    with pytest.raises(SettingsError, match="no setting is called salesforce_urll"):
        check_settings()
    (folder / "baton.toml").write_text(TWO)
    check_settings()


def test_a_command_for_one_org_wants_its_name_where_there_are_several(folder):
    """Nobody guesses which org was meant."""
    (folder / "baton.toml").write_text(TWO)

    assert [each.salesforce.name for each in wanted_orgs()] == ["emea", "apac"]
    assert salesforce_settings("apac").url == "https://apac.my.salesforce.com"
    with pytest.raises(SettingsError, match="choose one with --org"):
        salesforce_settings()
    with pytest.raises(SettingsError, match="there are emea, apac"):
        wanted_orgs("latam")
