"""A clock, the issuer's keys, and a book of passwords that is quick to ask."""

import pytest

from chassis.clock import FixedClock
from deploy.embedded.issued_keys import IssuedKeys
from deploy.embedded.passwords import PasswordBook, ScryptCost

CHEAP = ScryptCost(n=16, r=1, p=1)
PASSWORD = "correct horse 电池"


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def book(tmp_path):
    made = PasswordBook(tmp_path / "passwords.json", cost=CHEAP)
    made.keep({"clerk": PASSWORD, "gone": PASSWORD})
    return made


@pytest.fixture
def keys(tmp_path):
    return IssuedKeys.load_or_create(tmp_path)
