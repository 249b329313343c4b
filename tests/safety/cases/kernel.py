"""How what the kernel gives every service is asked."""

from __future__ import annotations

from chassis.testing.programs import COUNTY
from tests.safety.cases.case import OF_COUNTY, Case, changing, id_of, with_body, with_query

_NOTICE_DAY = {"day": "2027-02-08", "working": False, "name": "春节"}

_KERNEL = {
    "calendar_days_list": Case(
        "/calendar/days",
        COUNTY,
        fields=with_query(region=str(COUNTY), from_day="2027-01-01", to_day="2027-01-31"),
        around=True,
    ),
    "calendar_terms_get": Case(
        "/calendar/terms",
        COUNTY,
        fields=with_query(region=str(COUNTY), start="2027-01-01", days=3, kind="working"),
        around=True,
    ),
    "calendar_notices_list": Case(
        "/calendar/notices", COUNTY, fields=OF_COUNTY, outside="refused", marker="notice", around=True
    ),
    "calendar_notices_load": Case(
        "/calendar/notices",
        COUNTY,
        fields=with_body(
            scope=str(COUNTY), year=2028, whole=False, source="通知", days=[_NOTICE_DAY | {"day": "2028-01-04"}]
        ),
        outside="named",
    ),
    "calendar_notices_correct": Case(
        "/calendar/notices/{notice[id]}", COUNTY, fields=changing("notice", source="通知", days=[_NOTICE_DAY])
    ),
    "files_get": Case("/files/{file}", COUNTY),
    "import_errors_list": Case("/jobs/{job}/errors", COUNTY),
    "import_errors_download": Case("/jobs/{job}/errors/file", COUNTY),
    "jobs_list": Case("/jobs", COUNTY, outside="empty", marker="job"),
    "jobs_get": Case("/jobs/{job}", COUNTY, marker="job"),
    "jobs_cancel": Case("/jobs/{waiting}/cancel", COUNTY),
    "parameters_list": Case("/parameters", COUNTY, fields=OF_COUNTY, around=True),
    "parameters_get": Case("/parameters/{parameter[id]}", COUNTY, marker="parameter", around=True),
    "parameters_approve": Case(
        "/parameters/{parameter[id]}/approve", COUNTY, fields=lambda w: {"version": w["parameter"]["version"]}
    ),
    "parameters_withdraw": Case(
        "/parameters/{parameter[id]}/withdraw", COUNTY, fields=changing("parameter", reason="有误")
    ),
}


def kernel_cases(service: str, *, thing: str, at: int, keys: tuple[str, str]) -> dict[str, Case]:
    """How the kernel's operations of ``service`` are asked.

    :param thing: a key of the world: something in the division ``at`` that audit and change feed tell of.
    :param keys: two of its parameters; of the first a value was proposed.
    """
    proposal = {"scope": str(COUNTY), "effective_from": "2024-07-15", "source": "县发〔2024〕2号"}
    own = {
        "audit_entries_list": Case(
            "/audit/entries",
            at,
            lambda world: {"params": {"entity_id": str(id_of(world, thing))}},
            outside="empty",
            marker=thing,
        ),
        "changes_list": Case("/changes", at, with_query(limit=1000), outside="empty", marker=thing),
        "parameters_history": Case(
            "/parameters/history", COUNTY, fields=with_query(region=str(COUNTY), key=keys[0]), around=True
        ),
        "parameters_propose": Case(
            "/parameters",
            COUNTY,
            fields=with_body(**proposal, key=keys[1], value={"type": "integer", "value": 9}),
            outside="named",
        ),
    }
    return {f"{service}_{name}": case for name, case in {**_KERNEL, **own}.items()}
