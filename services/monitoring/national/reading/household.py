"""Put the rows of one household together: the document that the registry takes, and what else the file says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from chassis.errors import Message
from chassis.identity_numbers import IdentityNumber
from chassis.security.scope import Area
from chassis.tabular import CellFault
from chassis.types import compact, yuan_to_fen
from services.monitoring.codes.monitoring import Risk
from services.monitoring.codes.work_and_school import Health
from services.monitoring.households.importing.columns import HEALTH
from services.monitoring.households.importing.model import Piece, Refusal
from services.monitoring.national.contract import CODES, COLUMNS, OF_PERSON
from services.monitoring.national.reading.cells import read_code, read_codes
from services.monitoring.national.reading.facts import FactReader, Values, figures_of
from services.monitoring.national.reading.model import NationalPiece, SaidPerson
from services.monitoring.national.reading.places import Villages

_OF_HOUSEHOLD: Final = tuple(column.name for column in COLUMNS if column.name not in OF_PERSON)
_TO_REGISTRY: Final = ("registration_region", "address", "phone", "is_lifted", "lifted_year", "is_resettled")
_TO_PERSON: Final = (
    *("name", "birth_date", "sex", "relation", "ethnicity", "marriage", "education", "school_stage", "labour_skill"),
    *("disability_number", "is_insured", "is_left_behind", HEALTH),
)
_DISABILITY_SIGNS: Final = (20, 22)
_IDENTITY_SIGNS: Final = 18
_NO_NUMBER: Final = "国家系统未登记证件号码"

_DIFFERS: Final = Message(
    "同一户各行的此列应一致，请核对。", "The rows of one household say different things here; check."
)
_NO_PLACE: Final = Message("请填写村区划代码，或乡镇和行政村。", "Give the village's code, or its town and name.")
_UNKNOWN: Final = Message(
    "本县没有这个村，或有多个同名的村，请填写村区划代码。",
    "No village of the county has this name, or several do; give its code.",
)
_LAND: Final = Message("请填写面积，单位亩，至多两位小数。", "Give the area in 亩 with at most two decimals.")


@dataclass(frozen=True, slots=True)
class HouseholdReader:
    """Reads the households of one export.

    :param county: its people are ours. ``facts`` reads under the export's date.
    """

    county: Area
    villages: Villages
    facts: FactReader

    def read(self, rows: Sequence[tuple[int, Values]], refusals: Sequence[Refusal]) -> NationalPiece:
        """One household of the file from its rows, with their numbers; ``refusals`` are what is wrong already."""
        return _Reading(self, rows, list(refusals)).piece()


@dataclass(slots=True, repr=False)
class _Reading:
    reader: HouseholdReader
    rows: Sequence[tuple[int, Values]]
    refusals: list[Refusal]
    said_in: dict[str, int] = field(default_factory=dict)
    """The row in which each of the household's columns is first filled."""

    def piece(self) -> NationalPiece:
        values = self._common()
        number = values["household_no"]
        region = self._region(values)
        monitoring = self.reader.facts.monitoring(values, self._refuse)
        income = self.reader.facts.income(values, self._refuse)
        measures = self.reader.facts.measures(values, self._refuse)
        visit = self.reader.facts.visit(values, self._refuse)
        document = self._document(values, region)
        numbers = tuple(row for row, _ in self.rows)
        inside = region is not None and region.isdigit() and self.reader.county.contains(int(region))
        return NationalPiece(
            piece=Piece(numbers[0], orjson.dumps(document), numbers, tuple(self.refusals)),
            number=number,
            region=int(region) if region is not None and inside else None,
            is_lifted=values["is_lifted"],
            monitoring=monitoring,
            has_contact=values["contact"] is not None,
            income_after=figures_of(values),
            income=income,
            measures=measures,
            visit=visit,
            persons=tuple(self._said(person) for _, person in self.rows),
        )

    def _common(self) -> dict[str, Any]:
        """The household's own values: each from the row that fills it first; another row may repeat it, not differ."""
        values: dict[str, Any] = dict.fromkeys(_OF_HOUSEHOLD)
        for row, said in self.rows:
            for name in _OF_HOUSEHOLD:
                if said[name] is None or said[name] == values[name]:
                    continue
                if values[name] is None:
                    values[name] = said[name]
                    self.said_in[name] = row
                else:
                    self.refusals.append(Refusal(row, name, "household_differs", *_DIFFERS))
        return values

    def _region(self, values: Values) -> str | None:
        if values["region"] is not None:
            written: str = compact(values["region"])
            return written
        if values["village"] is None:
            self._refuse("region", "required", _NO_PLACE)
            return None
        code = self.reader.villages.find(values["town"], values["village"])
        if code is None:
            self._refuse("village", "village_unknown", _UNKNOWN)
        return None if code is None else str(code)

    def _document(self, values: Values, region: str | None) -> dict[str, Any]:
        facts = self.reader.facts
        document = {name: values[name] for name in _TO_REGISTRY if values[name] is not None}
        document |= {"region": region, "national_no": values["household_no"]}
        if values["land_mu"] is not None:
            try:
                document["land_mu_hundredths"] = yuan_to_fen(compact(values["land_mu"]))  # two decimals as well
            except ValueError:
                self._refuse("land_mu", "area", _LAND)
        if facts.exported_on < facts.today:
            document["valid_from"] = facts.exported_on
        document["members"] = [self._member(person) for _, person in self.rows]
        return document

    @staticmethod
    def _member(said: Values) -> dict[str, Any]:
        member = {name: said[name] for name in _TO_PERSON if said[name] is not None}
        for ours, column in (("national_no", "person_no"), ("phone", "person_phone")):
            if said[column] is not None:
                member[ours] = said[column]
        certificate = said["identity_number"]
        if certificate is None:
            member["no_number_reason"] = said["no_number_reason"] or _NO_NUMBER
        elif len(certificate) in _DISABILITY_SIGNS:
            # The national system keeps a disabled person's certificate in the place of the identity number.
            member["identity_number"] = certificate[:_IDENTITY_SIGNS]
            member.setdefault("disability_number", certificate)
        else:
            member["identity_number"] = certificate
        return member

    def _said(self, said: Values) -> SaidPerson:
        certificate: str = said["identity_number"] or ""
        holder = certificate[:_IDENTITY_SIGNS] if len(certificate) in _DISABILITY_SIGNS else certificate
        number = IdentityNumber.read(holder, today=self.reader.facts.today)
        born, identity = said["birth_date"], None
        if isinstance(number, IdentityNumber):
            born, identity = number.birth_date, number.value
        return SaidPerson(said["person_no"], said["name"], born, identity)

    def _refuse(self, column: str, code: str, message: Message) -> None:
        row = self.said_in.get(column, self.rows[0][0])
        self.refusals.append(Refusal(row, column, code, *message))


def decoded(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[CellFault]]:
    """A row's values with what they name in code lists, and the faults of those that name nothing."""
    found, faults = dict(values), []
    for name, codes in CODES.items():
        if values[name] is not None:
            try:
                found[name] = read_code(codes, values[name])
            except CellFault as fault:
                found[name] = None
                faults.append(fault.in_column(name))
    for name, several in ((HEALTH, Health), ("risks", Risk)):
        if values[name] is not None:
            try:
                found[name] = read_codes(several, values[name])
            except CellFault as fault:
                found[name] = None
                faults.append(fault.in_column(name))
    return found, faults
