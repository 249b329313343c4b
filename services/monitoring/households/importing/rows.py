"""Make judged households into rows of the staging tables: ids given, numbers sealed and indexed, events worded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from struct import Struct
from typing import Any, Final

import uuid_utils
from uuid_utils import uuid7  # as in new_id, for what is only ever text and bytes here

from chassis.database.copying import (
    FLAGS,
    NULL,
    Fields,
    day,
    field,
    int16,
    int32,
    int64,
    jsonb,
    optional,
    text,
    text_array,
)
from chassis.security.vault import Vault
from services.monitoring.households.importing.homes import Home, Id, Judged
from services.monitoring.households.importing.told_indexes import ToldIndexes
from services.monitoring.households.numbers import HOUSEHOLD, PERSON

HOUSEHOLD_COLUMNS: Final = (
    *("ord", "id", "event_id", "region", "registration_region", "valid_from", "member_count"),
    *("national_no", "address", "contact_phone", "is_lifted", "lifted_year", "is_resettled", "land_mu_hundredths"),
    "event_data",
)
PERSON_COLUMNS: Final = (
    *("ord", "household_id", "region", "valid_from", "place", "id", "event_id"),
    *("name", "identity_number", "blind_index", "birth_date", "event_data", "sex", "relation", "ethnicity", "marriage"),
    *("education", "school_stage", "labour_skill", "is_insured", "is_left_behind", "is_soldier"),
    *("health", "no_number_reason", "disability_number", "disability_class", "disability_level", "phone"),
    "national_no",
)
FINDING_COLUMNS: Final = (
    *("ord", "id", "region", "household_id", "person_id", "code", "field", "message_zh", "message_en"),
)
OLDER_COLUMNS: Final = ("ord", "place", "blind_index")

_HOUSEHOLD_HEAD, _PERSON_HEAD, _FINDING_HEAD, _OLDER_HEAD = (
    Struct(">h").pack(len(columns)) for columns in (HOUSEHOLD_COLUMNS, PERSON_COLUMNS, FINDING_COLUMNS, OLDER_COLUMNS)
)
_RARE: Final = frozenset({"id", "no_number_reason", "disability_number", "phone", "national_no"})
"""What few members carry; the others' columns for it are NULL all at once."""
_NOTHING_RARE: Final = NULL * 6
_KINDS_MAX: Final = 20_000
_ID: Final = field(bytes(16))[:4]


