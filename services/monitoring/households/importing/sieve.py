"""Tell at once that a household is plain: well-formed, in canonical form, and with nothing that any rule would find.

The rules themselves are :mod:`services.monitoring.households.rules`; whatever this cannot vouch for goes to them. So
the sieve may only ever be too strict, which a test holds against the rules over many made-up households.
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul
from typing import Any, Final

from chassis.identity_numbers import IdentityNumber
from chassis.security.scope import Level, level_of
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.persons import Education, MaritalStatus
from services.monitoring.codes.relations import CHILDREN, HEADS, PARENTS, SEX_OF_RELATION, SPOUSES, Relation
from services.monitoring.codes.work_and_school import WORKING, Health, LabourSkill, SchoolStage
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.rules.dates import age_on
from services.monitoring.households.schemas import MEMBERS_MAX, HouseholdCreate, PersonCreate

Json = dict[str, Any]

# Signs that cleaning leaves alone and NFC does not touch.
_NAME: Final = re.compile(r"[\u4e00-\u9fff]{2,12}(?:·[\u4e00-\u9fff]{1,12})?")
_PLAIN: Final = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]{1,200}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_REGION: Final = re.compile(r"[1-9][0-9]{11}", re.ASCII)
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS: Final = ord("0") * sum(_WEIGHTS)
_CHECK: Final = b"10X98765432"

# What carries an id, a day, a certificate of another kind or a missing number takes the long way.
_PERSON_KEYS: Final = frozenset(PersonCreate.model_fields) - {"id", "no_number_reason", "disability_number"}
_HOUSEHOLD_KEYS: Final = frozenset(HouseholdCreate.model_fields) - {"id", "valid_from"}
_KINDS_MAX: Final = 20_000
_HEALTHS_MAX: Final = 4
_RELATIONS: Final = frozenset(map(str, Relation))
_HEALTHS: Final = frozenset(map(str, Health))
_ILL: Final = _HEALTHS - {str(Health.HEALTHY)}
_SEX: Final = {str(relation): str(sex) for relation, sex in SEX_OF_RELATION.items()}
_HEADS, _SPOUSES, _YOUNGER, _ELDER = (frozenset(map(str, some)) for some in (HEADS, SPOUSES, CHILDREN, PARENTS))
_GROUPS: Final = {str(stage): stage.group for stage in SchoolStage}
_WORKING: Final = frozenset(map(str, WORKING))
_ETHNICITIES, _MARRIAGES, _EDUCATIONS, _STAGES, _SKILLS = (
    frozenset({*map(str, codes), None}) for codes in (Ethnicity, MaritalStatus, Education, SchoolStage, LabourSkill)
)


class Sieve:
    """Vouches for plain households of one area on one day. Keeps what it learnt of days and counties."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._born: dict[str, tuple[str, int, int] | None] = {}
        self._areas: dict[tuple[str, str], int | None] = {}
        self._villages: dict[str, bool] = {}
        self._stages: dict[tuple[str, int], bool] = {}
        self._kinds: dict[tuple[Any, ...], str] = {}

    def pass_household(self, document: Any) -> bool:
        """Whether ``document`` is plain; then its persons carry ``birth_date`` and ``sex`` from their numbers."""
        try:
            return self._is_plain(document)
        except TypeError:  # a list or an object where a code should be
            return False

    def _is_plain(self, document: Any) -> bool:
        if type(document) is not dict or not document.keys() <= _HOUSEHOLD_KEYS:
            return False
        get = document.get
        region, members = get("region"), get("members")
        if type(region) is not str or not self._is_village(region):
            return False
        other = get("registration_region")
        if other is not None and not (type(other) is str and _REGION.fullmatch(other)):
            return False
        for name in ("national_no", "address"):
            text = get(name)
            if text is not None and not (type(text) is str and _PLAIN.fullmatch(text)):
                return False
        if type(get("is_lifted", False)) is not bool or type(get("is_resettled", False)) is not bool:
            return False
        year, phone = get("lifted_year"), get("phone")
        if year is not None and not (type(year) is int and 2013 <= year <= 2020):
            return False
        if phone is not None and not (type(phone) is str and _MOBILE.fullmatch(phone)):
            return False
        return self._land(get("land_mu_hundredths")) and self._members(members, region[:6])

    def _is_village(self, region: str) -> bool:
        known = self._villages.get(region)
        if known is None:
            setting = self._setting
            known = bool(_REGION.fullmatch(region)) and (
                setting.lo <= int(region) <= setting.hi and level_of(int(region)) is Level.VILLAGE
            )
            self._villages[region] = known
        return known

    def _land(self, hundredths: Any) -> bool:
        if hundredths is None:
            return True
        limits = self._setting.thresholds
        lowest, highest = limits.cultivated_land_mu_min * 100, min(limits.cultivated_land_mu_max * 100, 10_000_000)
        return type(hundredths) is int and max(lowest, 0) <= hundredths <= highest

    def _members(self, members: Any, county: str) -> bool:
        limits = self._setting.thresholds
        if type(members) is not list or not 1 <= len(members) <= min(limits.members_max, MEMBERS_MAX):
            return False
        numbers, heads, spouses = set(), [], []
        for member in members:
            if type(member) is not dict or not self._person(member, county):
                return False
            numbers.add(member["identity_number"])
            relation = member["relation"]
            if relation in _HEADS:
                heads.append(member)
            elif relation in _SPOUSES:
                spouses.append(member)
        if len(numbers) != len(members) or len(heads) != 1 or len(spouses) > 1:
            return False
        if spouses and spouses[0]["sex"] == heads[0]["sex"]:
            return False
        # Calendar years are one more than full years at most.
        apart, head_year = limits.generation_years_min + 1, int(heads[0]["birth_date"][:4])
        for member in members:
            relation = member["relation"]
            if relation in _YOUNGER and int(member["birth_date"][:4]) - head_year < apart:
                return False
            if relation in _ELDER and head_year - int(member["birth_date"][:4]) < apart:
                return False
        return True

    def _person(self, member: Json, county: str) -> bool:
        if not member.keys() <= _PERSON_KEYS:
            return False
        get = member.get
        name, number, health = get("name"), get("identity_number"), get("health", [])
        if type(name) is not str or not _NAME.fullmatch(name) or type(health) is not list:
            return False
        if type(number) is not str or not _NUMBER.fullmatch(number):
            return False
        born, area_sum = self._birth(number[6:14]), self._area(number[:6], county)
        if born is None or area_sum is None:
            return False
        day, age, birth_sum = born
        signs = number.encode()
        last = 8 * signs[14] + 4 * signs[15] + 2 * signs[16]
        if signs[17] != _CHECK[(area_sum + birth_sum + last - _ZEROS) % 11]:
            return False
        stage = get("school_stage")
        kind = (get("relation"), get("ethnicity"), get("marriage"), get("education"), stage, get("labour_skill"))
        sex = "1" if signs[16] % 2 else "2"
        if sex not in self._sexes_of((*kind, *health)) or (get("sex") or sex) != sex:
            return False
        if (get("birth_date") or day) != day or (stage is not None and not self._fits(stage, age)):
            return False
        # One by one: to start a generator over three takes longer than to look at them.
        if type(get("is_insured")) is not bool or type(get("is_left_behind", False)) is not bool:
            return False
        if type(get("is_soldier", False)) is not bool:
            return False
        phone, national = get("phone"), get("national_no")
        if phone is not None and not (type(phone) is str and _MOBILE.fullmatch(phone)):
            return False
        if national is not None and not (type(national) is str and _PLAIN.fullmatch(national)):
            return False
        member["birth_date"], member["sex"] = day, sex
        return True

    def _sexes_of(self, kind: tuple[Any, ...]) -> str:
        """The sexes that a person of these codes may be of; none if a code is none or two of them are at odds."""
        try:
            return self._kinds[kind]
        except KeyError:
            if len(self._kinds) > _KINDS_MAX:
                self._kinds.clear()
            found = self._kinds[kind] = self._read_kind(*kind[:6], health=list(kind[6:]))
            return found

    @staticmethod
    def _read_kind(  # one person's codes
        relation: Any, ethnicity: Any, marriage: Any, education: Any, stage: Any, skill: Any, *, health: list[Any]
    ) -> str:
        if relation not in _RELATIONS or ethnicity not in _ETHNICITIES or marriage not in _MARRIAGES:
            return ""
        if education not in _EDUCATIONS or stage not in _STAGES or skill not in _SKILLS:
            return ""
        if (education is None) is (stage is None) or (stage is not None and skill in _WORKING):
            return ""
        if len(health) > _HEALTHS_MAX or not (health == ["healthy"] or _ILL.issuperset(health)):
            return ""
        return _SEX.get(relation, "12")

    def _birth(self, digits: str) -> tuple[str, int, int] | None:
        """The day in ISO 8601, the age today, and these digits' part of the check sum.

        None if there is no such day, or a rule doubts it.
        """
        try:
            return self._born[digits]
        except KeyError:
            found = self._born[digits] = self._read_birth(digits)
            return found

    def _read_birth(self, digits: str) -> tuple[str, int, int] | None:
        try:
            born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return None
        if born > self._setting.today:
            return None
        age = age_on(born, self._setting.today)
        if age > self._setting.thresholds.age_years_max:
            return None
        return born.isoformat(), age, _weighed(_WEIGHTS[6:], digits)

    def _area(self, area: str, county: str) -> int | None:
        """These digits' part of the check sum; None if no such county is known."""
        try:
            return self._areas[area, county]
        except KeyError:
            listed = area == county or area in self._setting.known_areas
            listed = listed or IdentityNumber(f"{area}199001010000").area_is_listed()
            found = self._areas[area, county] = _weighed(_WEIGHTS, area) if listed else None
            return found

    def _fits(self, stage: str, age: int) -> bool:
        fits = self._stages.get((stage, age))
        if fits is None:
            span = self._setting.thresholds.school_ages[_GROUPS[stage]]
            fits = self._stages[stage, age] = span.min <= age <= span.max
        return fits


def _weighed(weights: tuple[int, ...], digits: str) -> int:
    return sum(map(mul, weights, digits.encode()))
