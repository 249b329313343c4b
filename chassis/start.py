"""Assemble a program from its settings: database, keys, clock, tokens. The only place that reads the mode."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

import httpx
from pydantic import SecretStr

from chassis.bus.in_process import InProcessBus
from chassis.bus.protocol import Bus
from chassis.clock import Clock, SettableClock, SystemClock
from chassis.database.engine import Database
from chassis.errors import NotSignedIn
from chassis.program import Bearer, Program
from chassis.security.jwks import FetchedJwks, Jwks, KeySource
from chassis.security.keys import KeyRing
from chassis.security.tokens import TokenVerifier, choose_assignment
from chassis.security.vault import Vault
from chassis.settings import Bus as BusKind
from chassis.settings import KafkaSettings, Mode, ProgramSettings


class Unconfigured(Exception):
    """A setting is missing; the text says which."""


def make_clock(settings: ProgramSettings) -> Clock:
    """The business clock: one that an operator may set in modes for show, the machine's own elsewhere."""
    return SettableClock(settings.clock_file) if settings.mode.is_for_show else SystemClock()


def make_program(name: str, settings: ProgramSettings) -> Program:
    """The program ``name``; it opens no connection yet.

    :raises Unconfigured: if the issuer's keys are not named.
    """
    clock = make_clock(settings)
    vault = Vault.of(KeyRing.parse(settings.key_ring.get_secret_value()))
    verifier = TokenVerifier(
        _issuer_keys(settings),
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        clock=clock,
        leeway_seconds=settings.token_leeway_seconds,
    )
    return Program(
        name=name,
        settings=settings,
        database=Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size),
        clock=clock,
        vault=vault,
        verify=verifier.verify,
        choose=choose_assignment,
    )


def make_bus(program: Program, groups: Iterable[str]) -> Bus:
    """The bus that the settings name; it opens no connection yet.

    :param groups: consumer groups of this process, which are all that a bus inside one process can reach.
    :raises Unconfigured: for a bus inside this process where events are to reach other programs.
    """
    if program.settings.bus is BusKind.KAFKA:
        from chassis.bus.kafka import KafkaBus  # only who uses it pays for its import

        return KafkaBus(KafkaSettings(), program.name)
    if not program.settings.mode.is_for_show:
        raise Unconfigured("XIANJIE_BUS=in_process would tell no other program of an event: set XIANJIE_BUS=kafka")
    return InProcessBus(groups)


def make_idle_program(name: str) -> Program:
    """A program that will never run, to write documents from: fresh keys, no issuer, no database behind the address."""
    settings = ProgramSettings(
        mode=Mode.TEST,
        database_url=SecretStr("postgresql://nobody@localhost/nothing"),
        migrate_database_url=None,
        data_directory=Path("nowhere"),
        jwks_url=None,
        jwks_file=None,
        key_ring=SecretStr(KeyRing.generate(os.urandom).to_json()),
    )

    async def nobody(_text: str) -> Bearer:
        raise NotSignedIn

    return Program(
        name=name,
        settings=settings,
        database=Database(settings.database_url.get_secret_value(), pool_size=2),
        clock=SystemClock(),
        vault=Vault.of(KeyRing.parse(settings.key_ring.get_secret_value())),
        verify=nobody,
        choose=choose_assignment,
    )


def _issuer_keys(settings: ProgramSettings) -> KeySource:
    if settings.jwks_file is not None:
        return Jwks(json.loads(settings.jwks_file.read_text("utf-8")))
    if settings.jwks_url is not None:
        return FetchedJwks(settings.jwks_url, httpx.AsyncClient(), monotonic=time.monotonic)
    raise Unconfigured("set XIANJIE_JWKS_URL (or XIANJIE_JWKS_FILE) to the issuer's keys")
