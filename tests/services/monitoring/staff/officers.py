"""Officers and posts as an administrator enters them."""

from __future__ import annotations

from chassis.testing.programs import TOWN


def a_post(**changes):
    return {"role": "town_officer", "region": str(TOWN), "starts_on": "2024-06-01", "title": "乡镇防返贫专干"} | changes


def an_officer(username="wang", **changes):
    return {"subject": f"issuer:{username}", "username": username, "name": "王强", "post": a_post()} | changes
