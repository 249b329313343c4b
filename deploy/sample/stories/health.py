"""Illness and insurance: R01 to R07 and R10."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from deploy.sample.tale import Tale

_PAY, _STAY, _OUT = "medical.annual_self_pay", "medical.stays", "medical.outpatient"
_DISEASE, _CHRONIC, _CARD = "health.serious_disease", "health.chronic_contract", "disability.certificates"


def lifted_self_pay_at_the_threshold(tale: Tale) -> None:
    tale.home(lifted=True)
    tale.row(_PAY, tale.other, event_date=tale.moments.month(), self_pay_fen=500_000)
    tale.fires("R01", tale.other)
    tale.silent("R02", "a lifted household has R01", tale.other)


def lifted_self_pay_a_fen_below(tale: Tale) -> None:
    tale.home(lifted=True)
    tale.row(_PAY, tale.other, event_date=tale.moments.month(), self_pay_fen=499_999)
    tale.silent("R01", "one fen below 5,000", tale.other)


def ordinary_self_pay_at_the_threshold(tale: Tale) -> None:
    tale.home()
    tale.row(_PAY, tale.head, event_date=tale.moments.month(), self_pay_fen=2_000_000)
    tale.fires("R02", tale.head)


def ordinary_self_pay_a_fen_below(tale: Tale) -> None:
    tale.home()
    tale.row(_PAY, tale.head, event_date=tale.moments.month(), self_pay_fen=1_999_999)
    tale.silent("R02", "one fen below 20,000", tale.head)
    tale.silent("R01", "neither lifted nor monitored", tale.head)


def one_dear_stay(tale: Tale) -> None:
    tale.home()
    _stay(tale, "1", 1_000_000)
    tale.fires("R03", tale.head)


def two_stays_each_below(tale: Tale) -> None:
    tale.home()
    _stay(tale, "1", 999_999)
    _stay(tale, "2", 600_000)
    tale.silent("R03", "each stay is judged alone", tale.head)


def two_stays_both_dear(tale: Tale) -> None:
    tale.home()
    _stay(tale, "1", 1_200_000)
    _stay(tale, "2", 1_200_000)
    tale.fires("R03", tale.head)


def outpatient_at_the_threshold(tale: Tale) -> None:
    tale.home()
    tale.row(_OUT, tale.head, event_date=tale.moments.month(), outpatient_self_pay_fen=50_000)
    tale.fires("R04", tale.head)


def outpatient_a_fen_below(tale: Tale) -> None:
    tale.home()
    tale.row(_OUT, tale.head, event_date=tale.moments.month(), outpatient_self_pay_fen=49_999)
    tale.silent("R04", "one fen below 500 a month", tale.head)


def one_member_not_insured(tale: Tale) -> None:
    tale.home(skip=["medical.insurance"])
    tale.insured(tale.head)
    tale.insured(tale.other, status="not_insured")
    tale.fires("R05")


def insured_in_another_county(tale: Tale) -> None:
    tale.home(skip=["medical.insurance"])
    tale.insured(tale.head)
    tale.insured(tale.other, status="insured_elsewhere")
    tale.silent("R05", "insured elsewhere")


def newborn_in_grace(tale: Tale) -> None:
    tale.family.head()
    tale.family.spouse(age=28)
    child = tale.family.newborn(60)
    tale.home(skip=["medical.insurance"])
    tale.insured(tale.head, tale.other)
    tale.insured(child, status="not_insured")
    tale.silent("R05", "a newborn in its days of grace")


def listed_disease(tale: Tale) -> None:
    tale.home()
    tale.row(
        _DISEASE, tale.other, event_date=tale.moments.month().replace(day=14), disease_code="C34.1", disease_name="肺癌"
    )
    tale.fires("R06", tale.other)


def unlisted_disease(tale: Tale) -> None:
    tale.home()
    tale.row(
        _DISEASE,
        tale.other,
        event_date=tale.moments.month().replace(day=14),
        disease_code="J06.9",
        disease_name="上呼吸道感染",
    )
    tale.silent("R06", "not on the list of serious diseases", tale.other)


def chronic_without_contract(tale: Tale) -> None:
    tale.home()
    tale.row(_CHRONIC, tale.head, event_date=tale.moments.quarter_end, chronic_kind="hypertension")
    tale.fires("R07", tale.head)


def chronic_with_expired_contract(tale: Tale) -> None:
    tale.home()
    signed = tale.moments.ago(400)
    tale.row(
        _CHRONIC, tale.head, event_date=tale.moments.quarter_end, chronic_kind="diabetes", signed_on=signed,
        ends_on=tale.moments.ago(1),
    )  # fmt: skip
    tale.fires("R07", tale.head)


def chronic_with_contract_to_the_day(tale: Tale) -> None:
    tale.home()
    tale.row(
        _CHRONIC, tale.head, event_date=tale.moments.quarter_end, chronic_kind="mental",
        signed_on=tale.moments.ago(364), ends_on=tale.moments.on,
    )  # fmt: skip
    tale.silent("R07", "the contract ends today", tale.head)


def other_chronic_disease(tale: Tale) -> None:
    tale.home()
    tale.row(_CHRONIC, tale.head, event_date=tale.moments.quarter_end, chronic_kind="other")
    tale.silent("R07", "none of the four diseases", tale.head)


def severe_disability(tale: Tale) -> None:
    tale.home()
    _card(tale, _CARD, 2)
    tale.fires("R10", tale.head)


def light_disability(tale: Tale) -> None:
    tale.home()
    _card(tale, _CARD, 3)
    tale.silent("R10", "level 3", tale.head)


def severe_card_reissued(tale: Tale) -> None:
    tale.home()
    _card(tale, f"{_CARD}@before", 2)
    _card(tale, _CARD, 1)
    tale.silent("R10", "it was severe before", tale.head)


def disability_grew(tale: Tale) -> None:
    tale.home()
    _card(tale, f"{_CARD}@before", 3)
    _card(tale, _CARD, 2)
    tale.fires("R10", tale.head)


def _stay(tale: Tale, order: str, fen: int) -> None:
    day = tale.moments.ago(12 + int(order))
    tale.row(
        _STAY, tale.head, event_date=day, stay_no=f"ZY{tale.household.index:06d}{order}",
        admitted_on=day - timedelta(days=9), hospital="云岭县人民医院", stay_self_pay_fen=fen,
    )  # fmt: skip


def _card(tale: Tale, batch: str, level: int) -> None:
    before = batch != _CARD
    tale.row(
        batch, tale.head, event_date=(tale.moments.month(8) if before else tale.moments.month()).replace(day=8),
        certificate_no=f"{tale.head.number}4{level}", disability_category="4", disability_level=level,
    )  # fmt: skip


STORIES: Final = (
    lifted_self_pay_at_the_threshold, lifted_self_pay_a_fen_below, ordinary_self_pay_at_the_threshold,
    ordinary_self_pay_a_fen_below, one_dear_stay, two_stays_each_below, two_stays_both_dear,
    outpatient_at_the_threshold, outpatient_a_fen_below, one_member_not_insured, insured_in_another_county,
    newborn_in_grace, listed_disease, unlisted_disease, chronic_without_contract, chronic_with_expired_contract,
    chronic_with_contract_to_the_day, other_chronic_disease, severe_disability, light_disability, severe_card_reissued,
    disability_grew,
)  # fmt: skip