class RowMaker:
    """Makes the rows of one import, with its keys."""

    def __init__(self, vault: Vault, today: date) -> None:
        self._today = today.isoformat()
        self._vault = vault
        self._own = vault.identity_numbers
        self._told = ToldIndexes(vault)
        self._days = Fields(day)
        self._places = Fields(int32)
        self._regions = Fields(int64)
        self._kinds = Fields(_kind)

    def homes(self, judged: Sequence[Judged]) -> list[Home]:
        """Give households and members their ids."""
        # At once: then those of this batch lie together in every index, and not among another process's.
        fresh = iter([uuid7() for one in judged for _ in range(len(one.document["members"]) + 1)])
        return [self._home(one, fresh) for one in judged]

    def _home(self, judged: Judged, fresh: Iterator[uuid_utils.UUID]) -> Home:
        document = judged.document
        region = int(document["region"])
        household = document.get("id") or next(fresh)
        lifted = "true" if document.get("is_lifted") else "false"
        told = f'"household":"{household!s}","region":{region},"is_lifted":{lifted},'
        since = self._days[document.get("valid_from") or self._today]
        shared = b"".join((int32(judged.ord), field(household.bytes), self._regions[region], since))
        members: list[Id] = []
        named = bool(document.get("id") or document.get("national_no"))
        for member in document["members"]:
            if member.keys().isdisjoint(_RARE):
                members.append(next(fresh))
            else:
                members.append(member.get("id") or next(fresh))
                named = named or bool(member.get("id") or member.get("national_no"))
        return Home(judged, household, region, members, shared, told, named)

    def households(self, homes: Sequence[Home]) -> Iterator[bytes]:
        """Rows of ``import_household``."""
        phones = self._vault.encryptor.seal_many(
            [home.judged.document.get("phone") for home in homes],
            table=HOUSEHOLD,
            column="contact_phone",
            rows=[home.id for home in homes],
        )
        events = [uuid7() for _ in homes]
        for home, phone, event_id in zip(homes, phones, events, strict=True):
            document, count = home.judged.document, len(home.members)
            get, region = document.get, home.region
            registered = int(get("registration_region") or region)
            event = (
                f'{{{home.told}"registration_region":{registered},"monitoring_type":null,"members":{count},'
                f'"state":"active","successor":null}}'
            )
            yield b"".join(
                (
                    _HOUSEHOLD_HEAD,
                    int32(home.judged.ord),
                    field(home.id.bytes),
                    _ID + event_id.bytes,
                    self._regions[region],
                    self._regions[registered],
                    self._days[get("valid_from") or self._today],
                    int16(count),
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
        numbers = [member.get("identity_number") for member in members]
        sealed = self._sealed("identity_number", numbers, ids)
        indexes, told = self._own.of_many(numbers), self._told.of_many(numbers)
        if len(self._kinds) > _KINDS_MAX:
            self._kinds.clear()
        days, kinds, places, events = self._days, self._kinds, self._places, [uuid7() for _ in ids]
        rows = []
        at = 0
        for home in homes:
            head, of_home = _PERSON_HEAD + home.shared, home.told
            for place, person in enumerate(home.members):
                member = members[at]
                get = member.get
                born, sex, skill = member["birth_date"], member["sex"], get("labour_skill")
                said = "null" if skill is None else f'"{skill}"'
                event = (
                    f'{{{of_home}"person":"{person!s}","birth_date":"{born}","sex":"{sex}",'
                    f'"labour_skill":{said},"monitoring_type":null,'
                    f'"state":"active","died_on":null,{told[at]}}}'
                )
                kind = (
                    *(sex, member["relation"], get("ethnicity"), get("marriage"), get("education")),
                    *(get("school_stage"), skill, get("is_insured"), get("is_left_behind"), get("is_soldier")),
                    *get("health", ()),
                )
                rows.append(
                    b"".join(
                        (
                            head,
                            places[place],
                            _ID + person.bytes,
                            _ID + events[at].bytes,
                            field(member["name"].encode()),
                            optional(sealed[at]),
                            optional(indexes[at]),
                            days[born],
                            jsonb(event.encode()),
                            kinds[kind],
                            _NOTHING_RARE if member.keys().isdisjoint(_RARE) else self._rare(member, person),
                        )
                    )
                )
                at += 1
        return rows, indexes

    def _sealed(self, column: str, values: Sequence[str | None], ids: Sequence[Id]) -> list[bytes | None]:
        return self._vault.encryptor.seal_many(values, table=PERSON, column=column, rows=ids)

    def _rare(self, member: Mapping[str, Any], person: Id) -> bytes:
        get = member.get
        certificate = get("disability_number")
        return b"".join(
            (
                text(get("no_number_reason")),
                optional(self._sealed("disability_number", [certificate], [person])[0]),
                text(certificate[18] if certificate else None),
                text(certificate[19] if certificate else None),
                optional(self._sealed("phone", [get("phone")], [person])[0]),
                text(get("national_no")),
            )
        )

    def older(self, homes: Sequence[Home]) -> Iterator[bytes]:
        """Rows of ``import_older``: indexes under other keys than the current; none unless keys are being replaced."""
        for home in homes:
            for place, member in enumerate(home.judged.document["members"]):
                number = member.get("identity_number")
                older = self._own.candidates(number)[1:] if number else ()
                if number and not older:
                    return
                for index in older:
                    yield b"".join((_OLDER_HEAD, int32(home.judged.ord), int32(place), field(index)))

    def findings(self, home: Home) -> list[bytes]:
        """Rows of ``import_finding``: each doubt about a household or a member once."""
        rows = {}
        for doubt in home.judged.doubts:
            person = None if doubt.member is None else home.members[doubt.member].bytes
            rows[person, doubt.code] = b"".join(
                (
                    _FINDING_HEAD,
                    int32(home.judged.ord),
                    field(uuid7().bytes),
                    self._regions[home.region],
                    field(home.id.bytes),
                    optional(person),
                    *map(text, (doubt.code, doubt.field, *doubt.message)),
                )
            )
        return list(rows.values())


def _kind(said: tuple[Any, ...]) -> bytes:
    """The fields of what many persons have alike, from ``sex`` to ``health``."""
    *codes, insured, left_behind, soldier = said[:10]
    flags = FLAGS[insured], FLAGS[left_behind or False], FLAGS[soldier or False]
    return b"".join((*map(text, codes), *flags, text_array(said[10:])))
