"""Read a program's settings from its environment into one frozen model.

Every setting ``NAME`` may instead be given as ``NAME_FILE``, the path of a file that holds the value, which is how
containers hand in secrets. Unknown modes, half-given key rings and a set clock in production refuse to start.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class Mode(StrEnum):
    """How a program runs; only the first two know sample users and a clock that can be set."""

    EMBEDDED = "embedded"
    TEST = "test"
    COMPOSE = "compose"
    PRODUCTION = "production"

    @property
    def is_for_show(self) -> bool:
        return self in (Mode.EMBEDDED, Mode.TEST)


class Bus(StrEnum):
    IN_PROCESS = "in_process"
    KAFKA = "kafka"


class _SecretFiles(PydanticBaseSettingsSource):
    """``XIANJIE_NAME_FILE=/run/secrets/name`` gives the setting ``name``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(f"{self.config['env_prefix']}{field_name.upper()}_FILE")
        value = Path(path).read_text("utf-8").strip() if path else None
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class _FromEnvironment(BaseSettings):
    """Settings that come from the environment, each of which a file may hold, and from nowhere else."""

    model_config = SettingsConfigDict(env_prefix="XIANJIE_", frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(  # the library calls it by keyword
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _SecretFiles(settings_cls), env_settings


class KafkaSettings(_FromEnvironment):
    """How to reach the broker. Environment names carry the prefix ``XIANJIE_KAFKA_``; each service has its own user."""

    model_config = SettingsConfigDict(env_prefix="XIANJIE_KAFKA_", frozen=True, extra="ignore")

    bootstrap_servers: str = Field(min_length=1, description="host:port of one or more brokers, with commas between")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = Field(
        None, description="the authority that signs the brokers' certificates; absent: the system's"
    )
    topic_prefix: str = Field(
        "xianjie", pattern=r"^[a-z0-9-]{1,40}$", description="several platforms may share a broker"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.security_protocol.startswith("SASL") and (self.username is None or self.password is None):
            raise ValueError(f"{self.security_protocol} needs XIANJIE_KAFKA_USERNAME and XIANJIE_KAFKA_PASSWORD(_FILE)")
        if self.ca_file is not None and not self.security_protocol.endswith("SSL"):
            raise ValueError("XIANJIE_KAFKA_CA_FILE is given, but XIANJIE_KAFKA_SECURITY_PROTOCOL encrypts nothing")
        return self


class MigrationSettings(_FromEnvironment):
    """What bringing one database to the newest schema needs: no keys, and no role that serves."""

    migrate_database_url: SecretStr | None = Field(
        None, description="postgresql://migrate@host/db, as the role `migrate`"
    )


class ProgramSettings(_FromEnvironment):
    """What every service and the gateway need to run."""

    mode: Mode = Mode.PRODUCTION
    database_url: SecretStr = Field(description="postgresql://app@host/db, as the role `app`")
    migrate_database_url: SecretStr | None = Field(None, description="the same as the role `migrate`; migrations only")
    database_pool_size: int = Field(8, ge=2, le=100)
    bus: Bus = Bus.KAFKA
    region: int = Field(0, ge=0, description="the division that this deployment serves; 0: the whole country")
    data_directory: Path = Path("/var/lib/xianjie")
    files_url: str | None = Field(None, description="folder or S3 address of stored files; absent: the data directory")
    jwks_url: str | None = Field(None, description="where the issuer publishes its keys")
    jwks_file: Path | None = Field(None, description="the issuer's keys in a file, instead of jwks_url")
    token_issuer: str = "urn:xianjie"  # noqa: S105
    token_audience: str = "xianjie"  # noqa: S105
    token_leeway_seconds: int = Field(30, ge=0, le=120)
    key_ring: SecretStr = Field(description="JSON: the data keys with their ids; see docs/keys.md")
    body_bytes_max: int = Field(1_048_576, description="of an ordinary request; uploads have their own limit")
    log_level: str = "INFO"

    @property
    def clock_file(self) -> Path:
        """Where a business date set by an operator lies; only modes for show may have it."""
        return self.data_directory / "clock.json"

    @model_validator(mode="after")
    def _no_set_clock_outside_shows(self) -> Self:
        if not self.mode.is_for_show and self.clock_file.exists():
            raise ValueError(f"mode {self.mode} refuses to start with a set clock: remove {self.clock_file}")
        return self
