"""Throw-away certificates: an authority of the simulator's own, its server's, and the archiving client's."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 30
"""The certificates of a simulated tenant live no longer than a rehearsal."""

RSA_BITS = 2048
PRIVATE_MODE = 0o600
SERVER_FILE, CLIENT_FILE = "server.pem", "client.pem"
OWN_KEYS = frozenset({SERVER_FILE, CLIENT_FILE})
"""Files with a private key that a simulated tenant leaves in its folder; the next one there replaces them."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Certificates(NamedTuple):
    """Files, in PEM. `client_file` holds the private key and the certificate that the authority knows."""

    ca_bundle_file: Path
    server_file: Path
    client_file: Path
    client: x509.Certificate


def certificates_in(directory: Path, now: datetime | None = None) -> Certificates:
    """Writes new certificates into `directory`; private files are readable by the owner only.

    The authority's own key is never written: it signs the server's certificate and is forgotten.
    """
    now = now or datetime.now(UTC)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("Strongroom simulated tenant, authority of this run")
    ca = (
        _builder(ca_name, ca_name, ca_key, now)
        .add_extension(
            x509.BasicConstraints(ca=True, path_length=0),
            critical=True,
        )
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = _server_certificate(server_key, ca_key, ca, now)
    client_key = rsa.generate_private_key(65537, RSA_BITS)
    client_name = _name("Strongroom archive reader")
    client = _builder(client_name, client_name, client_key, now).sign(client_key, hashes.SHA256())
    files = Certificates(directory / "ca.pem", directory / SERVER_FILE, directory / CLIENT_FILE, client)
    _write(files.ca_bundle_file, _pem(ca), 0o644)
    _write(files.server_file, _key_pem(server_key) + _pem(server) + _pem(ca), PRIVATE_MODE)
    _write(files.client_file, _key_pem(client_key) + _pem(client), PRIVATE_MODE)
    return files


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read."""
    _write(path, content, PRIVATE_MODE)


def _server_certificate(
    key: PrivateKey, ca_key: ec.EllipticCurvePrivateKey, ca: x509.Certificate, now: datetime
) -> x509.Certificate:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
    )
    return (
        _builder(_name("localhost"), ca.subject, key, now)
        .add_extension(names, critical=False)
        .add_extension(
            x509.BasicConstraints(ca=False, path_length=None),
            critical=True,
        )
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: PrivateKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=mode, exist_ok=False)
    path.write_bytes(content)
