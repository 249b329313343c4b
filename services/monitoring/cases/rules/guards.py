"""Say all that stands against a step of a case, each with what would satisfy it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from chassis.errors import Fault, Message
from chassis.security.scope import FIELD, Role
from services.monitoring.cases.rules.plan import Plan, Step
from services.monitoring.cases.rules.transitions import find, returnable, sources_of
from services.monitoring.codes.cases import CaseAction, CaseState

OWN_WORK: Final = frozenset(
    {
        CaseAction.RECORD_VERIFICATION,
        CaseAction.CONFIRM,
        CaseAction.NOT_CONFIRM,
        CaseAction.REVIEW,
        CaseAction.REJECT_V,
        CaseAction.ELIM_PROPOSE,
        CaseAction.ELIM_VERIFY,
        CaseAction.ELIM_REVIEW,
    }
)
"""Who did one of these for a case decides on it at no level above the village."""


def transition_faults(plan: Plan, state: CaseState, action: CaseAction, role: Role, pointer: str) -> list[Fault]:
    """Whether the table knows the step from where the case stands, and for this role."""
    found = find(plan, state, action)
    if found is None:
        open_in = "、".join(one.label for one in sources_of(plan, action)) or "—"
        named = ", ".join(one.value for one in sources_of(plan, action)) or "none"
        return [
            Fault(
                pointer,
                "not_in_this_state",
                Message(
                    f"个案现为“{state.label}”，“{action.label}”须在以下状态办理：{open_in}。",
                    f"The case is {state.value}; {action.value} is open to a case that is: {named}.",
                ),
            )
        ]
    if role is not Role.PROGRAM and role not in found.roles:
        return [fault("village_cannot_approve" if role in FIELD else "level_above", pointer)]
    return []


def self_approval(workers: Iterable[str], subject: str, pointer: str) -> list[Fault]:
    """Nobody decides on a case that they verified or took to the meeting."""
    return [fault("self_approval", pointer)] if subject in set(workers) else []


def comparison_faults(plan: Plan, step: Step, *, compared_on: date | None, pointer: str) -> list[Fault]:
    """Whether a comparison that runs beside an earlier step is still awaited."""
    host = plan.beside().get(Step.COMPARED)
    if host is None or compared_on is not None or plan.line.index(step) <= plan.line.index(host):
        return []
    return [fault("not_compared", pointer)]


def return_faults(plan: Plan, state: CaseState, named: CaseState | None, pointer: str) -> list[Fault]:
    """Whether a return names a state that lies behind the case."""
    allowed = returnable(plan, state)
    if named is not None and named in allowed:
        return []
    labels, codes = "、".join(one.label for one in allowed), ", ".join(one.value for one in allowed)
    return [
        Fault(
            f"{pointer}/return_to",
            "return_to_unknown",
            Message(f"请写明退回到：{labels}。", f"Name the state to go back to: {codes}."),
        )
    ]


def checklist_faults(wanted: Iterable[str], checked: Iterable[str], pointer: str) -> list[Fault]:
    """What the area's list asks to be looked at before an approval, and nobody says was."""
    seen = set(checked)
    missing = [item for item in wanted if item not in seen]
    if not missing:
        return []
    told = Message(f"请先核对：{'、'.join(missing)}。", f"Check first: {', '.join(missing)}.")
    return [Fault(f"{pointer}/checked", "not_checked", told)]


def seen_before(first: date, pointer: str) -> Fault:
    """Something from before the way that the case is on, such as an elimination verified by the form of the entry."""
    told = Message(f"须为 {first} 当日或之后的，请重新办理。", f"It has to be of {first} or later; do it anew.")
    return Fault(pointer, "seen_before", told)


def too_old(on: date, pointer: str, *, day_0: date, since: date) -> list[Fault]:
    """Why something of a day does not count: it is from before the case, or from before the way that the case is on."""
    if on < day_0:
        return [fault("before_day_0", pointer)]
    return [seen_before(since, pointer)] if on < since else []


def met_before(since: date, state: CaseState, pointer: str) -> Fault:
    """A meeting that was held before what it had to look at was there."""
    return Fault(
        pointer,
        "met_before",
        Message(
            f"该户 {since} 才“{state.label}”，评议日期不能更早。",
            f"The case has been {state.value} since {since}; a meeting before that day decides nothing on it.",
        ),
    )


def too_early(first: date) -> Fault:
    """The follow-up begins on its day, or by itself then."""
    return Fault(
        "",
        "too_early",
        Message(
            f"{first:%Y-%m-%d} 起可转入跟踪，届时自动转入。",
            f"The follow-up begins on {first:%Y-%m-%d}, by itself.",
        ),
    )


def out_of_range_since() -> Fault:
    """Its figures were changed after the county had approved it; nothing leads back from there."""
    return Fault(
        "",
        "not_in_range",
        Message(
            "县级审定后收入支出已变更，按认定日不再属监测范围：数据有误的请更正，属实的请农户签字退出。",
            "Figures changed after the county's decision, and by them the household is not in range: correct them with"
            " their source, or have the household decline by its signature.",
        ),
    )


