"""Judge households and make their rows ready to be copied: everything that takes processor time and no database.

Runs in processes of its own (:mod:`services.monitoring.households.importing.pool`), or in a thread for a few.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import orjson
from pydantic import ValidationError
from uuid_utils import uuid7  # as in new_id, for what is only ever text here

from chassis.errors import Fault, Message
from chassis.http.faults import faults_of
from chassis.identifiers import new_id
from chassis.identity_numbers import IdentityNumber
from chassis.security.keys import Purpose
from chassis.security.scope import Level, level_of
from chassis.security.vault import Vault
from services.monitoring.households.importing.model import Piece, Prepared, Ready, Refusal, Setting, refusal_of
from services.monitoring.households.importing.sieve import Sieve
from services.monitoring.households.judge import judge_registration
from services.monitoring.households.numbers import HOUSEHOLD, PERSON, RECEIVERS, indexes_for_receivers
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import HouseholdCreate

HOUSEHOLD_COLUMNS: Final = (
    *("ord", "id", "region", "registration_region", "national_no", "address", "contact_phone", "is_lifted"),
    *("lifted_year", "is_resettled", "land_mu_hundredths", "member_count", "valid_from", "event_id", "event_data"),
)
PERSON_COLUMNS: Final = (
    *("ord", "place", "id", "household_id", "region", "valid_from", "name", "identity_number", "no_number_reason"),
    *("birth_date", "sex", "relation", "ethnicity", "marriage", "education", "school_stage", "labour_skill"),
    *("health", "disability_number", "disability_class", "disability_level", "phone", "is_insured"),
    *("is_left_behind", "national_no", "blind_index", "event_id", "event_data"),
)
FINDING_COLUMNS: Final = (
    *("ord", "id", "region", "household_id", "person_id", "code", "field", "message_zh", "message_en"),
)
OLDER_COLUMNS: Final = ("ord", "place", "blind_index")

_OUTSIDE: Final = Fault(
    "/region", "region_outside", Message("该村不在您的管辖范围内。", "This village lies outside your area.")
)
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class _Doubt(NamedTuple):
    member: int | None
    code: str
    field: str
    message: Message


class _Judged(NamedTuple):
    ord: int
    document: Mapping[str, Any]
    doubts: Sequence[_Doubt]


_Row: TypeAlias = tuple[_Judged, str, int, Mapping[str, Any], UUID]
"""A member: their household as judged and its id as text, their place in it, what was said of them, their id."""


class Preparer:
    """Prepares chunks of one import, with its keys."""

    def __init__(self, vault: Vault, setting: Setting) -> None:
        self._setting = setting
        self._sieve = Sieve(setting)
        self._vault = vault
        self._own = vault.identity_numbers
        self._receivers = [(name, vault.identity_numbers.for_service(name)) for name in RECEIVERS]
        self._replaces_keys = len(vault.ring.keys(Purpose.INDEX)) > 1

    def prepare(self, pieces: Sequence[Piece]) -> Prepared:
        """Every household of ``pieces``: refused with all reasons, or as rows."""
        out = Prepared()
        judged = []
        for place, piece in enumerate(pieces):
            found = self._judge(place, piece)
            if isinstance(found, _Judged):
                judged.append(found)
            else:
                out.refused.append((place, found))
        self._make_rows(judged, out)
        return out

    def _judge(self, place: int, piece: Piece) -> _Judged | list[Refusal]:
        if piece.faults:
            return list(piece.faults)
        try:
            document = orjson.loads(piece.document)
        except orjson.JSONDecodeError:
            return [refusal_of(piece, _UNREADABLE)]
        if self._sieve.pass_household(document):
            return _Judged(place, document, ())
        read = read_household(piece, self._setting)
        if isinstance(read, list):
            return read
        setting = self._setting
        verdict = judge_registration(
            read, today=setting.today, thresholds=setting.thresholds, known_areas=setting.known_areas
        )
        if verdict.errors:
            return [refusal_of(piece, error) for error in verdict.errors]
        doubts = [
            _Doubt(member, doubt.fault.code, doubt.fault.pointer, doubt.fault.message)
            for doubt, member in zip(
                verdict.doubts_of(read.members), (one.member for one in verdict.doubts), strict=True
            )
        ]
        return _Judged(place, _document_of(read), doubts)

    def _make_rows(self, judged: Sequence[_Judged], out: Prepared) -> None:
        persons: list[_Row] = []
        households: list[tuple[_Judged, UUID]] = []
        findings: list[str] = []
        for one in judged:
            household_id = one.document.get("id") or new_id()
            home = str(household_id)  # an id becomes text slowly, and stands in many rows
            ids = [member.get("id") or new_id() for member in one.document["members"]]
            households.append((one, household_id))
            persons += [(one, home, place, member, ids[place]) for place, member in enumerate(one.document["members"])]
            findings += _finding_rows(one, household_id, ids)
            named = bool(one.document.get("id") or one.document.get("national_no")) or any(
                member.get("id") or member.get("national_no") for member in one.document["members"]
            )
            out.ready.append(Ready(one.ord, household_id, len(ids), named))
        out.households = "".join(self._household_rows(households)).encode()
        out.persons, indexes = self._person_rows(persons)
        out.findings = "".join(findings).encode()
        out.again = _again(judged, [(entry[0].ord, index) for entry, index in zip(persons, indexes, strict=True)])
        out.older = self._older_rows(persons)

    def _household_rows(self, households: Sequence[tuple[_Judged, UUID]]) -> Iterable[str]:
        today = self._setting.today.isoformat()
        phones = self._vault.encryptor.seal_many(
            [one.document.get("phone") for one, _ in households],
            table=HOUSEHOLD,
            column="contact_phone",
            rows=[household_id for _, household_id in households],
        )
        for (one, identifier), phone in zip(households, phones, strict=True):
            get, household_id = one.document.get, str(identifier)
            region = one.document["region"]
            registered = get("registration_region") or region
            count = len(one.document["members"])
            lifted = "true" if get("is_lifted") else "false"
            event = (
                f'{{"household":"{household_id}","region":{region},"registration_region":{registered},'
                f'"is_lifted":{lifted},"monitoring_type":null,"members":{count},"state":"active","successor":null}}'
            )
            fields = (
                str(one.ord),
                household_id,
                region,
                registered,
                _text(get("national_no")),
                _text(get("address")),
                _bytes(phone),
                lifted,
                _text(get("lifted_year")),
                "true" if get("is_resettled") else "false",
                _text(get("land_mu_hundredths")),
                str(count),
                get("valid_from") or today,
                str(uuid7()),
                event,
            )
            yield "\t".join(fields) + "\n"

    def _person_rows(self, persons: Sequence[_Row]) -> tuple[bytes, list[bytes | None]]:
        today = self._setting.today.isoformat()
        numbers = [entry[3].get("identity_number") for entry in persons]
        ids = [entry[4] for entry in persons]
        indexes = self._own.of_many(numbers)
        seal = self._vault.encryptor.seal_many
        sealed, disability, phones = (
            seal([entry[3].get(key) for entry in persons], table=PERSON, column=key, rows=ids)
            for key in ("identity_number", "disability_number", "phone")
        )
        told = [index.of_many(numbers) for _, index in self._receivers]
        names = [name for name, _ in self._receivers]
        lines = []
        for place, (one, household_id, at, member, person_id) in enumerate(persons):
            get, document, own = member.get, one.document, str(person_id)
            born, sex, skill = member["birth_date"], member["sex"], get("labour_skill")
            number, certificate = numbers[place], get("disability_number")
            shared = "{}" if number is None else _told(names, [column[place] for column in told])
            others = "{}"
            if self._replaces_keys and number is not None:
                others = orjson.dumps(indexes_for_receivers(self._vault, IdentityNumber(number)).others).decode()
            event = (
                f'{{"person":"{own}","household":"{household_id}","region":{document["region"]},'
                f'"birth_date":"{born}","sex":"{sex}","labour_skill":{_quoted(skill)},'
                f'"is_lifted":{"true" if document.get("is_lifted") else "false"},"monitoring_type":null,'
                f'"state":"active","died_on":null,"identity_indexes":{shared},"other_identity_indexes":{others}}}'
            )
            insured = get("is_insured")
            fields = (
                str(one.ord),
                str(at),
                own,
                household_id,
                document["region"],
                document.get("valid_from") or today,
                member["name"],
                _bytes(sealed[place]),
                _text(get("no_number_reason")),
                born,
                sex,
                member["relation"],
                get("ethnicity") or _NULL,
                get("marriage") or _NULL,
                get("education") or _NULL,
                get("school_stage") or _NULL,
                skill or _NULL,
                "{" + ",".join(get("health") or ()) + "}",
                _bytes(disability[place]),
                certificate[18] if certificate else _NULL,
                certificate[19] if certificate else _NULL,
                _bytes(phones[place]),
                _NULL if insured is None else "true" if insured else "false",
                "true" if get("is_left_behind") else "false",
                _text(get("national_no")),
                _bytes(indexes[place]),
                str(uuid7()),
                event,
            )
            lines.append("\t".join(fields))
        lines.append("")
        return "\n".join(lines).encode(), indexes

    def _older_rows(self, persons: Sequence[_Row]) -> bytes:
        """Indexes under keys other than the current one; none unless keys are being replaced."""
        probe = next((entry[3]["identity_number"] for entry in persons if entry[3].get("identity_number")), None)
        if probe is None or len(self._own.candidates(probe)) == 1:
            return b""
        rows = []
        for one, _, place, member, _ in persons:
            if number := member.get("identity_number"):
                rows += [f"{one.ord}\t{place}\t{_bytes(index)}\n" for index in self._own.candidates(number)[1:]]
        return "".join(rows).encode()


_UNREADABLE: Final = Fault(
    "",
    "row_malformed",
    Message("这一行不是一个完整的 JSON 对象，请检查。", "This line is no complete JSON object; check it."),
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


def _document_of(body: HouseholdCreate) -> dict[str, Any]:
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
        document["members"].append(plain | {"name": _text(member.name)})
    return document


def _finding_rows(one: _Judged, household_id: UUID, ids: Sequence[UUID]) -> list[str]:
    rows = {}
    for doubt in one.doubts:
        person = _NULL if doubt.member is None else str(ids[doubt.member])
        rows[person, doubt.code] = (
            f"{one.ord}\t{new_id()}\t{one.document['region']}\t{household_id}\t{person}\t{doubt.code}\t"
            f"{_text(doubt.field)}\t{_text(doubt.message.zh)}\t{_text(doubt.message.en)}\n"
        )
    return list(rows.values())


def _again(judged: Sequence[_Judged], indexes: Sequence[tuple[int, bytes | None]]) -> list[int]:
    """Households that meet an earlier one of this chunk: they wait until that one is stored."""
    seen: dict[Any, int] = {}
    again: set[int] = set()

    def meet(mark: Any, ord: int) -> None:  # noqa: A002
        if seen.setdefault(mark, ord) != ord:
            again.add(ord)

    for ord_, index in indexes:
        if index is not None:
            meet(index, ord_)
    for one in judged:
        if given := one.document.get("id"):
            meet(("household", given), one.ord)
        if national := one.document.get("national_no"):
            meet(("national", national), one.ord)
        for member in one.document["members"]:
            if given := member.get("id"):
                meet(("person", given), one.ord)
    return sorted(again)


def _told(names: Sequence[str], indexes: Sequence[bytes | None]) -> str:
    said = [f'"{name}":"{b64encode(index or b"").decode()}"' for name, index in zip(names, indexes, strict=True)]
    return "{" + ",".join(said) + "}"


def _quoted(code: str | None) -> str:
    return "null" if code is None else f'"{code}"'


def _text(value: Any) -> str:
    return _NULL if value is None else str(value).translate(_ESCAPES)


def _bytes(value: bytes | None) -> str:
    return _NULL if value is None else "\\\\x" + value.hex()
