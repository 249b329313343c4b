"""Outages are told apart from events that cannot be applied, and a reason never repeats what an error says."""

from __future__ import annotations

import psycopg
import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.errors import Conflict, Fault, Message, StateRefused, Unavailable
from chassis.events.faults import is_conflict, is_transient, reason_of

ID_NUMBER = "610999199001011234"


def database_error(state: str) -> DBAPIError:
    original = psycopg.errors.lookup(state)(f"DETAIL: Key (id_number)=({ID_NUMBER})")
    return DBAPIError("INSERT", {"id_number": ID_NUMBER}, original)


@pytest.mark.parametrize(
    "state", ["40001", "40P01", "55P03", "57P01", "57P03", "08006", "53300", "53100", "58030", "25006"]
)
def test_the_database_being_away_or_busy_is_no_fault_of_the_event(state):
    assert is_transient(database_error(state))


@pytest.mark.parametrize("state", ["23505", "23503", "42501", "22P02", "57014", "42P01", "XX000"])
def test_a_statement_that_is_refused_is(state):
    assert not is_transient(database_error(state))


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(), ConnectionResetError(), PoolTimeout(), psycopg.OperationalError("server closed"),
        OperationalError("SELECT", {}, psycopg.OperationalError("server closed")),
    ],
)  # fmt: skip
def test_errors_without_a_code_of_the_database_can_be_outages(error):
    assert is_transient(error)


@pytest.mark.parametrize("error", [ValueError(), Conflict(), TimeoutError(), KeyError("x")])
def test_an_actions_own_errors_are_not(error):
    assert not is_transient(error)


def test_an_outage_is_seen_behind_another_error():
    wrapped = ValueError()
    wrapped.__cause__ = KeyError()
    wrapped.__cause__.__context__ = database_error("40001")
    assert is_transient(wrapped)
    assert is_conflict(wrapped)
    assert not is_conflict(database_error("57P01"))


def test_reasons_are_names_and_codes():
    class Form(BaseModel):
        id_number: int
        name: str

    with pytest.raises(ValidationError) as invalid:
        Form.model_validate({"id_number": ID_NUMBER + "x"})
    guards = StateRefused(faults=[Fault("/name", "name_missing", Message(ID_NUMBER, ID_NUMBER))])
    reasons = [reason_of(error) for error in (ValueError(ID_NUMBER), database_error("23505"), invalid.value, guards)]
    assert reasons == [
        "ValueError",
        "DBAPIError 23505",
        "ValidationError int_parsing missing",
        "StateRefused state_refused name_missing",
    ]
