"""Input that somebody wrote on purpose: each is refused as what it is, none is a server error, none slips through."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.personas import household, person
from tests.safety.running import UNKNOWN

pytestmark = pytest.mark.asyncio(loop_scope="module")


def whole(**changes: Any) -> bytes:
    return json.dumps(household(**changes), ensure_ascii=False).encode()


def spliced(old: str, new: str, **changes: Any) -> bytes:
    """A registration with one piece of its text replaced: what no JSON writer would write."""
    text = whole(**changes).decode()
    assert old in text
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


JSON = {"Content-Type": "application/json"}
REGION = f'"region": "{VILLAGE}"'
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blank": b"   ",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"household"',
    "a number": b"1",
    "cut off": whole()[:-1],
    "two documents": whole() + whole(),
    "a comment": b"/* */" + whole(),
    "a trailing comma": whole()[:-1] + b",}",
    "single quotes": whole().replace(b'"', b"'"),
    "byte order mark alone": b"\xef\xbb\xbf",
    "UTF-16": whole().decode().encode("utf-16"),
    "not UTF-8": b'{"region": "\xff\xfe"}',
    "overlong UTF-8": b'{"region": "\xc0\xaf"}',
    "a raw control sign in a text": spliced("松坪村一组", "松坪\x01村"),
    "an escaped lone surrogate": spliced("松坪村一组", "\\ud800"),
    "a raw lone surrogate": spliced("松坪村一组", "\ud800"),
    "NaN": spliced(REGION, f'{REGION}, "lifted_year": NaN'),
    "Infinity": spliced(REGION, f'{REGION}, "lifted_year": Infinity'),
    "a number beyond all floats": spliced(REGION, f'{REGION}, "lifted_year": 1e999'),
    "a huge integer": spliced(REGION, f'{REGION}, "lifted_year": {"9" * 400}'),
    "an integer beyond 64 bits": spliced(REGION, f'{REGION}, "land_mu_hundredths": {2**64}'),
    "an integer as a fraction": spliced(REGION, f'{REGION}, "lifted_year": 2018.0'),
    "an integer as a text": whole(lifted_year="2018"),
    "an integer as true": whole(land_mu_hundredths=True),
    "true as 1": whole(is_lifted=1),
    "true as a text": whole(is_lifted="true"),
    "true as yes": whole(is_lifted="yes"),
    "a region of Arabic digits": whole(region="٦١٠٩٩٩١٠١٢٠٣"),
    "a region of six digits": whole(region="610999"),
    "a region with a sign": whole(region="+61099910120"),
    "a region with an underscore": whole(region="6109_9101203"),
    "an identity number of Arabic digits": whole(members=[person(identity_number="٦١٠٩٩٩١٩٧٤٠٣١٢٣٠١٠")]),
    "an identity number that a spreadsheet rounded": whole(members=[person(identity_number="6.10999E+17")]),
    "an identity number as a number": whole(members=[person(identity_number=610999197403123010)]),
    "a day that does not exist": whole(valid_from="2024-02-30"),
    "a day as an instant": whole(valid_from="2024-02-03T00:00:00"),
    "a day as a number": whole(valid_from=20240203),
    "a day of the year 0": whole(valid_from="0000-01-01"),
    "a day of the year 10000": whole(valid_from="10000-01-01"),
    "an unknown field": whole(region_name="松坪村"),
    "an unknown field within": whole(members=[person(is_admin=True)]),
    "a field of a class": whole(__class__="x"),
    "an id that is no UUIDv7": whole(id="00000000-0000-0000-0000-000000000000"),
    "an unlisted choice": whole(members=[person(relation="00")]),
    "a choice in a list": whole(members=[person(relation=["02"])]),
    "no member": whole(members=[]),
    "too many members": whole(members=[{"name": "甲", "relation": "02"}] * 41),
    "a text beyond all measure": whole(address="村" * 100_000),
    "an empty name": whole(members=[person(name="")]),
    "a name of blanks": whole(members=[person(name="\u3000\u200b ")]),
    "a name with markup": whole(members=[person(name="<script>alert(1)</script>")]),
    "deeply nested lists": b"[" * 100_000 + b"]" * 100_000,
    "deeply nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a deep field": spliced(REGION, f'{REGION}, "national_no": {"[" * 500}{"]" * 500}'),
}


@pytest.fixture
def token(service):
    return service.token(Role.COUNTY_OFFICER, COUNTY)


def assert_problem(answer, *statuses):
    assert answer.status_code in (statuses or (400, 409, 413, 415, 422)), f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert set(problem) >= {"type", "title", "status", "detail", "instance", "code", "trace_id", "errors"}


@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_registration_is_refused(service, token, name):
    body = BODIES[name]
    answer = await service.ask("POST", "/households", token, content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer)
    assert b"script" not in answer.content


async def test_a_nul_never_reaches_the_database(service, token):
    """PostgreSQL holds no NUL: it is cleaned away or refused, whether escaped in JSON or in an address."""
    made = await service.ask(
        "POST",
        "/households",
        token,
        content=spliced("松坪村一组", "松坪\\u0000村", members=[person(name="王\x00一")]),
        headers=JSON,
    )
    if made.status_code == 201:
        assert "\\u0000" not in made.text
    else:
        assert_problem(made, 422)
    for path in ("/households?name=%00", "/regions/%00", "/codes/%00", "/households?cursor=%00"):
        assert_problem(await service.ask("GET", path, token), 404, 422)


async def test_of_a_field_given_twice_no_half_counts_unseen(service, token):
    """Two readers that keep different ones can be played against each other; ours keeps the last or refuses."""
    body = spliced(REGION, f'"region": "510999101203", {REGION}')
    answer = await service.ask("POST", "/households", token, content=body, headers=JSON)
    if answer.status_code == 201:
        assert answer.json()["region"] == str(VILLAGE)
    else:
        assert_problem(answer, 400, 422)


@pytest.mark.parametrize(
    "amount",
    [
        0.1,
        1,
        True,
        "0.001",
        "1e2",
        "1,000.00",
        " 1.00",
        "١.٠٠",
        "１.００",
        "-0.01",
        "",
        "NaN",
        "9" * 30 + ".00",
        "+1.00",
    ],
)
async def test_money_is_a_text_with_two_decimals_and_nothing_else(service, token, amount):
    line = {"kind": "wage.outside_work", "amount": amount, "month": "2024-04", "source": "访谈"}
    made = await service.made("POST", "/households", token, json=household())
    answer = await service.ask(
        "POST",
        f"/households/{made['id']}/income-statements",
        token,
        content=orjson.dumps({"lines": [line]}),
        headers=JSON,
    )
    assert_problem(answer, 422)
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/amount"


@pytest.mark.parametrize(
    "instant", ["2024-06-03T09:00:00", "2024-06-03", "1717376400", "2024-06-03T09:00:00+99:00", "now"]
)
async def test_an_instant_has_an_offset(service, token, instant):
    answer = await service.ask("GET", f"/households/{UNKNOWN}", token, params={"known_at": instant})
    assert_problem(answer, 422)


@pytest.mark.parametrize(
    "media",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json/x",
        "x" * 300,
    ],
)
async def test_a_body_of_another_kind_is_refused(service, token, media):
    answer = await service.ask("POST", "/households", token, content=whole(), headers={"Content-Type": media})
    assert_problem(answer)


@pytest.mark.parametrize(
    "query",
    [
        "nmae=x",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=%D9%A1",
        "limit=true",
        "limit=",
        "limit=99999999999999999999",
        "region=610999",
        "region=0",
        "region[]=610999101203",
        "is_lifted=2",
        "state=*",
        "name=",
        "risk=%00",
        "cursor=eyJ9",
        "cursor=" + "A" * 5000,
        "cursor=a.b.c",
        "cursor=%F0%9F%92%A9",
        "cursor=",
        "%00=1",
        "limit=5&limit=abc",
        "limit=1&limit=2",
        "region=610999101203&region=610999101203",
        "q=" + "x" * 2000,
    ],
)
async def test_a_bad_query_is_refused(service, token, query):
    assert_problem(await service.ask("GET", f"/households?{query}", token), 404, 422)


async def test_what_may_be_given_once_is_named_when_it_is_given_twice_and_a_list_may_repeat(service, token):
    answer = await service.ask("GET", "/households?limit=1&limit=2&state=active&dry=1", token)
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("?", "unknown_parameter"),
        ("?limit", "repeated_parameter"),
    ]
    assert (await service.ask("GET", "/changes?kind=household&kind=person", token)).status_code == 200


async def test_a_cursor_of_another_list_or_bent_is_refused(service, token):
    for _ in range(2):
        await service.made("POST", "/households", token, json=household())
    page = await service.made("GET", "/households", token, params={"limit": 1})
    cursor = page["next_cursor"]
    assert cursor
    bent = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for path, text in (("/findings", cursor), ("/households", bent), ("/households", cursor + "A"), ("/jobs", cursor)):
        assert_problem(await service.ask("GET", path, token, params={"cursor": text}), 422)
    assert_problem(await service.ask("GET", "/changes", token, params={"cursor": cursor}), 412, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"Acting-As": "x"},
        {"Acting-As": "0" * 5000},
        {"Idempotency-Key": "short"},
        {"Idempotency-Key": "k" * 129},
        {"Idempotency-Key": "with blank inside"},
        {"Idempotency-Key": ""},
        {"If-Match": '"' + "9" * 400 + '"'},
        {"Accept-Language": "zh;q=" + "9" * 5000, "Acting-As": "-"},
        {"traceparent": "x" * 5000, "Acting-As": "-"},
    ],
)
async def test_bad_headers_are_refused(service, token, headers):
    patch = "If-Match" in headers
    if patch:
        made = await service.made("POST", "/households", token, json=household())
        answer = await service.ask("PATCH", f"/households/{made['id']}", token, json={"address": "甲"}, headers=headers)
        return assert_problem(answer, 412, 422)
    return assert_problem(await service.ask("POST", "/households", token, json=household(), headers=headers), 403, 422)


@pytest.mark.parametrize("language", ["*", "zz", "en;q=abc", ",,,;;;", "zh-" + "x" * 4000, "en;q=1e400", "\u00ff"])
@pytest.mark.parametrize("traceparent", ["", "00-" + "0" * 32 + "-" + "0" * 16 + "-00", "ff-x", "x" * 4000])
async def test_headers_that_only_advise_never_stand_in_the_way(service, token, language, traceparent):
    headers = {"Accept-Language": language.encode("latin-1"), "traceparent": traceparent, "If-None-Match": '"' * 999}
    answer = await service.ask("GET", "/households", token, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/households/",
        "//households",
        "/households/..%2f..",
        "/households/%ff",
        "/persons/1",
        "/nothing",
        "/households/" + "9" * 5000,
    ],
)
async def test_a_path_that_leads_nowhere_is_a_problem(service, token, path):
    assert_problem(await service.ask("GET", path, token), 404, 422)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "BREW"])
async def test_a_method_that_is_not_there_is_a_problem(service, token, method):
    assert_problem(await service.ask(method, "/households", token), 405)
