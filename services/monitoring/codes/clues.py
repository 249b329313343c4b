"""Where a clue comes from and why one is dismissed."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "clue_channel",
    title=Message("线索来源", "Channel of a clue"),
    source="四川有效衔接实施意见；条款 B8、S-04、S-05 / clause B8, S-04, S-05",
)
class Channel(CodeList):
    DEPARTMENT = "department", "行业部门预警"
    CADRE_SURVEY = "cadre_survey", "干部排查"
    SELF_APP = "self_app", "农户自主申报", ("一键申报",)
    TOWN_WINDOW = "town_window", "乡镇窗口"
    HOTLINE_12317 = "hotline_12317", "12317 热线"
    HOTLINE_12345 = "hotline_12345", "12345 热线"
    UNION = "union", "工会"
    YOUTH_LEAGUE = "youth_league", "共青团"
    WOMENS_FEDERATION = "womens_federation", "妇联"
    OTHER = "other", "其他"


@code_list(
    "clue_dismissal",
    title=Message("线索排除原因", "Why a clue was dismissed"),
    source="条款 B8、B11；代码自定 / clause B8, B11; codes ours",
)
class DismissalReason(CodeList):
    NOT_TRUE = "not_true", "情况不属实"
    BEARABLE = "bearable", "家庭能够承受"
    HELPED = "helped", "已有帮扶，风险已化解"
    KNOWN = "known", "已掌握，无新情况"
    DATA_ERROR = "data_error", "部门数据有误"
    OTHER = "other", "其他"


@code_list(
    "self_report_refusal",
    title=Message("自主申报不属本地的原因", "Why a self-report is of nobody here"),
    source="代码自定 / codes ours",
)
class NotOursReason(CodeList):
    ELSEWHERE = "elsewhere", "不在本地居住"
    UNKNOWN = "unknown", "按所填信息查无此人"
    UNREACHABLE = "unreachable", "无法联系本人核实"
    OTHER = "other", "其他"
