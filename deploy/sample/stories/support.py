"""Support that families get, as departments' lists tell it; it feeds the special registers and raises no clue."""

from __future__ import annotations

from typing import Any, Final

from deploy.sample.model import Person
from deploy.sample.tale import Tale


def pupil_of_a_trade_school(tale: Tale) -> None:
    tale.family.head()
    tale.family.spouse()
    child = tale.family.child(17)
    tale.home(lifted=True)
    paid_on = tale.moments.month(3).replace(day=20)
    paid: dict[str, Any] = {"event_date": paid_on, "school_year": tale.moments.on.year - 1}
    tale.row(
        "education.aid", child, payment_no=f"ZZ{tale.place:06d}", aid_name="国家助学金", aid_paid_fen=100_000, **paid
    )
    tale.row("agriculture.yulu", child, payment_no=f"YL{tale.place:06d}", paid_fen=150_000, **paid)


def orphan_with_a_grandparent(tale: Tale) -> None:
    head = tale.family.head(age=68, labour="none")
    child = tale.family.child(8)
    tale.home()
    since = tale.moments.month_end()
    tale.row("civil.children", child, event_date=since, child_kind="orphan", guardian=head.name)
    _benefit(tale, child, "orphan", 120_000)


def elders_on_the_subsistence_list(tale: Tale) -> None:
    tale.family.head(age=74, labour="none")
    tale.family.spouse(age=72, labour="none")
    tale.home()
    for person in tale.persons:
        tale.row("civil.low_income", person, event_date=tale.moments.month_end(), low_income_class="subsistence")
        _benefit(tale, person, "subsistence_extra", 11_200)
        tale.row(
            "medical.contribution_aid", person, event_date=tale.moments.month(4).replace(day=8),
            payment_no=f"CB{tale.place:06d}{person.relation}", insured_year=tale.moments.on.year, paid_fen=22_000,
        )  # fmt: skip
        tale.row(
            "medical.contributions", person, event_date=tale.moments.month(4).replace(day=8),
            voucher_no=f"JF{tale.place:06d}{person.relation}", insured_year=tale.moments.on.year,
            contribution_fen=38_000, individual_fen=16_000, government_fen=22_000,
        )  # fmt: skip


def pension_paid_by_the_county(tale: Tale) -> None:
    tale.home(lifted=True)
    tale.row(
        "work.pension_contributions", tale.head, event_date=tale.moments.month(3).replace(day=12),
        payment_no=f"DJ{tale.place:06d}", pension_year=tale.moments.on.year, tier_fen=20_000, paid_fen=10_000,
    )  # fmt: skip
    tale.row(
        "finance.poverty_insurance", tale.head, event_date=tale.moments.month(3).replace(day=1),
        voucher_no=f"FP{tale.place:06d}", insurance_kind="house", insured_year=tale.moments.on.year,
        contribution_fen=5_000, individual_fen=2_000, government_fen=3_000,
    )  # fmt: skip


def cared_for_by_day(tale: Tale) -> None:
    tale.family.head()
    tale.family.spouse()
    parent = tale.family.parent()
    tale.home()
    tale.row(
        "disability.services", parent, event_date=tale.moments.month_end(), service_kind="care",
        provider="清溪镇日间照料中心", subsidy_fen=30_000,
    )  # fmt: skip


def bill_settled_by_three_tiers(tale: Tale) -> None:
    tale.home()
    tale.row(
        "medical.settlements", tale.other, event_date=tale.moments.ago(12), stay_no=f"JS{tale.place:06d}",
        in_policy_fen=1_200_000, basic_paid_fen=800_000, serious_paid_fen=150_000, aid_paid_fen=100_000,
    )  # fmt: skip


def water_from_a_shared_tap(tale: Tale) -> None:
    tale.home()
    tale.row(
        "water.access", tale.head, event_date=tale.moments.month(3).replace(day=5), distance_metres=30,
        reliability_percent=98,
    )  # fmt: skip


def house_made_safe_from_earthquakes(tale: Tale) -> None:
    tale.home()
    tale.row(
        "housing.quake_safety", tale.head, event_date=tale.moments.month(3).replace(day=5), house_no="1",
        meets_code=False, retrofitted_on=tale.moments.month(1).replace(day=20),
    )  # fmt: skip


def _benefit(tale: Tale, person: Person, benefit: str, fen: int) -> None:
    tale.row(
        "civil.benefits", person, event_date=tale.moments.month_end(),
        payment_no=f"FL{tale.place:06d}{person.relation}", benefit=benefit, paid_fen=fen,
    )  # fmt: skip


STORIES: Final = (
    pupil_of_a_trade_school, orphan_with_a_grandparent, elders_on_the_subsistence_list, pension_paid_by_the_county,
    cared_for_by_day, bill_settled_by_three_tiers, water_from_a_shared_tap,
    house_made_safe_from_earthquakes,
)  # fmt: skip
