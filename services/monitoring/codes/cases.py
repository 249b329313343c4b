"""Where a case stands, what is done with it, and why one ends: the words of the monitoring procedure."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "case_state", title=Message("个案状态", "State of a case"), source="条款 B8；代码自定 / clause B8; codes ours"
)
class CaseState(CodeList):
    CLUE = "clue", "待县级重新分派"
    DISPATCHED = "dispatched", "已分派待核实"
    VERIFIED = "verified", "已入户核实"
    NOT_CONFIRMED = "not_confirmed", "核实不属实"
    COMPARED = "compared", "已比对"
    VILLAGE_REVIEWED = "village_reviewed", "村级评议通过"
    REJECTED_V = "rejected_v", "村级评议未通过"
    PUBLICITY = "publicity", "村内公示"
    OBJECTED = "objected", "公示有异议"
    PASSED = "passed", "公示无异议"
    TOWN_OK = "town_ok", "乡镇审核通过"
    RETURNED_T = "returned_t", "乡镇退回"
    COUNTY_OK = "county_ok", "县级审定通过"
    RETURNED_C = "returned_c", "县级退回"
    REJECTED_C = "rejected_c", "县级不予认定"
    REGISTERED = "registered", "已纳入监测"
    MEASURES_ACTIVE = "measures_active", "帮扶中"
    ELIM_PROPOSED = "elim_proposed", "拟消除风险"
    ELIM_VERIFIED = "elim_verified", "消除已核实"
    ELIM_REVIEWED = "elim_reviewed", "消除评议通过"
    ELIM_PUBLICITY = "elim_publicity", "消除公示"
    ELIM_TOWN = "elim_town", "消除乡镇审核通过"
    ELIM_COUNTY = "elim_county", "消除县级审定通过"
    ELIMINATED = "eliminated", "风险消除"
    FOLLOW_UP = "follow_up", "消除后跟踪"
    NATURAL_END = "natural_end", "自然减少"
    DECLINED = "declined", "农户放弃"
    REMOVED = "removed", "识别有误已剔除"


@code_list(
    "case_action",
    title=Message("个案操作", "What is done with a case"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class CaseAction(CodeList):
    DISPATCH = "dispatch", "分派"
    JOIN = "join", "新线索并入"
    MISROUTE = "misroute", "退回错派"
    REDISPATCH = "redispatch", "重新分派"
    RECORD_VERIFICATION = "record_verification", "入户核实登记"
    CONFIRM = "confirm", "第二人确认属实"
    NOT_CONFIRM = "not_confirm", "第二人确认不属实"
    COMPARE = "compare", "完成比对"
    REVIEW = "review", "村级评议通过"
    REJECT_V = "reject_v", "村级评议不通过"
    PUBLISH = "publish", "公示"
    PUBLISH_ANEW = "publish_anew", "名单变更重新公示"
    OBJECT = "object", "收到异议"
    UPHOLD = "uphold", "异议成立重新核实"
    DISMISS_OBJECTION = "dismiss_objection", "异议不成立继续公示"
    PASS = "pass", "公示期满"
    APPROVE_T = "approve_t", "乡镇审核"
    RETURN_T = "return_t", "乡镇退回"
    APPROVE_C = "approve_c", "县级审定"
    RETURN_C = "return_c", "县级退回"
    REJECT_C = "reject_c", "县级不予认定"
    RESUME = "resume", "按退回意见重办"
    REGISTER = "register", "纳入监测"
    DECLINE = "decline", "农户放弃"
    MARK_URGENT = "mark_urgent", "开通绿色通道"
    HELP_URGENTLY = "help_urgently", "先行帮扶"
    START_MEASURES = "start_measures", "落实帮扶"
    AMEND = "amend", "信息变更"
    REMOVE = "remove", "识别有误剔除"
    END_NATURALLY = "end_naturally", "自然减少"
    MOVE = "move", "随户迁移"
    CHANGE_HOUSEHOLD = "change_household", "分户或并户"
    MERGE = "merge", "随户并入"
    ELIM_PROPOSE = "elim_propose", "提出消除"
    ELIM_VERIFY = "elim_verify", "消除核实"
    ELIM_REVIEW = "elim_review", "消除评议"
    ELIM_PUBLISH = "elim_publish", "消除公示"
    ELIM_APPROVE_T = "elim_approve_t", "消除乡镇审核"
    ELIM_APPROVE_C = "elim_approve_c", "消除县级审定"
    ELIMINATE = "eliminate", "标注风险消除"
    ELIM_RETURN = "elim_return", "退回消除"
    START_FOLLOW_UP = "start_follow_up", "转入跟踪"
    TAKE_OVER = "take_over", "从国家系统承接"


@code_list(
    "case_holder",
    title=Message("当前办理层级", "Who holds the step"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class Holder(CodeList):
    VILLAGE = "village", "村"
    TOWN = "town", "乡镇"
    COUNTY = "county", "县"
    DEPARTMENT = "department", "行业部门"


@code_list(
    "case_urgency", title=Message("时限状态", "How near the due is"), source="条款 B8；代码自定 / clause B8; codes ours"
)
class Timeliness(CodeList):
    ON_TIME = "on_time", "正常"
    NEAR = "near", "临近"
    LATE = "late", "超期"


@code_list(
    "case_refusal",
    title=Message("不予认定原因", "Why a case was refused"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class RefusalReason(CodeList):
    NOT_IN_RANGE = "not_in_range", "收入高于监测范围且无突发困难"
    ASSETS = "assets", "家庭资产与申报不符"
    SUPPORT = "support", "有赡养抚养人能够保障"
    NOT_TRUE = "not_true", "情况不属实"
    NO_CONSENT = "no_consent", "未签授权无法核对"
    VOTED_DOWN = "voted_down", "民主评议未通过"
    OTHER = "other", "其他"


@code_list(
    "case_return",
    title=Message("退回原因", "Why a case was returned"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class ReturnReason(CodeList):
    INCOMPLETE = "incomplete", "资料不全"
    DOUBTFUL = "doubtful", "抽查情况不一致"
    PROCEDURE = "procedure", "程序不到位"
    OTHER = "other", "其他"


@code_list(
    "case_removal",
    title=Message("剔除原因", "Why a case was removed"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class RemovalReason(CodeList):
    WRONGLY_IDENTIFIED = "wrongly_identified", "识别有误"
    DUPLICATE = "duplicate", "重复认定"
    CONCEALED = "concealed", "隐瞒收入或资产"
    OTHER = "other", "其他"


@code_list(
    "natural_end_reason",
    title=Message("自然减少原因", "Why a case ended"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class NaturalEndReason(CodeList):
    ALL_DEAD = "all_dead", "全户死亡"
    ALL_MOVED = "all_moved", "整户迁出"
    MERGED = "merged", "并入其他户"


@code_list(
    "case_notice_way",
    title=Message("告知方式", "How somebody was told"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class NoticeWay(CodeList):
    IN_PERSON = "in_person", "当面告知"
    TELEPHONE = "telephone", "电话告知"
    WRITTEN = "written", "书面送达"
    MESSAGE = "message", "短信或应用消息"


@code_list(
    "vote_outcome", title=Message("评议结果", "Outcome of a vote"), source="条款 B8；代码自定 / clause B8; codes ours"
)
class VoteOutcome(CodeList):
    ACCEPTED = "accepted", "同意"
    REFUSED = "refused", "不同意"
