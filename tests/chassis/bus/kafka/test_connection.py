"""How to reach the broker comes from the environment, secrets from files; passwords and TLS are spoken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr, ValidationError

from chassis.bus.broker.node import Options
from chassis.bus.kafka.connection import Connection
from chassis.bus.kafka.provision import apply
from chassis.bus.protocol import BusAway
from chassis.bus.topics import topics_of
from chassis.ports import free_ports
from chassis.settings import KafkaSettings
from chassis.testing.tally import Counted, CounterRecorded


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    monkeypatch.setenv("XIANJIE_KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")


def test_servers_and_prefix_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("XIANJIE_KAFKA_TOPIC_PREFIX", "county-7")
    connection = Connection(KafkaSettings(), "monitoring")
    assert connection.options["bootstrap_servers"] == ["one:9092", "two:9092"]
    assert connection.options["security_protocol"] == "PLAINTEXT"
    assert connection.topic("cn.xianjie.monitoring.case.registered.v1") == "county-7.monitoring.case"
    assert connection.named("assets.people") == "county-7.assets.people"


def test_a_password_comes_from_a_file_and_is_not_shown(monkeypatch, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("vEry-secret\n", "utf-8")
    monkeypatch.setenv("XIANJIE_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    monkeypatch.setenv("XIANJIE_KAFKA_USERNAME", "monitoring")
    monkeypatch.setenv("XIANJIE_KAFKA_PASSWORD_FILE", str(secret))
    settings = KafkaSettings()
    assert "vEry-secret" not in repr(settings)
    options = Connection(settings, "monitoring").options
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("monitoring", "vEry-secret")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECURITY_PROTOCOL", "SASL_SSL", "needs XIANJIE_KAFKA_USERNAME"),
        ("SECURITY_PROTOCOL", "TRUST", "security_protocol"),
        ("CA_FILE", "/etc/ca.pem", "encrypts nothing"),
        ("BOOTSTRAP_SERVERS", "", "bootstrap_servers"),
        ("TOPIC_PREFIX", "a b", "topic_prefix"),
    ],
)
def test_half_of_a_setting_is_refused(monkeypatch, name, value, told):
    monkeypatch.setenv(f"XIANJIE_KAFKA_{name}", value)
    with pytest.raises(ValidationError, match=told):
        KafkaSettings()


def certificate() -> tuple[str, str]:
    """A certificate for loopback that signs itself, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


@pytest.mark.budget(seconds=120)
async def test_a_broker_with_passwords_and_tls(own_brokers, tmp_path):
    chain, key = certificate()
    (port,) = free_ports(1)
    (tmp_path / "ca.pem").write_text(chain, "ascii")
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required;"

    def on_one_line(pem):
        return pem.replace("\n", "\\n")

    options = Options(
        settings={
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
            "listener.name.secure.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.secure.scram-sha-512.sasl.jaas.config": login,
            "listener.name.secure.ssl.keystore.type": "PEM",
            "listener.name.secure.ssl.keystore.certificate.chain": on_one_line(chain),
            "listener.name.secure.ssl.keystore.key": on_one_line(key),
        },
        more_listeners=[f"SECURE://127.0.0.1:{port}"],
        users={"monitoring": "right"},
    )
    own_brokers(options=options)
    settings = KafkaSettings(
        bootstrap_servers=f"127.0.0.1:{port}",
        security_protocol="SASL_SSL",
        username="monitoring",
        password=SecretStr("right"),
        ca_file=tmp_path / "ca.pem",
    )
    topics = topics_of([Counted, CounterRecorded])
    assert (await apply(settings, topics)).made == ("xianjie.tally.counter",)
    with pytest.raises(BusAway):
        await apply(settings.model_copy(update={"password": SecretStr("wrong")}), topics)
    with pytest.raises(BusAway):
        await apply(settings.model_copy(update={"ca_file": None}), topics)
