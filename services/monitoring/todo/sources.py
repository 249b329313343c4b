"""Where to-dos come from: each source is the rows of one table that wait, read in the order of one index.

``key`` is what that index orders by within a division, before the id. A row without a due of its own is due so many
days after its key; so the position of a page is a condition on every source's index, and none reads more than a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.monitoring.cases.queries.yearly_update import AWAITED
from services.monitoring.cases.tables import OPEN_SQL
from services.monitoring.codes.cases import Holder
from services.monitoring.codes.todo import TodoKind as K
from services.monitoring.comparisons.queries.requests import IS_ASKED
from services.monitoring.households.tables import GONE_SQL
from services.monitoring.measures.queries.missing import MISSING
from services.monitoring.measures.thresholds import PLAN_DAYS
from services.monitoring.todo.parameters import ANSWER_DAYS, FINDING_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source.

    :ivar rows: FROM and WHERE: what waits, besides the division; ``x`` is the row.
    :ivar id: of the subject, unique within the source. ``household``: whose it is; None: nobody's yet.
    :ivar days: the parameter that says how long after ``key`` a row is due; None: ``key`` is its due.
    :ivar by_county: its index is led by the county.
    :ivar since: since when it waits. Where that takes a look elsewhere, ``page_since`` is that look, over a row of the
        page, ``todo``, and for the page alone; if it finds nothing, ``since`` it is.
    :ivar looks_ahead: listed only so many days before its due.
    :ivar holders: the levels whose own work it is; levels above see it once it is late enough. ``held``: the SQL that
        says who holds a row.
    """

    kind: str
    rows: str
    key: str
    since: str
    holders: frozenset[Holder]
    held: str
    id: str = "x.id"
    household: str | None = "x.household_id"
    region: str = "x.region"
    days: str | None = None
    page_since: str | None = None
    looks_ahead: bool = False
    by_county: bool = False


_VILLAGE: Final = frozenset({Holder.VILLAGE})
_TOWN: Final = frozenset({Holder.TOWN})
_COUNTY: Final = frozenset({Holder.COUNTY})
_DEPARTMENT: Final = frozenset({Holder.DEPARTMENT})
_TWO: Final = _VILLAGE | _TOWN

DAY_OF_DUE: Final = "CAST(timezone('Asia/Shanghai', {0}due_at) AS date)"
"""The business day of an instant; as the indexes have it."""
FAR: Final = "DATE '9999-12-31'"
"""Due of what has no clock: after every other, and it travels in a cursor."""

# Nobody is left whom a village could visit, and the county alone can end the case: it leaves by natural decrease. Those
# few are read once out of an index of their own, and the cases still in the order of theirs.
_THERE: Final = f"x.household_id NOT IN (SELECT h.id FROM household AS h WHERE h.{GONE_SQL})"  # noqa: S608  # constants
# Whoever recorded what waits for a second person is not that person, so it is no to-do of theirs (clause B8).
_CASE: Final = f"""
    monitoring_case AS x LEFT JOIN LATERAL (
        SELECT v.first_subject FROM case_verification AS v
        WHERE x.state IN ('dispatched', 'elim_proposed') AND v.case_id = x.id AND v.outcome IS NULL
        ORDER BY v.id DESC LIMIT 1
    ) AS pending ON true
    WHERE x.due_on IS NOT NULL AND pending.first_subject IS DISTINCT FROM :subject AND {_THERE}
"""  # noqa: S608  # constants only
_CASE_KIND: Final = f"""
    CASE WHEN x.state = 'clue' THEN '{K.CASE_REDISPATCH.value}'
         WHEN pending.first_subject IS NOT NULL THEN '{K.CASE_SECOND.value}'
         WHEN x.state = 'objected' THEN '{K.CASE_OBJECTION.value}'
         WHEN x.state IN ('returned_t', 'returned_c') THEN '{K.CASE_RESUME.value}'
         WHEN x.step IS NULL THEN '{K.CASE_ELIMINATION.value}'
         WHEN x.step = 'verified' THEN '{K.CASE_VERIFY.value}'
         WHEN x.step = 'compared' THEN '{K.CASE_COMPARE.value}'
         WHEN x.step = 'village_reviewed' THEN '{K.CASE_REVIEW.value}'
         WHEN x.step = 'publicity' THEN '{K.CASE_PUBLISH.value}'
         WHEN x.step = 'passed' THEN '{K.CASE_PASS.value}'
         WHEN x.step = 'town_ok' THEN '{K.CASE_TOWN.value}'
         WHEN x.step = 'county_ok' THEN '{K.CASE_COUNTY.value}'
         ELSE '{K.CASE_REGISTER.value}' END
"""
# Once all have answered, or after the limit, when a department's silence is recorded, the county goes on; a
# verification that waits for its second person is the village's and the town's alike.
_CASE_HELD: Final = f"""
    CASE WHEN x.holder = 'department' AND (x.due_on < :today OR NOT {IS_ASKED.format(case="x")}) THEN 'county'
         WHEN pending.first_subject IS NOT NULL AND :level = 'town' THEN 'town' ELSE x.holder END
"""
# One visit meets every duty then due for a household, so a household is one to-do, due with its earliest duty.
_VISIT: Final = """
    visit_due AS x WHERE (:knows_health OR NOT x.reason = ANY(CAST(:health_reasons AS text[]))) AND NOT EXISTS (
        SELECT FROM visit_due AS e
        WHERE e.household_id = x.household_id AND (:knows_health OR NOT e.reason = ANY(CAST(:health_reasons AS text[])))
          AND (e.due_on, e.reason, e.subject_id) < (x.due_on, x.reason, x.subject_id)
    )
"""
_CONSENT: Final = """
    consent AS x WHERE x.withdrawn_on IS NULL AND x.expires_on >= :past AND EXISTS (
        SELECT FROM monitoring_case AS c WHERE c.id = x.case_id AND c.due_on IS NOT NULL
    ) AND NOT EXISTS (
        SELECT FROM consent AS later WHERE later.household_id = x.household_id AND later.kind = x.kind
          AND later.withdrawn_on IS NULL AND (later.expires_on, later.id) > (x.expires_on, x.id)
    )
"""
_MEASURE: Final = f"""
    (SELECT gap.household_id, min(gap.region) AS region, min(gap.due_on) AS due_on FROM ({MISSING}) AS gap
     WHERE gap.risk IS NULL OR NOT gap.risk = ANY(CAST(:hidden_risks AS text[])) GROUP BY gap.household_id) AS x
    WHERE true
"""  # noqa: S608  # constants only


