"""Every code list is served whole, and not twice to who has it."""

from __future__ import annotations

from chassis.security.scope import Role
from services.monitoring.codes.registry import CODE_LISTS


async def test_every_code_list_is_named_and_served_with_its_entries(asks):
    reader = asks(Role.DEPARTMENT_CLERK, department="civil_affairs")
    heads = (await reader.get("/codes")).json()["items"]
    assert [head["name"] for head in heads] == list(CODE_LISTS)
    relation = (await reader.get("/codes/relation")).json()
    assert relation["source"] == "GB/T 4761-2008"
    assert {"code": "02", "name": "HEAD", "label": "户主", "aliases": []} in relation["entries"]
    assert len(relation["entries"]) == len(CODE_LISTS["relation"])


async def test_who_has_a_list_is_told_that_it_is_unchanged(asks):
    reader = asks()
    for where in ("/codes", "/codes/sex"):
        first = await reader.get(where)
        again = await reader.get(where, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
        other = await reader.get(where, headers={"If-None-Match": '"another"'})
        assert other.json() == first.json()


async def test_an_unknown_list_is_not_found_and_nobody_reads_without_signing_in(asks):
    reader = asks()
    assert (await reader.get("/codes/sexes")).status_code == 404
    assert (await reader.get("/codes", headers={"Authorization": ""})).status_code == 401
