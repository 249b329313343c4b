"""Make judged households into rows of the staging tables: ids given, numbers sealed and indexed, events worded."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from struct import Struct
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import uuid_utils
from uuid_utils import uuid7  # as in new_id, for what is only ever text and bytes here

from chassis.database.copying import (
    FLAGS,
    NULL,
    Fields,
    day,
    day_number,
    field,
    int16,
    int64,
    jsonb,
    optional,
    text,
    text_array,
)
from chassis.errors import Message
from chassis.security.vault import Vault
from services.monitoring.households.numbers import HOUSEHOLD, PERSON, RECEIVERS

HOUSEHOLD_COLUMNS: Final = (
    *("ord", "id", "event_id", "region", "registration_region", "valid_from", "member_count"),
    *("national_no", "address", "contact_phone", "is_lifted", "lifted_year", "is_resettled", "land_mu_hundredths"),
    "event_data",
)
PERSON_COLUMNS: Final = (
    *("ord", "place", "id", "household_id", "event_id", "region", "valid_from"),
    *("name", "identity_number", "no_number_reason", "birth_date", "sex", "relation", "ethnicity", "marriage"),
    *("education", "school_stage", "labour_skill", "health", "disability_number", "disability_class"),
    *("disability_level", "phone", "is_insured", "is_left_behind", "national_no", "blind_index", "event_data"),
)
FINDING_COLUMNS: Final = (
    *("ord", "id", "region", "household_id", "person_id", "code", "field", "message_zh", "message_en"),
)
OLDER_COLUMNS: Final = ("ord", "place", "blind_index")

# The number of fields, then each with its length; what is never NULL stands first, so that one call packs it.
_HOUSEHOLD_HEAD: Final = Struct(">hii i16s i16s iq iq ii ih").pack
_PERSON_HEAD: Final = Struct(">hii ii i16s i16s i16s iq ii").pack
_FINDING_HEAD: Final = Struct(">hii i16s iq i16s").pack
_OLDER_HEAD: Final = Struct(">hii ii").pack

_Id: TypeAlias = UUID | uuid_utils.UUID


class Doubt(NamedTuple):
    """A doubt about a household, or about the member at a place of it."""

    member: int | None
    code: str
    field: str
    message: Message


class Judged(NamedTuple):
    """A household that the rules let in: its place among the pieces, its document, what is doubtful about it."""

    ord: int
    document: Mapping[str, Any]
    doubts: Sequence[Doubt]


@dataclass(frozen=True, slots=True, repr=False)
class Home:
    """A judged household with its ids; ``told`` is what the events of its members say of it."""

    judged: Judged
    id: _Id
    members: Sequence[_Id]
    region: int
    since: int
    told: str


class RowMaker:
    """Makes the rows of one import, with its keys."""

    def __init__(self, vault: Vault, today: date) -> None:
        self._today = today.isoformat()
        self._vault = vault
        self._own = vault.identity_numbers
        self._receivers = [(name, vault.identity_numbers.for_service(name)) for name in RECEIVERS]
        self._code = Fields(text)
        self._day = Fields(day)
        self._healths = Fields(text_array)

    def home(self, judged: Judged) -> Home:
        """Give the household and its members their ids."""
        document = judged.document
        household = document.get("id") or uuid7()
        told = (
            f'"household":"{household}","region":{document["region"]},'
            f'"is_lifted":{"true" if document.get("is_lifted") else "false"},'
        )
        members = [member.get("id") or uuid7() for member in document["members"]]
        since = day_number(document.get("valid_from") or self._today)
        return Home(judged, household, members, int(document["region"]), since, told)

    def households(self, homes: Sequence[Home]) -> Iterator[bytes]:
        """Rows of ``import_household``."""
        phones = self._vault.encryptor.seal_many(
            [home.judged.document.get("phone") for home in homes],
            table=HOUSEHOLD,
            column="contact_phone",
            rows=[home.id for home in homes],
        )
        width = len(HOUSEHOLD_COLUMNS)
        for home, phone in zip(homes, phones, strict=True):
            get, region, count = home.judged.document.get, home.region, len(home.members)
            registered = int(get("registration_region") or region)
            event = (
                f'{{{home.told}"registration_region":{registered},"monitoring_type":null,"members":{count},'
                f'"state":"active","successor":null}}'
            )
            yield b"".join(
                (
                    _HOUSEHOLD_HEAD(
                        *(width, 4, home.judged.ord, 16, home.id.bytes, 16, uuid7().bytes, 8, region),
                        *(8, registered, 4, home.since, 2, count),
                    ),
                    text(get("national_no")),
                    text(get("address")),
                    optional(phone),
                    FLAGS[get("is_lifted") or False],
                    int16(get("lifted_year")),
                    FLAGS[get("is_resettled") or False],
                    int64(get("land_mu_hundredths")),
                    jsonb(event.encode()),
                )
            )

    def persons(self, homes: Sequence[Home]) -> tuple[list[bytes], list[bytes | None]]:
        """Rows of ``import_person``, and the blind index of each."""
        members = [member for home in homes for member in home.judged.document["members"]]
        ids = [person for home in homes for person in home.members]
        seal = self._vault.encryptor.seal_many
        sealed, certificates, phones = (
            seal([member.get(column) for member in members], table=PERSON, column=column, rows=ids)
            for column in ("identity_number", "disability_number", "phone")
        )
        indexes, told = self._indexes([member.get("identity_number") for member in members])
        code, days, healths, width = self._code, self._day, self._healths, len(PERSON_COLUMNS)
        rows = []
        at = 0
        for home in homes:
            ord_, household, region, since, of_home = home.judged.ord, home.id.bytes, home.region, home.since, home.told
            for place, person in enumerate(home.members):
                member = members[at]
                get = member.get
                born, sex, skill = member["birth_date"], member["sex"], get("labour_skill")
                event = (
                    f'{{{of_home}"person":"{person}","birth_date":"{born}","sex":"{sex}",'
                    f'"labour_skill":{_quoted(skill)},"monitoring_type":null,"state":"active","died_on":null,'
                    f'"identity_indexes":{told[at]}}}'
                )
                certificate = get("disability_number")
                rows.append(
                    b"".join(
                        (
                            _PERSON_HEAD(
                                *(width, 4, ord_, 4, place, 16, person.bytes, 16, household, 16, uuid7().bytes),
                                *(8, region, 4, since),
                            ),
                            field(member["name"].encode()),
                            optional(sealed[at]),
                            text(get("no_number_reason")),
                            days[born],
                            code[sex],
                            code[member["relation"]],
                            code[get("ethnicity")],
                            code[get("marriage")],
                            code[get("education")],
                            code[get("school_stage")],
                            code[skill],
                            healths[tuple(get("health") or ())],
                            optional(certificates[at]),
                            code[certificate[18]] if certificate else NULL,
                            code[certificate[19]] if certificate else NULL,
                            optional(phones[at]),
                            FLAGS[get("is_insured")],
                            FLAGS[get("is_left_behind") or False],
                            text(get("national_no")),
                            optional(indexes[at]),
                            jsonb(event.encode()),
                        )
                    )
                )
                at += 1
        return rows, indexes

    def _indexes(self, numbers: Sequence[str | None]) -> tuple[list[bytes | None], list[str]]:
        """The registry's own index of each number, and the JSON that tells the receivers theirs."""
        columns = [index.of_many(numbers) for _, index in self._receivers]
        form = "{" + ",".join(f'"{name}":"%s"' for name, _ in self._receivers) + "}"
        told = [
            form % tuple(map(_base64, indexes)) if indexes[0] is not None else "{}"
            for indexes in zip(*columns, strict=True)
        ]
        return self._own.of_many(numbers), told

    def older(self, homes: Sequence[Home]) -> Iterator[bytes]:
        """Rows of ``import_older``: indexes under other keys than the current; none unless keys are being replaced."""
        for home in homes:
            for place, member in enumerate(home.judged.document["members"]):
                number = member.get("identity_number")
                older = self._own.candidates(number)[1:] if number else ()
                if number and not older:
                    return
                for index in older:
                    yield _OLDER_HEAD(len(OLDER_COLUMNS), 4, home.judged.ord, 4, place) + field(index)

    def findings(self, home: Home) -> list[bytes]:
        """Rows of ``import_finding``: each doubt about a household or a member once."""
        rows = {}
        for doubt in home.judged.doubts:
            person = None if doubt.member is None else home.members[doubt.member].bytes
            head = _FINDING_HEAD(
                *(len(FINDING_COLUMNS), 4, home.judged.ord, 16, uuid7().bytes, 8, home.region, 16, home.id.bytes)
            )
            said = map(text, (doubt.code, doubt.field, *doubt.message))
            rows[person, doubt.code] = b"".join((head, optional(person), *said))
        return list(rows.values())


def _base64(index: bytes) -> str:
    return b2a_base64(index, newline=False).decode()


def _quoted(code: str | None) -> str:
    return "null" if code is None else f'"{code}"'