def _waits(kind: K, rows: str, key: str, holders: frozenset[Holder], **more: object) -> Source:
    lowest = next(one for one in (Holder.VILLAGE, Holder.TOWN, Holder.COUNTY, Holder.DEPARTMENT) if one in holders)
    held = f"'{lowest.value}'"
    if len(holders) > 1:
        held = f"CASE WHEN :level = 'town' THEN 'town' ELSE {held} END"
    given = {"kind": f"'{kind.value}'", "held": held, "since": key} | more
    return Source(rows=rows, key=key, holders=holders, **given)  # type: ignore[arg-type]


SOURCES: Final = (
    _waits(
        K.CLUE,
        "clue AS x WHERE x.state = 'open'",
        f"coalesce({DAY_OF_DUE.format('x.')}, {FAR})",
        _COUNTY,
        since="x.raised_on",
        by_county=True,
    ),
    Source(
        kind=_CASE_KIND,
        rows=_CASE,
        key="x.due_on",
        since="x.day_0",
        page_since=(
            "SELECT s.on_day FROM case_step AS s JOIN monitoring_case AS c ON c.id = s.case_id AND c.state = s.to_state"
            " WHERE s.case_id = todo.subject_id ORDER BY s.number DESC LIMIT 1"
        ),
        holders=_VILLAGE | _TOWN | _COUNTY,
        held=_CASE_HELD,
    ),
    _waits(
        K.HELP_PLAN,
        f"monitoring_case AS x WHERE x.state = 'registered' AND {_THERE}",
        "x.registered_on",
        _VILLAGE,
        days=PLAN_DAYS,
    ),
    _waits(
        K.COMPARISON,
        "comparison_request AS x WHERE x.department = :department AND x.state = 'open'",
        DAY_OF_DUE.format("x."),
        _DEPARTMENT,
        since="x.asked_on",
    ),
    _waits(
        K.INTERVIEW,
        "interview AS x WHERE x.state = 'recorded' AND x.recorded_by <> :subject",
        "x.held_on",
        _TWO,
        days=ANSWER_DAYS,
    ),
    _waits(
        K.SELF_REPORT,
        "self_report AS x WHERE x.state = 'waiting'",
        "x.received_on",
        _TOWN,
        days=ANSWER_DAYS,
        household=None,
    ),
    _waits(
        K.TRANSFER,
        "transfer AS x WHERE x.state = 'open'",
        "x.effective_on",
        _TOWN,
        days=ANSWER_DAYS,
        region="x.to_region",
        # Offered to a county that has not said yet which of its villages takes it: that county's own work.
        held="CASE WHEN x.to_region % 1000000 = 0 THEN 'county' ELSE 'town' END",
        # The household is the other side's until it is accepted.
        household=None,
    ),
    _waits(
        K.CLASH,
        "clash_task AS x WHERE x.state = 'open'",
        "x.found_on",
        _COUNTY,
        days=ANSWER_DAYS,
        household=None,
    ),
    _waits(K.CONSENT, _CONSENT, "x.expires_on", _VILLAGE, since="x.signed_on", looks_ahead=True),
    _waits(
        K.MEASURE,
        _MEASURE,
        "x.due_on",
        _VILLAGE,
        id="x.household_id",
        since="CAST(NULL AS date)",
        page_since="SELECT h.registered_on FROM household AS h WHERE h.id = todo.household_id",
        looks_ahead=True,
    ),
    _waits(
        K.REGISTER_FINDING,
        "register_finding AS x WHERE x.duty = :department AND x.state = 'open'",
        "x.found_on",
        _DEPARTMENT,
        days=FINDING_DAYS,
    ),
    _waits(
        K.ENTITLEMENT,
        "entitlement AS x WHERE x.department = :department AND x.state = 'missing'",
        "x.state_since",
        _DEPARTMENT,
        days=FINDING_DAYS,
    ),
    _waits(K.FINDING, "finding AS x WHERE x.state = 'open'", "x.found_on", _VILLAGE, days=FINDING_DAYS),
    _waits(
        K.VISIT,
        _VISIT,
        "x.due_on",
        _VILLAGE,
        id="x.household_id",
        since="greatest(x.last_visited_on, x.begins_on)",
        looks_ahead=True,
    ),
    _waits(
        K.YEARLY_UPDATE,
        f"({AWAITED}) AS x WHERE true",
        "x.due_on",
        _VILLAGE,
        since="x.since",
        looks_ahead=True,
    ),
    _waits(
        K.CASE_ELIMINATION,
        f"household AS x JOIN monitoring_case AS c ON c.household_id = x.id AND c.{OPEN_SQL} WHERE x.{GONE_SQL}",
        "x.valid_from",
        _COUNTY,
        days=ANSWER_DAYS,
        id="c.id",
        household="x.id",
    ),
)
"""In the order in which one day shows them; a source's place is part of a page's position."""