def fault(code: str, pointer: str = "") -> Fault:
    """The refusal of that code, for whatever ``pointer`` names."""
    return Fault(pointer, code, MESSAGES[code])


MESSAGES: Final[Mapping[str, Message]] = {
    "village_cannot_approve": Message(
        "村级不能审批，请由乡镇或县办理。", "A village approves nothing; the town or the county does."
    ),
    "level_above": Message("请由县级办理。", "Have the county do it."),
    "self_approval": Message(
        "您参与过该户的核实或评议，请由另一人审核。",
        "You verified or reviewed this household; have somebody else decide.",
    ),
    "same_person": Message("第二名核实人须用本人账号确认。", "A second person has to confirm, by their own sign-in."),
    "no_verification": Message(
        "尚无核实记录，请先登记入户核实。", "Nobody has recorded the verification; do that first."
    ),
    "not_compared": Message("家庭经济状况比对尚未完成，请先完成比对。", "The comparison is not done; finish it first."),
    "note_needed": Message("请填写说明。", "Say why, in a note."),
    "reason_needed": Message("请选择原因。", "Give a reason."),
    "told_needed": Message(
        "不予认定须告知农户，请填写告知日期。", "Tell the applicant, and give the day on which they were told."
    ),
    "told_how_needed": Message("请选择告知方式。", "Say in which way the household was told."),
    "told_too_early": Message("告知日期不能早于决定日。", "The household cannot have been told before the decision."),
    "nothing_to_tell": Message(
        "只有未予认定的个案须告知农户。", "Only of a case that was refused or not confirmed a household is told so."
    ),
    "day_ahead": Message("日期不能晚于今天。", "The day cannot lie ahead."),
    "before_day_0": Message("日期不能早于个案起始日。", "The day cannot precede the case's day 0."),
    "helper_needed": Message(
        "农户不能书写的，请填写代书人姓名。", "Name the helper who wrote for whoever cannot write."
    ),
    "no_risks": Message("请至少填写一项风险。", "Name at least one risk."),
    "not_in_range": Message(
        "按认定日的收入和监测线不在监测范围：数据有误的请更正收入支出，属实的请退回或不予认定。",
        "On this day the household is not in range: correct wrong figures with their source, else return or refuse it.",
    ),
    "not_urgent": Message("请先由乡镇或县开通绿色通道。", "Have the town or the county mark the case as urgent first."),
    "living_members": Message(
        "该户仍有在册成员，请先登记其死亡或迁出，再按自然减少办理。",
        "Somebody of the household is still here; record their death or that they moved out first.",
    ),
    "clue_not_open": Message("只有待研判的线索可以分派。", "Only an open clue can be dispatched."),
    "household_ended": Message(
        "该户已不在册；已迁回的请先登记迁回，否则不再纳入监测。",
        "The household has ended; if it came back, record that first, else nobody is left to be monitored.",
    ),
    "other_village": Message("名单中的农户须同属该村。", "Every household of the list belongs to this village."),
    "named_twice": Message("同一个案只能列一次。", "Name each case once."),
    "not_an_attendee": Message("序号不在参会名单内。", "This number is not on the list of attendees."),
    "attendee_twice": Message("同一人只能列一次。", "Name each person once."),
    "attendee_unknown": Message(
        "本村登记中查无此人，请核对，或只填姓名。", "Nobody here has this id; check it, or give the name alone."
    ),
    "still_misrouted": Message(
        "该户管理地未变，请先变更管理地，或说明仍由该村办理的理由。",
        "The household is still managed there; change that first, or say why this village does it.",
    ),
    "other_purpose": Message(
        "会议或名单的用途与个案所处阶段不符，请分开办理。",
        "The purpose is not that of the case's stage: entry and elimination are decided apart.",
    ),
    "list_closed": Message(
        "该公示名单已结束；仍须公示的，请以新的名单公示。",
        "This list hangs no longer; who is still to be shown needs a new one.",
    ),
    "not_on_list": Message("该个案不在此公示名单上。", "This case is not on the list."),
    "signature_missing": Message(
        "消除风险须农户签字，请上传签字页（用途 consent_sheet）或注明签字方式。",
        "An elimination needs the household's signature: a sheet uploaded for consent_sheet, or how else it was given.",
    ),
    "natural_is_the_countys": Message("自然消除由县级提出。", "A natural elimination is for the county to propose."),
    "not_hanging": Message("消除名单尚未在村内公示。", "The elimination does not hang in the village."),
    "objection_open": Message("公示异议尚未处理，请先处理。", "An objection waits; settle it first."),
    "not_countersigned": Message("核查表须先由第二人确认。", "Have a second person countersign the form first."),
    "other_case": Message("核查表不属于该户或该个案。", "The form is not of this household, or of another case."),
    "no_open_objection": Message("没有待处理的异议。", "No objection waits for a decision."),
}
"""Every refusal by its code: what would satisfy it."""
