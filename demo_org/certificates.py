"""Makes the certificate the demo org answers https with, signed by a small authority of its own.

The server's names are those of Salesforce's hosts and of this machine, so that a client of Salesforce, led here by a
host alias, meets a name it expects. Whoever trusts the authority trusts it for these names only: name constraints in
its certificate say so, and its key is thrown away unless a directory is given to keep it in.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# A wildcard stands for one label, so each kind of My Domain host needs its own (Salesforce Help: "My Domain URL
# Formats"): production, sandbox, Developer Edition, scratch org, Trailhead playground.
_HOSTS = (
    "localhost",
    "*.salesforce.com",
    "*.pubsub.salesforce.com",
    "*.my.salesforce.com",
    "*.sandbox.my.salesforce.com",
    "*.develop.my.salesforce.com",
    "*.scratch.my.salesforce.com",
    "*.trailblaze.my.salesforce.com",
)
_ADDRESSES = ("127.0.0.1", "::1")
_LIFE = timedelta(days=365)
_LEAST_LIFE = timedelta(days=30)  # an authority with less left is made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """Where the PEM files are: what clients trust, and what a server shows and signs with."""

    ca: Path
    certificate: Path
    key: Path
    #: names of hosts only: BoringSSL, and so gRPC, takes no certificate with addresses from an authority with name
    #: constraints
    certificate_of_names: Path


def make_certificate(directory: Path, *, hosts: Sequence[str] = (), keep_authority: bool = False) -> CertificateFiles:
    """Write a server certificate for Salesforce's hosts, this machine and the given hosts, and its authority.

    An authority that an earlier start kept in the directory signs again, so whoever trusts it need not be told anew.
    """
    directory.mkdir(parents=True, exist_ok=True)
    files = CertificateFiles(
        ca=directory / "ca.pem",
        certificate=directory / "server.pem",
        key=directory / "server.key",
        certificate_of_names=directory / "server-names.pem",
    )
    names = _names(hosts)
    ca_key_file = directory / "ca.key"
    kept = _kept_authority(files.ca, ca_key_file, names) if keep_authority else None
    authority, ca_key = kept or _authority(names)
    key = ec.generate_private_key(ec.SECP256R1())
    signed = authority.public_bytes(Encoding.PEM)
    files.ca.write_bytes(signed)
    hosts_only = [name for name in names if isinstance(name, x509.DNSName)]
    for file, shown in ((files.certificate, names), (files.certificate_of_names, hosts_only)):
        certificate = _server_certificate(shown, key, authority, ca_key)
        file.write_bytes(certificate.public_bytes(Encoding.PEM) + signed)
    _write_secret(files.key, key)
    if keep_authority:
        _write_secret(ca_key_file, ca_key)
    return files


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    wanted = dict.fromkeys([*_HOSTS, *_ADDRESSES, *hosts])
    return [_name(each) for each in wanted if each.isascii()]  # a machine may be called anything


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _kept_authority(
    file: Path, key_file: Path, names: list[x509.GeneralName]
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    if not (file.exists() and key_file.exists()):
        return None
    authority = x509.load_pem_x509_certificate(file.read_bytes())
    key = load_pem_private_key(key_file.read_bytes(), password=None)
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    long_enough = authority.not_valid_after_utc > datetime.now(UTC) + _LEAST_LIFE
    if not long_enough or constraints != _constraints(names) or not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    return authority, key


def _authority(names: list[x509.GeneralName]) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject("Demo org authority")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        _begun(subject, subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()), key


def _constraints(names: list[x509.GeneralName]) -> x509.NameConstraints:
    permitted: list[x509.GeneralName] = []
    for name in names:
        if isinstance(name, x509.IPAddress):
            permitted.append(x509.IPAddress(ipaddress.ip_network(name.value)))
        elif isinstance(name, x509.DNSName):
            permitted.append(x509.DNSName(name.value.removeprefix("*.")))
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _server_certificate(
    names: Sequence[x509.GeneralName],
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    known_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    builder = (
        _begun(_subject("Demo org"), authority.subject, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(known_by, critical=False)
    )
    return builder.sign(ca_key, hashes.SHA256())


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clients' clocks differ
        .not_valid_after(now + _LIFE)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _write_secret(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
