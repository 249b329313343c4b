"""Read one household of a file as the API would read it."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from chassis.errors import Fault, Message
from chassis.http.faults import faults_of
from chassis.security.scope import Level, level_of
from services.monitoring.households.importing.model import Piece, Refusal, Setting, refusal_of
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import HouseholdCreate

_OUTSIDE: Final = Fault(
    "/region", "region_outside", Message("该村不在您的管辖范围内。", "This village lies outside your area.")
)


def read_household(piece: Piece, setting: Setting) -> HouseholdCreate | list[Refusal]:
    """The household as the API would read it, or every reason why it is none; the rules have not judged it yet."""
    try:
        body = HouseholdCreate.model_validate_json(piece.document)
    except ValidationError as refused:
        errors = [
            {**error, "loc": ("body", *error["loc"])}
            for error in refused.errors(include_input=False, include_url=False)
        ]
        return [refusal_of(piece, found) for found in faults_of(errors)]
    found = []
    if not setting.lo <= body.region <= setting.hi:
        found.append(_OUTSIDE)
    elif level_of(body.region) is not Level.VILLAGE:
        found.append(fault("/region", "region_not_a_village"))
    if body.valid_from is not None and body.valid_from > setting.today:
        found.append(fault("/valid_from", "change_after_today"))
    return [refusal_of(piece, one) for one in found] if found else body


def document_of(body: HouseholdCreate) -> dict[str, Any]:
    """The same with numbers whole, and with what follows from them."""
    document = body.model_dump(mode="json", exclude={"members", "phone"})
    document["id"] = body.id
    document["phone"] = body.phone.value if body.phone else None
    document["members"] = []
    for member in body.members:
        plain = member.model_dump(mode="json", exclude={"identity_number", "disability_number", "phone"})
        number = member.identity_number
        plain |= {
            "id": member.id,
            "identity_number": number.value if number else None,
            "disability_number": member.disability_number.value if member.disability_number else None,
            "phone": member.phone.value if member.phone else None,
        }
        if number is not None:
            plain |= {"birth_date": number.birth_date.isoformat(), "sex": number.sex_code}
        document["members"].append(plain)
    return document
