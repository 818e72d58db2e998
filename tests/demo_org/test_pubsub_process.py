"""The Pub/Sub API of a demo org that runs as a process of its own."""

import json
import subprocess
import sys

import grpc

from demo_org.pubsub.contract import MESSAGES, SERVICE

_START = "import sys; from demo_org.__main__ import main; sys.exit(main(sys.argv[1:]))"


def test_the_ready_line_tells_where_it_answers():
    """A script that starts an org learns host and port with TLS and without, and the authority to trust."""
    command = [sys.executable, "-c", _START, "--empty", "--pubsub-port", "0", "--pubsub-plain-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            facts = json.loads(process.stdout.readline())
            with open_channel(facts) as channel:
                method = channel.unary_unary(
                    f"/{SERVICE}/GetTopic",
                    request_serializer=MESSAGES["TopicRequest"].SerializeToString,
                    response_deserializer=MESSAGES["TopicInfo"].FromString,
                )
                status = code_of(method, MESSAGES["TopicRequest"](topic_name="/data/ChangeEvents"))
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=30)

    assert facts["pubsub"].startswith("localhost:")
    assert facts["pubsub_plain"].startswith("127.0.0.1:")
    assert status is grpc.StatusCode.UNAUTHENTICATED
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_without_its_packages_the_org_says_how_to_get_them():
    """The extra is needed by nobody who does not ask for it, and named to those who do."""
    missing = "import sys; sys.modules['grpc'] = None; sys.modules['fastavro'] = None; "
    command = [sys.executable, "-c", missing + _START, "--empty", "--pubsub-port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "install baton[pubsub]" in done.stderr
    assert "Traceback" not in done.stderr


def open_channel(facts: dict[str, str]) -> grpc.Channel:
    """A channel without TLS."""
    return grpc.insecure_channel(facts["pubsub_plain"])


def code_of(method: grpc.UnaryUnaryMultiCallable, request: object) -> grpc.StatusCode:
    """How a call without a session ends."""
    try:
        method(request, timeout=20)
    except grpc.RpcError as error:
        return error.code()
    raise AssertionError("a call without a session was answered")
