"""What a household signs and says, for tests that need it."""

from __future__ import annotations

from typing import Any

import httpx

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
"""Enough of a picture for the sniffing: what is on a sheet nobody looks at here."""


async def sheet(client: httpx.AsyncClient, content: bytes = PNG, *, purpose: str = "consent_sheet") -> str:
    """A photo of a signed sheet, or for another purpose, uploaded by this client."""
    begun = await client.post("/uploads", json={"size": len(content), "purpose": purpose})
    assert begun.status_code == 201, begun.text
    url = f"/uploads/{begun.json()['id']}"
    assert (await client.put(url, params={"offset": 0}, content=content)).status_code == 200
    done = await client.post(f"{url}/complete")
    assert done.status_code == 200, done.text
    return done.json()["id"]


def authorisation(household: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An inquiry authorisation that the head signed for everybody on a tablet."""
    members = [one["id"] for one in household["members"]]
    return {
        "kind": "authorisation",
        "purposes": ["economy_check"],
        "covers": members,
        "signed_by": members[0],
        "given_by": "electronic",
    } | changes


async def consented(client: httpx.AsyncClient, household: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await client.post(f"/households/{household['id']}/consents", json=authorisation(household, **changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


ITEMS = ("food", "clothing", "compulsory_education", "basic_medical", "housing", "water")


def said(question: str, *value: str, person_id: str | None = None) -> dict[str, Any]:
    """One answer of an interview."""
    return {"question": question, "person_id": person_id, "value": list(value)}


def filled(household: dict[str, Any], *answers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An interview form with the answers that no office can know, and further ``answers``."""
    unknown = [
        *(said(f"guarantee.{item}", "yes") for item in ITEMS),
        *(said("lives_at_home", "true", person_id=one["id"]) for one in household["members"]),
        said("applies", "true"),
    ]
    members = [one["id"] for one in household["members"]]
    return {"form_version": 1, "mode": "home", "present": members[:1], "answers": [*unknown, *answers]} | changes
