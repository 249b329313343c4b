"""What is imported stands in the registry as if each household had been registered by hand."""

from __future__ import annotations

import io
import os
from base64 import b64encode
from typing import Any

from chassis.security.keys import Purpose
from chassis.security.scope import Role
from chassis.security.vault import Vault
from chassis.tabular import Format, open_writer
from chassis.testing.programs import RING
from services.monitoring.households.importing.columns import COLUMNS
from services.monitoring.households.importing.job import import_kind
from tests.personas import household, number, person

COMPLETE = {"education": "70", "is_insured": True, "ethnicity": "01", "health": ["chronic"], "phone": "13800001234"}
ZERO = dict.fromkeys(
    ("created", "updated", "unchanged", "ignored", "total", "rows", "refused", "persons_created", "persons_updated"), 0
)


def counts(**given: int) -> dict[str, int]:
    return ZERO | given


async def test_imported_households_read_as_registered_ones(importing, lines):
    by_hand = household(members=[person(**COMPLETE)], phone="0915-2345678", is_lifted=True, lifted_year=2018)
    imported = household(members=[person(**COMPLETE)], phone="0915-2345678", is_lifted=True, lifted_year=2018)
    plain = household(members=[person(**COMPLETE)], phone="13800001234", is_lifted=True, lifted_year=2018)
    registered = (await importing.client.post("/households", json=by_hand)).json()
    row = await importing.run(lines(imported, plain))
    assert row.result == counts(created=2, total=2, rows=2, persons_created=2)
    read = [
        (await importing.client.get(f"/households/{one.id}")).json()
        for one in await importing.ask("SELECT id FROM household WHERE origin = 'imported' ORDER BY id")
    ]
    differing = {"id", "household_id", "recorded_at", "origin", "identity_number_masked", "phone_masked", "members"}
    for one in read:
        assert _without(one, differing) == _without(registered, differing)
        assert _without(one["members"][0], differing) == _without(registered["members"][0], differing)
        assert one["members"][0]["identity_number_masked"].startswith("610999********")
    assert {one["phone_masked"] for one in read} == {"0915-****678", "138****1234"}


async def test_while_keys_are_replaced_an_import_tells_every_receiver_both_indexes(importing, lines, monitoring):
    both = monitoring.vault = Vault.of(RING.with_key(Purpose.INDEX, os.urandom))
    someone = person()
    await importing.run(lines(household(members=[someone])))
    [told] = await importing.ask("SELECT data FROM outbox WHERE type LIKE '%.person.recorded.v1'")
    for receiver in ("assets", "employment", "funds"):
        index = both.identity_numbers.for_service(receiver)
        encoded = [b64encode(found).decode() for found in index.candidates(someone["identity_number"])]
        assert len(encoded) == 2
        assert [told.data["identity_indexes"][receiver], *told.data["other_identity_indexes"][receiver]] == encoded


async def test_imports_write_the_audit_change_and_event_rows_of_a_registration(importing, lines):
    await importing.client.post("/households", json=household(members=[person(**COMPLETE)]))
    await importing.run(lines(household(members=[person(**COMPLETE)]), household(members=[person()])))
    told = await importing.ask("SELECT action, count(*) AS n FROM audit_entry GROUP BY 1")
    by_action = {one.action: one.n for one in told}
    assert (by_action["household.register"], by_action["person.register"]) == (3, 3)
    assert by_action["finding.open"] == 2, "a blank education and a blank insurance"
    events = await importing.ask(
        """
        SELECT type, array_agg(DISTINCT k) AS keys, count(DISTINCT id) AS n FROM outbox, LATERAL (
            SELECT string_agg(key || jsonb_typeof(value), ',' ORDER BY key) AS k FROM jsonb_each(data)
        ) AS named WHERE type LIKE '%.recorded%' GROUP BY 1 ORDER BY 1
        """
    )
    assert [(one.n, len(one.keys)) for one in events] == [(3, 1), (3, 1)], "one shape, whoever wrote it"
    assert len(await importing.ask("SELECT FROM change WHERE kind IN ('household', 'person')")) == 6
    assert len(await importing.ask("SELECT FROM pending")) == len(await importing.ask("SELECT FROM outbox"))


