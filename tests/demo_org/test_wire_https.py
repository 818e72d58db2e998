import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from wire_client import client_of

from demo_org.certificates import make_certificate


@pytest.fixture(scope="module")
def trusting(client):
    return ssl.create_default_context(cafile=client.served.ca_file)


def shown_to(client, trusting, name):
    """The subject of the certificate that a client checking this name accepts."""
    address = urlsplit(client.served.https_url)
    with (
        socket.create_connection((address.hostname, address.port)) as plain,
        trusting.wrap_socket(plain, server_hostname=name) as encrypted,
    ):
        return encrypted.getpeercert()["subject"]


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "127.0.0.1",
        "login.salesforce.com",
        "test.salesforce.com",
        "acme.my.salesforce.com",
        "acme--uat.sandbox.my.salesforce.com",
        "acme-dev-ed.develop.my.salesforce.com",
    ],
)
def test_the_certificate_fits_every_host_a_client_of_salesforce_may_ask(client, trusting, name):
    """A client led here by a host alias checks the name as always and finds it right."""
    assert shown_to(client, trusting, name) == ((("commonName", "Demo org"),),)


def test_no_other_name_is_vouched_for(client, trusting):
    """Trusting the authority of a demo org never opens the door to other sites."""
    with pytest.raises(ssl.SSLCertVerificationError):
        shown_to(client, trusting, "www.example.com")
    authority = x509.load_pem_x509_certificate(Path(client.served.ca_file).read_bytes())
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    assert {"salesforce.com", "localhost"} <= {name.value for name in allowed if isinstance(name, x509.DNSName)}


def test_a_client_that_does_not_trust_the_authority_is_not_let_in_by_accident(client):
    """The certificate is no public one; verification stays meaningful."""
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{client.served.https_url}/services/data")


def test_both_ports_serve_the_same_org_and_the_same_sessions(client, trusting):
    """A token got at the plain port is good at the encrypted one, and header names keep their case there."""
    made = client.make("Account", Name="Over plain http")
    with httpx.Client(verify=trusting, base_url=client.served.https_url) as encrypted:
        answer = encrypted.get(
            f"/services/data/v64.0/sobjects/Account/{made}",
            headers={"Authorization": client.headers["Authorization"]},
        )

    assert (answer.status_code, answer.json()["Name"]) == (200, "Over plain http")
    assert b"Sforce-Limit-Info" in [name for name, _ in answer.headers.raw]


@pytest.mark.parametrize(("wanted", "told"), [("http", "url"), ("https", "https_url")])
def test_a_login_can_be_told_where_to_send_clients_on_to(wanted, told):
    """Some clients must go on in plain http, others insist on https."""
    with client_of(instance_url=wanted) as client:
        body = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()

        assert body["instance_url"] == getattr(client.served, told)


def test_an_authority_that_was_kept_signs_again(tmp_path):
    """Who trusted the demo org before its restart trusts it after; its key is readable to its owner alone."""
    first = make_certificate(tmp_path, keep_authority=True)
    authority, certificate = first.ca.read_bytes(), first.certificate.read_bytes()
    second = make_certificate(tmp_path, keep_authority=True)

    assert second.ca.read_bytes() == authority
    assert second.certificate.read_bytes() != certificate
    assert (tmp_path / "ca.key").stat().st_mode & 0o077 == 0
    assert make_certificate(tmp_path, hosts=["other.example"], keep_authority=True).ca.read_bytes() != authority


def test_the_ready_line_tells_both_addresses_and_whom_to_trust(tmp_path):
    """Whoever starts the demo org as a process reads from its first line how to reach it."""
    command = [sys.executable, "-m", "demo_org", "--empty", "--certificate-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        told = json.loads(process.stdout.readline())
        trusting = ssl.create_default_context(cafile=told["ca_file"])
        answers = [httpx.get(f"{told[key]}/services/data", verify=trusting) for key in ("url", "https_url")]
        process.terminate()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert told["ca_file"] == str(tmp_path / "ca.pem")
    assert process.returncode == 0
