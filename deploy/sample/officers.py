"""Who works in the sample county: enough people that every act that takes two finds two."""

from __future__ import annotations

from typing import Final

from chassis.security.scope import Role
from deploy.sample.model import Place, SampleOfficer
from deploy.sample.places import COUNTY
from services.monitoring.datasets.contracts.departments import DEPARTMENTS

PROVINCE: Final = 610000000000
_TOWNS_MAX: Final = 8
_VILLAGES_MAX: Final = 12


def officers(places: list[Place]) -> list[SampleOfficer]:
    """Officers of province, county and towns, cadres of the first villages, a clerk for each department, the auditor
    and the three administrators."""
    county = [
        SampleOfficer("county-1", "周建平", Role.COUNTY_OFFICER, COUNTY, "县乡村振兴局 监测股股长"),
        SampleOfficer("county-2", "吴晓燕", Role.COUNTY_OFFICER, COUNTY, "县乡村振兴局 副局长"),
        SampleOfficer("province-1", "郑国栋", Role.PROVINCE_OFFICER, PROVINCE, "省乡村振兴局 监测处"),
        SampleOfficer("province-2", "沈雪梅", Role.PROVINCE_OFFICER, PROVINCE, "省乡村振兴局 监测处副处长"),
        SampleOfficer("auditor", "何明", Role.AUDITOR, COUNTY, "县审计局"),
        SampleOfficer("system-admin", "罗志强", Role.SYSTEM_ADMINISTRATOR, COUNTY, "系统管理员"),
        SampleOfficer("security-admin", "梁静", Role.SECURITY_ADMINISTRATOR, COUNTY, "安全管理员"),
        SampleOfficer("audit-admin", "宋文涛", Role.AUDIT_ADMINISTRATOR, COUNTY, "审计管理员"),
    ]
    clerks = [
        SampleOfficer(f"clerk-{code}", f"{title.zh}经办", Role.DEPARTMENT_CLERK, COUNTY, f"县{title.zh}部门经办", code)
        for code, title in DEPARTMENTS.items()
        if code != "monitoring"
    ]
    towns = [place for place in places if place.code % 1000 == 0 and place.code != COUNTY][:_TOWNS_MAX]
    village = [place for place in places if place.code % 1000][:_VILLAGES_MAX]
    village += [place for place in places if place.code % 1000 == 201 and place not in village]
    field = [
        SampleOfficer(
            f"town-{place.code // 1000 % 1000}",
            f"{place.name}专干",
            Role.TOWN_OFFICER,
            place.code,
            f"{place.name} 乡村振兴办",
        )
        for place in towns
    ]
    field += [
        SampleOfficer(
            f"village-{place.code % 10**6}",
            f"{place.name}干部",
            Role.VILLAGE_CADRE,
            place.code,
            f"{place.name} 驻村干部",
        )
        for place in village
    ]
    return county + clerks + field
