"""Who may grant what: each rule of clause F1 as a row."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from chassis.security.grants import ADMINISTRATORS, LEVELS, WRITING, grant_faults, post_faults
from chassis.security.scope import Actor, Assignment, Level, Role

COUNTY, OTHER_COUNTY, TOWN, VILLAGE = 610999000000, 610998000000, 610999101000, 610999101203
CITY, PROVINCE = 610900000000, 610000000000
TODAY = date(2024, 6, 3)
REGION_OF = {
    Level.PROVINCE: PROVINCE,
    Level.CITY: CITY,
    Level.COUNTY: COUNTY,
    Level.TOWN: TOWN,
    Level.VILLAGE: VILLAGE,
}


def make_post(role=Role.TOWN_OFFICER, region=TOWN, n=1, **fields):
    return Assignment(UUID(int=n), role, region, **fields)


ADMINISTRATOR = Actor("guard", make_post(Role.SECURITY_ADMINISTRATOR, COUNTY, n=99))


def codes(proposed, *, grantor=ADMINISTRATOR, grantee="somebody", held=(), stood_in=None):
    faults = grant_faults(grantor, proposed, grantee=grantee, held=held, stood_in=stood_in, on=TODAY)
    assert all(fault.message.zh and fault.message.en for fault in faults)
    return [fault.code for fault in faults]


def test_a_security_administrator_grants_a_post_in_his_area():
    assert codes(make_post()) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SECURITY_ADMINISTRATOR])
def test_nobody_else_grants(role):
    grantor = Actor("guard", make_post(role, COUNTY, n=99))
    assert codes(make_post(), grantor=grantor) == ["grantor_not_security_administrator"]


def test_a_post_that_is_over_grants_nothing():
    over = Actor("guard", replace(ADMINISTRATOR.assignment, ends_on=date(2024, 6, 2)))
    assert codes(make_post(), grantor=over) == ["grantor_not_in_force"]
    last_day = Actor("guard", replace(ADMINISTRATOR.assignment, ends_on=TODAY))
    assert codes(make_post(), grantor=last_day) == []


def test_nobody_grants_himself():
    assert codes(make_post(Role.PUBLIC_READER), grantee="guard") == ["grants_himself"]


@pytest.mark.parametrize("region", [OTHER_COUNTY, CITY, PROVINCE])
def test_posts_outside_the_grantors_area_are_refused(region):
    assert codes(make_post(Role.AUDITOR, region)) == ["outside_grantors_area"]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("level", REGION_OF)
def test_a_role_fits_its_levels_only(role, level):
    fits_by_hand = {
        Role.PROVINCE_OFFICER: "P",
        Role.CITY_OFFICER: "C",
        Role.COUNTY_OFFICER: "X",
        Role.TOWN_OFFICER: "T",
        Role.VILLAGE_CADRE: "V",
        Role.GRID_WORKER: "V",
        Role.DEPARTMENT_CLERK: "PCX",
        Role.AUDITOR: "PCXT",
        Role.PUBLIC_READER: "PCXTV",
        Role.SYSTEM_ADMINISTRATOR: "PCX",
        Role.SECURITY_ADMINISTRATOR: "PCX",
        Role.AUDIT_ADMINISTRATOR: "PCX",
        Role.PROGRAM: "",
    }
    letter = "PCXTV"[list(REGION_OF).index(level)]
    department = "medical_insurance" if role is Role.DEPARTMENT_CLERK else None
    faults = [fault.code for fault in post_faults(make_post(role, REGION_OF[level], department=department))]
    if role is Role.PROGRAM:
        assert faults == ["role_not_for_people"]
    else:
        assert faults == ([] if letter in fits_by_hand[role] else ["level_unfit_for_role"])


def test_every_role_has_its_levels():
    assert set(LEVELS) == set(Role)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (make_post(Role.DEPARTMENT_CLERK, COUNTY), ["department_missing"]),
        (make_post(department="medical_insurance"), ["department_unfit_for_role"]),
        (make_post(starts_on=date(2024, 7, 2), ends_on=date(2024, 7, 1)), ["term_reversed"]),
        (make_post(starts_on=date(2024, 7, 1), ends_on=date(2024, 7, 1)), []),
        (make_post(ends_on=date(2024, 6, 2)), ["term_over"]),
        (make_post(ends_on=TODAY), []),
        (
            make_post(Role.DEPARTMENT_CLERK, VILLAGE, starts_on=date(2024, 7, 2), ends_on=date(2024, 7, 1)),
            ["level_unfit_for_role", "department_missing", "term_reversed"],
        ),
    ],
)
def test_a_post_is_whole_in_itself(post, expected):
    assert codes(post) == expected


ADMINISTRATOR_POSTS = [make_post(role, COUNTY, n=n) for n, role in enumerate(sorted(ADMINISTRATORS), 10)]
BUSINESS_POSTS = [
    make_post(role, REGION_OF[min(LEVELS[role])], n=n, department="x" if role is Role.DEPARTMENT_CLERK else None)
    for n, role in enumerate(sorted(WRITING), 20)
]
AUDITOR_POST = make_post(Role.AUDITOR, COUNTY, n=30)
READER_POST = make_post(Role.PUBLIC_READER, COUNTY, n=31)
WIDE = Actor("guard", make_post(Role.SECURITY_ADMINISTRATOR, PROVINCE, n=99))


@pytest.mark.parametrize("held", ADMINISTRATOR_POSTS, ids=lambda post: post.role)
@pytest.mark.parametrize("proposed", ADMINISTRATOR_POSTS, ids=lambda post: post.role)
def test_the_three_administrators_are_three_persons(held, proposed):
    second = replace(proposed, id=UUID(int=50))
    once_more = held.role is proposed.role
    assert codes(second, held=[held]) == (["post_held_already"] if once_more else ["two_administrators"])


@pytest.mark.parametrize("business", [*BUSINESS_POSTS, AUDITOR_POST], ids=lambda post: post.role)
@pytest.mark.parametrize("administrator", ADMINISTRATOR_POSTS, ids=lambda post: post.role)
def test_an_administrator_holds_no_business_post(business, administrator):
    expected = ["administrator_with_business_role"]
    assert codes(business, grantor=WIDE, held=[administrator]) == expected
    assert codes(administrator, grantor=WIDE, held=[business]) == expected


@pytest.mark.parametrize("business", BUSINESS_POSTS, ids=lambda post: post.role)
def test_an_auditor_holds_no_writing_post(business):
    assert codes(AUDITOR_POST, grantor=WIDE, held=[business]) == ["auditor_with_writing_role"]
    assert codes(business, grantor=WIDE, held=[AUDITOR_POST]) == ["auditor_with_writing_role"]


@pytest.mark.parametrize("post", [*ADMINISTRATOR_POSTS, *BUSINESS_POSTS, AUDITOR_POST], ids=lambda post: post.role)
def test_whoever_works_here_may_read_what_is_public(post):
    assert codes(READER_POST, grantor=WIDE, held=[post]) == []
    assert codes(post, grantor=WIDE, held=[READER_POST]) == []


def test_one_person_may_hold_several_business_posts():
    assert codes(make_post(Role.VILLAGE_CADRE, VILLAGE, n=2), held=[make_post()]) == []


def test_posts_that_never_hold_on_the_same_day_do_not_clash():
    over = replace(AUDITOR_POST, ends_on=date(2024, 6, 30))
    assert codes(make_post(starts_on=date(2024, 7, 1)), held=[over]) == []
    assert codes(make_post(starts_on=date(2024, 6, 30)), held=[over]) == ["auditor_with_writing_role"]


def test_the_same_post_is_not_held_twice_at_a_time():
    held = make_post(n=2, ends_on=date(2024, 6, 30))
    assert codes(make_post(), held=[held]) == ["post_held_already"]
    assert codes(make_post(starts_on=date(2024, 7, 1)), held=[held]) == []
    assert codes(make_post(region=610999102000), held=[held]) == []
    assert codes(make_post(n=2), held=[held]) == []
    assert codes(STAND_IN, held=[replace(STAND_IN, id=UUID(int=7))], stood_in=STOOD_IN) == ["post_held_already"]
    assert codes(STAND_IN, held=[held], stood_in=STOOD_IN) == []


def test_a_changed_post_does_not_clash_with_its_own_old_form():
    old = make_post(Role.AUDITOR, TOWN, n=1)
    assert codes(make_post(n=1), held=[old]) == []


STOOD_IN = make_post(n=5, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))
STAND_IN = make_post(n=6, starts_on=date(2024, 6, 3), ends_on=date(2024, 6, 30), stands_in_for="officer")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"ends_on": None}, ["stand_in_without_end", "stand_in_exceeds_term"]),
        ({"ends_on": date(2024, 12, 31)}, []),
        ({"ends_on": date(2025, 1, 1)}, ["stand_in_exceeds_term"]),
        ({"starts_on": date(2023, 12, 31)}, ["stand_in_exceeds_term"]),
        ({"role": Role.COUNTY_OFFICER, "region": COUNTY}, ["stand_in_exceeds_role", "stand_in_exceeds_area"]),
        ({"region": 610999102000}, ["stand_in_exceeds_area"]),
        ({"role": Role.VILLAGE_CADRE, "region": VILLAGE}, ["stand_in_exceeds_role"]),
        ({"stands_in_for": "somebody"}, ["stands_in_for_himself"]),
    ],
)
def test_a_stand_in_never_exceeds_the_post_stood_in_for(change, expected):
    assert codes(replace(STAND_IN, **change), stood_in=STOOD_IN) == expected


def test_a_stand_in_for_an_open_post_still_needs_an_end():
    open_post = replace(STOOD_IN, ends_on=None)
    assert codes(replace(STAND_IN, ends_on=None), stood_in=open_post) == ["stand_in_without_end"]
    assert codes(STAND_IN, stood_in=open_post) == []


def test_a_clerk_stands_in_for_his_own_department_only():
    clerk = replace(STOOD_IN, role=Role.DEPARTMENT_CLERK, region=COUNTY, department="medical_insurance")
    stand_in = replace(STAND_IN, role=Role.DEPARTMENT_CLERK, region=COUNTY, department="education")
    assert codes(stand_in, stood_in=clerk) == ["stand_in_exceeds_role"]


def test_a_post_nobody_holds_and_a_stand_ins_post_cannot_be_stood_in_for():
    assert codes(STAND_IN, stood_in=None) == ["stood_in_post_unknown"]
    assert codes(STAND_IN, stood_in=replace(STOOD_IN, stands_in_for="third")) == ["stood_in_post_unknown"]


def test_every_fault_is_reported_at_once():
    nobody = Actor("guard", make_post(Role.TOWN_OFFICER, TOWN, n=99, ends_on=date(2024, 6, 2)))
    proposed = make_post(Role.AUDITOR, COUNTY, department="x", ends_on=date(2024, 6, 1))
    assert codes(proposed, grantor=nobody, grantee="guard", held=[make_post(n=2)]) == [
        "grantor_not_security_administrator",
        "grantor_not_in_force",
        "grants_himself",
        "outside_grantors_area",
        "department_unfit_for_role",
        "term_over",
        "auditor_with_writing_role",
    ]