async def test_every_wrong_line_is_told_and_the_others_are_taken(importing, lines):
    bad_number = household(members=[person(), person(identity_number="610999197403123011", relation="20")])
    elsewhere = household(region="510999101203")
    content = lines(household(), bad_number) + b"{broken\n\n" + lines(elsewhere, household(colour="red"), household())
    row = await importing.run(content)
    assert row.result == counts(created=2, ignored=4, total=6, rows=6, refused=4, persons_created=2)
    assert (
        await importing.errors(row.id)
        == [
            (2, "members/1/identity_number", "identity_number_check_digit"),
            (3, "", "json_invalid"),
            (5, "region", "region_outside"),
            (6, "colour", "extra_forbidden"),
        ]
        or (await importing.errors(row.id))[1][2] == "row_malformed"
    )
    page = (await importing.client.get(f"/jobs/{row.id}/errors")).json()
    assert "610999197403123011" not in str(page)


async def test_a_table_whose_header_lacks_columns_names_each_of_them(importing):
    row = await importing.run("村区划代码,身份证号,出生日期,性别\n610999101203,,1970-01-01,男\n".encode())
    failed = (await importing.client.get(f"/jobs/{row.id}")).json()["error"]
    assert failed["code"] == "invalid_input"
    assert {(fault["pointer"], fault["code"]) for fault in failed["errors"]} >= {
        ("name", "missing_column"),
        ("relation", "missing_column"),
    }
    assert "缺少“姓名”列。" in {fault["message"] for fault in failed["errors"]}


async def test_a_second_import_of_the_same_file_changes_nothing(importing, lines):
    content = lines(*(household(members=[person(**COMPLETE)]) for _ in range(3)))
    await importing.run(content)
    before = await importing.ask("SELECT count(*) AS n FROM audit_entry WHERE kind IN ('household', 'person')")
    again = await importing.run(content)
    assert again.result == counts(unchanged=3, total=3, rows=3)
    assert await importing.ask("SELECT count(*) AS n FROM audit_entry WHERE kind IN ('household', 'person')") == before


async def test_an_update_writes_what_differs_and_keeps_the_state_before(importing, lines):
    first = household(members=[person(**COMPLETE)])
    await importing.run(lines(first))
    member = first["members"][0]
    changed = first | {
        "address": "松坪村二组",
        "members": [member | {"education": "60"}, person(relation="20", **COMPLETE)],
    }
    changed["members"][1]["identity_number"] = number("20010101")
    row = await importing.run(lines(changed))
    assert row.result == counts(updated=1, total=1, rows=1, persons_created=1, persons_updated=1)
    [stored] = await importing.ask("SELECT address, member_count, version FROM household")
    assert tuple(stored) == ("松坪村二组", 2, 2)
    people = await importing.ask("SELECT education, version FROM person ORDER BY version DESC")
    assert [tuple(one) for one in people] == [("60", 2), ("70", 1)]
    assert len(await importing.ask("SELECT FROM household_history")) == 1
    assert len(await importing.ask("SELECT FROM person_history")) == 1


async def test_a_strategy_bounds_what_is_done(importing, lines):
    first, second = household(members=[person(**COMPLETE)]), household(members=[person(**COMPLETE)])
    await importing.run(lines(first))
    create = await importing.run(lines(first | {"address": "二组"}, second), strategy="create")
    assert create.result == counts(created=1, ignored=1, total=2, rows=2, persons_created=1)
    update = await importing.run(lines(first | {"address": "二组"}, household()), strategy="update")
    assert update.result == counts(updated=1, ignored=1, total=2, rows=2)


async def test_one_household_in_two_lines_counts_once(importing, lines):
    one = household(members=[person(**COMPLETE)])
    row = await importing.run(lines(one, one | {"address": "二组"}, one))
    assert row.result["created"] == row.result["total"] == 1
    assert len(await importing.ask("SELECT FROM person")) == 1
    [stored] = await importing.ask("SELECT address FROM household")
    assert stored.address == one["address"], "the lines are taken in their order"


async def test_a_person_known_elsewhere_is_refused_neutrally_and_their_county_gets_a_task(importing, lines, asks):
    theirs = household(region="510999101203")
    assert (await asks(Role.COUNTY_OFFICER, 510999000000).post("/households", json=theirs)).status_code == 201
    mine = household(members=theirs["members"])
    row = await importing.run(lines(mine, household()))
    assert row.result == counts(created=1, ignored=1, total=2, rows=2, refused=1, persons_created=1)
    assert await importing.errors(row.id) == [(1, "", "registration_clash")]
    [task] = await importing.ask("SELECT region, claimed_region, state FROM clash_task")
    assert tuple(task) == (510999101203, 610999101203, "open")


