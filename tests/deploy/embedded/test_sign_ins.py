"""Who signs in carries the posts that monitoring's staff says; passwords lie in private files."""

from __future__ import annotations

import json
import stat
from datetime import date

import pytest

from chassis.clock import FixedClock
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN
from deploy.embedded.admitting import admit_first_administrator, admit_officers, holders
from deploy.embedded.installation import Installation
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.sign_ins import SignInsUnreadable, read_sign_ins
from deploy.sample.model import SampleOfficer
from services.monitoring.app import SERVICE

PEOPLE = [
    SampleOfficer("county-1", "周建平", Role.COUNTY_OFFICER, COUNTY, "监测股股长"),
    SampleOfficer("clerk-medical", "医保经办", Role.DEPARTMENT_CLERK, COUNTY, "县医保局", "medical_insurance"),
]
STARTS_ON = date(2020, 1, 1)


@pytest.fixture
def monitoring(make_program):
    return make_program("monitoring", SERVICE.tables, versions=SERVICE.migrations, template="monitoring")


@pytest.fixture
def installation(tmp_path):
    return Installation(tmp_path)


async def test_admitted_officers_sign_in_with_the_posts_of_staff(installation, monitoring):
    entries = await admit_officers(installation, monitoring, PEOPLE, starts_on=STARTS_ON)
    book, now = PasswordBook(installation.password_book), FixedClock().system_now()
    assert await book.is_right("county-1", entries[0].password, now=now)
    held = await holders(monitoring)("clerk-medical")
    assert held.subject == "sample:clerk-medical"
    assert [(post.role, post.region, post.department) for post in held.assignments] == [
        (Role.DEPARTMENT_CLERK, COUNTY, "medical_insurance")
    ]
    assert await holders(monitoring)("stranger") is None
    assert stat.S_IMODE(installation.sign_ins.stat().st_mode) == 0o600


async def test_admitting_again_keeps_passwords_and_adds_who_is_new(installation, monitoring):
    first = await admit_officers(installation, monitoring, PEOPLE, starts_on=STARTS_ON)
    late = SampleOfficer("town-101", "清溪镇专干", Role.TOWN_OFFICER, TOWN, "清溪镇")
    await admit_officers(installation, monitoring, [late], starts_on=STARTS_ON)
    kept = read_sign_ins(installation)
    assert kept[:2] == first
    assert [entry.username for entry in kept] == ["county-1", "clerk-medical", "town-101"]
    listed = json.loads(installation.sign_ins.read_text())
    assert listed[2]["area"] == str(TOWN)
    for entry in listed:
        told = {name: entry[name] for name in ("username", "password", "role", "area", "title")}
        assert all(isinstance(value, str) and value for value in told.values())
        assert entry["role"] in set(Role)


def test_a_damaged_file_of_sign_ins_says_what_to_do_and_repeats_nothing(installation):
    installation.sign_ins.write_text('[{"username": "county-1", "password": "hush-hush"')
    installation.sign_ins.chmod(0o600)
    with pytest.raises(SignInsUnreadable, match="restore it from a backup, or remove it") as refused:
        read_sign_ins(installation)
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_an_installation_without_the_sample_gets_one_security_administrator(installation, monitoring):
    given = await admit_first_administrator(installation, monitoring, COUNTY, starts_on=STARTS_ON)
    assert given.role == "security_administrator"
    assert (await holders(monitoring)(given.username)).assignments[0].role is Role.SECURITY_ADMINISTRATOR
    assert await admit_first_administrator(installation, monitoring, COUNTY, starts_on=STARTS_ON) is None
    assert len(read_sign_ins(installation)) == 1
