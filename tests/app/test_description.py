"""The description of the API is checked in, has examples that hold, and makes typed models for a client."""

import importlib.util
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
import stored_deals as stored
import uvicorn
from source_tree import ROOT

from app.cli.openapi import description
from app.main import create_app
from app.settings import HttpSettings

KEPT = ROOT / "docs/openapi.json"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Typed models of what the API takes and gives, generated from its description."""
    made = tmp_path_factory.mktemp("generated") / "baton_models.py"
    command = [
        Path(sys.executable).with_name("datamodel-codegen"), "--input", KEPT, "--input-file-type", "openapi",
        "--output", made, "--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11",
        "--formatters", "builtin",
    ]  # fmt: skip
    subprocess.run([str(each) for each in command], check=True, capture_output=True, timeout=120)
    spec = importlib.util.spec_from_file_location("baton_models", made)
    module = importlib.util.module_from_spec(spec)
    sys.modules["baton_models"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def served(store):
    """The API on a port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(store, HttpSettings()), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


def operations():
    """Each operation of the description."""
    paths = json.loads(KEPT.read_text(encoding="utf-8"))["paths"]
    return {each["operationId"]: each for path in paths.values() for each in path.values()}


def test_the_description_is_the_one_that_is_checked_in():
    """A change of the API is seen by whoever reviews it."""
    assert description() == KEPT.read_text(encoding="utf-8"), "run: baton openapi > docs/openapi.json"


def test_every_operation_is_named_and_told_with_its_problems():
    """A reader of the description finds what an operation does, and what may go wrong."""
    for name, operation in operations().items():
        assert operation["summary"], name
        assert operation["description"], name
        if "health" not in name and "readiness" not in name:
            assert {"401", "403", "429", "503"} <= operation["responses"].keys(), name


def test_every_example_of_an_answer_holds(models):
    """Nobody writes a client for an example that the API never gives."""
    checked = set()
    for name, operation in operations().items():
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if not status.startswith("2") or content is None:
                continue
            model = getattr(models, content["schema"]["$ref"].rsplit("/", 1)[-1])
            assert content["example"], name
            model.model_validate(content["example"])
            checked.add(name)

    assert operations().keys() - checked == {"get_renewal_calendar"}, "only a calendar is no JSON"


def test_a_program_with_the_generated_models_reads_and_writes(store, served, models):
    """What the description promises is what a typed program gets over the wire."""
    stored.fill(store, [{"id": stored.deal_id(1), "name": "First", "amount": "20000.10"}])
    key = stored.key(store, "briefs:read", "commercial:read", "contacts:read", "notes:write")
    with httpx.Client(base_url=served, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        page = models.DealList.model_validate_json(client.get("/api/v1/deals").content)
        deal = models.Deal.model_validate_json(client.get(f"/api/v1/deals/{page.data[0].deal_id}").content)
        note = models.NewNote(body="Kickoff moved.", deal_id=deal.deal_id, kind=models.NoteKind.note)
        path = f"/api/v1/customers/{deal.customer_id}/notes"
        headers = {"Idempotency-Key": "one", "Content-Type": "application/json"}
        sent = client.post(path, content=note.model_dump_json(), headers=headers)
        written = models.NoteRow.model_validate_json(sent.content)
        notes = models.NoteList.model_validate_json(client.get(path).content)
        refused = models.ProblemDocument.model_validate_json(client.get("/api/v1/deals?won_form=x").content)

    assert (deal.name, str(deal.amount)) == ("First", "20000.1")
    assert [each.note_id for each in notes.data] == [written.note_id]
    assert refused.errors[0].pointer == "/query/won_form"
