"""What a case rests on: consents, comparisons by departments, interviews; the words for their kinds and outcomes."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "consent_kind", title=Message("承诺授权类别", "Kind of consent"), source="条款 B8；代码自定 / clause B8; codes ours"
)
class ConsentKind(CodeList):
    COMMITMENT = "commitment", "农户承诺书", ("承诺书",)
    AUTHORISATION = "authorisation", "家庭经济状况核查授权书", ("授权书", "查询授权书")


@code_list(
    "consent_purpose",
    title=Message("授权用途", "Purpose of a consent"),
    source="条款 B8、F6；代码自定 / clause B8, F6; codes ours",
)
class ConsentPurpose(CodeList):
    ECONOMY_CHECK = "economy_check", "家庭经济状况核对"
    MONITORING = "monitoring", "防返贫监测识别与管理"
    HELP = "help", "帮扶措施落实"
    PUBLICITY = "publicity", "村内公示"


@code_list(
    "given_by", title=Message("签署方式", "How a consent was given"), source="条款 B8；代码自定 / clause B8; codes ours"
)
class GivenBy(CodeList):
    """A household that is away gives its word by telephone or video, and that is marked (clause B8)."""

    PAPER = "paper", "纸质签字"
    ELECTRONIC = "electronic", "电子签名"
    TELEPHONE = "telephone", "电话"
    VIDEO = "video", "视频"


@code_list(
    "comparison_state",
    title=Message("比对请求状态", "State of a comparison"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class ComparisonState(CodeList):
    OPEN = "open", "待部门比对"
    ANSWERED = "answered", "部门已反馈"
    NOT_ANSWERED = "not_answered", "部门逾期未反馈"
    ALREADY_COMPARED = "already_compared", "已由民政部门核对，不再比对"
    CLOSED = "closed", "已关闭"


@code_list(
    "comparison_result",
    title=Message("比对结果", "Result of a comparison"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class ComparisonResult(CodeList):
    CONFIRMED = "confirmed", "属实", ("一致",)
    DIFFERS = "differs", "不符", ("不一致",)
    NOTHING_KNOWN = "nothing_known", "无记录", ("查无",)


@code_list(
    "interview_mode",
    title=Message("核查方式", "How an interview was held"),
    source="条款 B8；代码自定 / clause B8; codes ours",
)
class InterviewMode(CodeList):
    HOME = "home", "入户"
    TELEPHONE = "telephone", "电话"
    VIDEO = "video", "视频"
