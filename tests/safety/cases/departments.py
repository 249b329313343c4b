"""How departments' files, uploads, national exports and figures are asked."""

from __future__ import annotations

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.safety.cases.case import CHEN, OF_COUNTY, Case, changing, putting, with_body, with_query
from tests.safety.maker import DATASET, DEPARTMENT, HEADINGS, LI_NUMBER, PERIOD

_BATCH = "/submissions/{batch[id]}"

_MENDED = f"行号,{HEADINGS}3,{LI_NUMBER},李秀兰,2024-05,20000.00\r\n"

_UPLOAD = "/uploads/{upload[id]}"

UPLOADS = {
    "monitoring_uploads_create": Case(
        "/uploads",
        fields=with_body(size=9, purpose="dataset"),
        outside="same",
        otherwise={
            Role.PROVINCE_OFFICER: with_body(size=9, purpose="regions"),
            **dict.fromkeys(
                (Role.TOWN_OFFICER, Role.VILLAGE_CADRE, Role.GRID_WORKER), with_body(size=9, purpose="consent_sheet")
            ),
        },
    ),
    "monitoring_uploads_get": Case(_UPLOAD, COUNTY, outside="mine"),
    "monitoring_uploads_append": Case(
        _UPLOAD, COUNTY, fields=lambda _: {"params": {"offset": 0}, "content": b"a,b\n"}, outside="mine"
    ),
    "monitoring_uploads_complete": Case(_UPLOAD + "/complete", COUNTY, outside="mine"),
}

DATASETS = {
    "dataset_list": Case("/datasets", outside="same"),
    "dataset_template": Case(f"/datasets/{DATASET}/template", outside="same"),
    "dataset_mapping_get": Case(f"/datasets/{DATASET}/mapping", COUNTY, fields=OF_COUNTY, marker="mapping"),
    "dataset_mapping_save": Case(
        f"/datasets/{DATASET}/mapping", COUNTY, fields=putting("mapping", mapping={"证号": "id_no"})
    ),
    "dataset_period_get": Case(f"/datasets/{DATASET}/periods/{PERIOD}", COUNTY, fields=OF_COUNTY),
    "dataset_period_set": Case(
        f"/datasets/{DATASET}/periods/{PERIOD}",
        COUNTY,
        fields=putting("period", opens_on="2024-05-01", closes_on="2024-07-31"),
    ),
    "dataset_period_close": Case(
        f"/datasets/{DATASET}/periods/{PERIOD}/close",
        COUNTY,
        fields=lambda world: {"version": world["period"]["version"], "params": {"region": str(COUNTY)}},
    ),
    "submission_create": Case(
        f"/datasets/{DATASET}/submissions",
        COUNTY,
        fields=lambda _: {
            "content": f"{HEADINGS}{LI_NUMBER},李秀兰,2024-05,7.00\r\n".encode(),
            "params": {"region": str(COUNTY), "period": PERIOD},
        },
    ),
    "submission_correct": Case(_BATCH + "/corrections", COUNTY, fields=lambda _: {"content": _MENDED.encode()}),
    "submission_list": Case("/submissions", COUNTY, outside="empty", marker="batch"),
    "submission_get": Case(_BATCH, COUNTY, marker="batch"),
    "submission_row_list": Case(_BATCH + "/rows", COUNTY),
    "submission_rejected_download": Case(_BATCH + "/rejected", COUNTY),
    "submission_row_decide": Case(
        _BATCH + "/rows/{row[row_number]}/decide", COUNTY, fields=changing("row", outcome="not_ours", reason="非本县")
    ),
    "submission_withdraw": Case(_BATCH + "/withdraw", COUNTY, fields=changing("batch", reason="报错期")),
    "reconciliation_get": Case(
        "/reconciliation",
        COUNTY,
        fields=with_query(region=str(COUNTY), department=DEPARTMENT, period=PERIOD),
        marker="batch",
    ),
    "reconciliation_download": Case(
        "/reconciliation.xlsx", COUNTY, fields=with_query(region=str(COUNTY), department=DEPARTMENT, period=PERIOD)
    ),
}

_EXPORT = "/national-exports/{export[id]}"

_KEPT = with_query(kind="there_only", limit=200)

NATIONAL = {
    "measure_list": Case(CHEN + "/measures", marker="measure"),
    "measure_read": Case("/measures/{measure[id]}", marker="measure"),
    "measure_history": Case("/measures/{measure[id]}/history"),
    "measure_start": Case(
        CHEN + "/measures", fields=with_body(kind="work", description="帮扶车间务工", source="劳动合同")
    ),
    "measure_amend": Case("/measures/{measure[id]}", fields=changing("measure", amount="800.00", reason="更正")),
    "measure_end": Case("/measures/{measure[id]}/end", fields=changing("measure", reason="completed")),
    "measure_withdraw": Case("/measures/{measure[id]}/withdraw", fields=changing("measure", reason="记错户")),
    "missing_measure_list": Case("/missing-measures", fields=with_query(limit=200), outside="empty"),
    "statistic_durations": Case("/statistics/durations", fields=with_query(region=str(VILLAGE))),
    "statistic_read": Case("/statistics/figures", fields=with_query(region=str(VILLAGE))),
    "statistic_households": Case(
        "/statistics/households", fields=with_query(region=str(VILLAGE), figure="registered", limit=200)
    ),
    "publication_create": Case(
        "/statistics/publications", COUNTY, fields=with_body(title="监测月报", region=str(COUNTY))
    ),
    "publication_list": Case(
        "/statistics/publications", fields=with_query(limit=200), outside="empty", marker="publication"
    ),
    "publication_read": Case("/statistics/publications/{publication}"),
    "work_spell_list": Case("/persons/{person}/work-spells"),
    "national_contract_read": Case("/national-contract", outside="same"),
    "national_contract_template": Case("/national-contract/template", outside="same"),
    "national_mapping_get": Case("/national-contract/mapping", COUNTY, fields=OF_COUNTY, marker="headings"),
    "national_mapping_save": Case(
        "/national-contract/mapping", COUNTY, fields=putting("headings", mapping={"农户编码": "household_no"})
    ),
    "national_export_list": Case(
        "/national-exports", COUNTY, fields=with_query(limit=200), outside="empty", marker="export"
    ),
    "national_export_receive": Case(
        "/national-exports",
        COUNTY,
        fields=lambda world: {"content": world["national_file"], "params": {"region": str(COUNTY)}},
    ),
    "national_export_import": Case(
        "/national-exports/imports",
        COUNTY,
        fields=lambda world: {"content": world["national_file"], "params": {"region": str(COUNTY)}},
    ),
    "national_export_read": Case(_EXPORT, COUNTY, marker="export"),
    "national_export_rejected_download": Case(_EXPORT + "/rejected", COUNTY),
    "national_export_compare": Case(_EXPORT + "/compare", COUNTY),
    "national_difference_summary": Case(_EXPORT + "/differences", COUNTY, marker="export"),
    "national_household_difference_list": Case(_EXPORT + "/differences/households", COUNTY, fields=_KEPT),
    "national_person_difference_list": Case(_EXPORT + "/differences/persons", COUNTY, fields=_KEPT),
    "national_difference_download": Case(_EXPORT + "/differences/file", COUNTY),
}