async def test_validation_tells_what_would_happen_and_changes_nothing(importing, lines):
    content = lines(household(), household(region="510999101203"), household())
    judged = await importing.run(content, mode="validate")
    assert judged.result == counts(created=2, ignored=1, total=3, rows=3, refused=1, persons_created=2)
    assert await importing.ask("SELECT FROM household") == []
    assert len(await importing.errors(judged.id)) == 1


async def test_one_wrong_line_refuses_the_whole_file_if_asked_to(importing, lines):
    refused = await importing.run(lines(household(), household(region="510999101203")), atomic="all")
    assert (refused.state, refused.error_code) == ("failed", "import_refused")
    assert await importing.ask("SELECT FROM household") == []
    good = await importing.run(lines(household(), household()), atomic="all")
    assert good.result["created"] == 2


async def test_a_file_too_long_for_one_transaction_is_refused(importing, lines):
    content = lines(*(household() for _ in range(4)))
    row = await importing.run(content, import_kind(whole_persons_max=3, chunk_persons=2), mode="validate")
    assert (row.state, row.error_code) == ("failed", "too_many_rows_for_one_transaction")


async def test_a_national_number_that_stands_elsewhere_is_told_and_the_rest_of_the_chunk_is_taken(
    importing, lines, asks
):
    theirs = household(region="510999101203", national_no="N1")
    assert (await asks(Role.COUNTY_OFFICER, 510999000000).post("/households", json=theirs)).status_code == 201
    row = await importing.run(lines(household(), household(national_no="N1"), household()))
    assert row.result["created"] == 2
    assert await importing.errors(row.id) == [(2, "national_no", "national_no_taken")]


def _table(form: Format, *rows: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    used = [column for column in COLUMNS if any(column.name in row for row in rows)]
    with open_writer(out, [column.label for column in used], form=form) as writer:
        for row in rows:
            writer.write([row.get(column.name) for column in used])
    return out.getvalue()


def _row(key: str, **values: Any) -> dict[str, Any]:
    return {"household_key": key, "region": "610999101203", "name": "王小明", "relation": "户主"} | values


async def test_a_table_holds_a_person_a_row_and_says_which_row_is_wrong(importing):
    rows = [
        _row(
            "1", identity_number=number(), education="初中", is_insured="是", health="长期慢性病、残疾", land_mu="3.5"
        ),
        _row("1", identity_number=number("20010101"), relation="之子", name="王二", sex="男"),
        _row("2", identity_number="610999197403123011"),
        _row("3", identity_number=number(), health="很好"),
        _row("1", identity_number=number()),
        _row("4", national_no="H4", birth_date="1980-01-01", sex="女", no_number_reason="证件遗失待补"),
    ]
    for form in (Format.CSV, Format.XLSX):
        row = await importing.run(_table(form, *rows))
        assert row.result["refused"] == 3, form
        found = await importing.errors(row.id)
        assert [one[:2] for one in found] == [(4, "identity_number"), (5, "health"), (6, "household_key")], form
    stored = await importing.ask("SELECT land_mu_hundredths, member_count FROM household ORDER BY member_count")
    assert [tuple(one) for one in stored] == [(None, 1), (350, 2)]
    assert row.result["unchanged"] == 2, "the workbook says the same as the text file, nobody without number twice"


async def test_rows_of_one_key_that_speak_of_two_households_are_refused(importing):
    rows = [
        _row("1", identity_number=number(), is_lifted="否", land_mu="3.5"),
        _row("1", identity_number=number("20010101"), relation="之子", land_mu="3.50", address="松坪村一组"),
        _row("2", identity_number=number(), is_lifted="否", land_mu="2"),
        _row("2", identity_number=number(), region="610999101204", is_lifted="是", land_mu="3"),
    ]
    for form in (Format.CSV, Format.XLSX):
        row = await importing.run(_table(form, *rows))
        assert (row.result["total"], row.result["refused"]) == (2, 1), form
        found = await importing.errors(row.id)
        assert [one[:3] for one in found] == [
            (5, name, "household_differs") for name in ("region", "is_lifted", "land_mu")
        ], form
    stored = await importing.ask("SELECT member_count, address FROM household")
    assert [tuple(one) for one in stored] == [(2, "松坪村一组")]


def _without(document: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}
