"""`baton survey import`: what an administrator types, and what comes of it."""

import json

import pytest
import stored_deals as stored
from sqlalchemy import text

from app.cli.failures import CommandError
from app.cli.surveys import import_surveys


@pytest.fixture(autouse=True)
def _this_store(store_url, monkeypatch):
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)


@pytest.fixture
def file(store, tmp_path):
    """A file with an answer of a customer of the store."""
    stored.fill(store, [{"id": stored.deal_id(1)}])
    path = tmp_path / "answers.csv"
    path.write_text(f"external_id,kind,customer_id,answered_on,score\n7,nps,{stored.ACME},2026-08-02,10\n")
    return path


def test_a_file_is_taken_once(file, store, capsys):
    """A nightly job may send the same file again."""
    assert import_surveys(file, source="Typeform", org="Acme Health", as_json=False) == 0
    assert capsys.readouterr().out == "1 of 1 answers are new; 0 had come before.\n"
    import_surveys(file, source="Typeform", org=None, as_json=True)

    assert json.loads(capsys.readouterr().out) == {"received": 1, "kept": 0, "known": 1}
    with store.reading() as session:
        assert session.execute(text("SELECT score, source FROM cs_v1.survey")).all() == [(10, "Typeform")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.write_text(path.read_text().replace(",10", ",11")), "/line/2/score"),
        (lambda path: path.write_text(path.read_text().replace(stored.ACME, "nobody")), "no such customer"),
        (lambda path: path.unlink(), "name a CSV file"),
    ],
)
def test_a_wrong_file_says_what_to_do(file, change, words):
    """Nothing is half kept."""
    change(file)

    with pytest.raises(CommandError, match=words):
        import_surveys(file, source="Typeform", org=None, as_json=False)
