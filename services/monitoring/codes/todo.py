"""What may wait for somebody: the kinds of to-dos, in the order in which one day shows them."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "todo_kind",
    title=Message("待办类别", "What waits for somebody"),
    source="平顶山2022年综述；条款 B8、B11、P-09；代码自定 / clause B8, B11, P-09; codes ours",
)
class TodoKind(CodeList):
    CLUE = "clue", "线索待研判"
    CASE_REDISPATCH = "case_redispatch", "错派个案待重新分派"
    CASE_VERIFY = "case_verify", "待入户核实"
    CASE_SECOND = "case_second", "核实待第二人确认"
    CASE_COMPARE = "case_compare", "待完成比对"
    CASE_REVIEW = "case_review", "待村级评议"
    CASE_PUBLISH = "case_publish", "待公示"
    CASE_PASS = "case_pass", "公示待期满"
    CASE_OBJECTION = "case_objection", "公示异议待处理"
    CASE_TOWN = "case_town", "待乡镇审核"
    CASE_COUNTY = "case_county", "待县级审定"
    CASE_RESUME = "case_resume", "退回待重办"
    CASE_REGISTER = "case_register", "待纳入监测"
    CASE_ELIMINATION = "case_elimination", "风险消除或自然减少待办理"
    HELP_PLAN = "help_plan", "待落实帮扶"
    COMPARISON = "comparison", "待部门比对"
    INTERVIEW = "interview", "核查表待第二人确认"
    SELF_REPORT = "self_report", "自主申报待匹配"
    TRANSFER = "transfer", "迁入待接收"
    CLASH = "clash", "跨区重复待核实"
    CONSENT = "consent", "授权即将到期"
    MEASURE = "measure", "缺少帮扶措施"
    REGISTER_FINDING = "register_finding", "台账问题待处理"
    ENTITLEMENT = "entitlement", "应享未享待落实"
    FINDING = "finding", "登记疑点待核实"
    VISIT = "visit", "待走访"
    YEARLY_UPDATE = "yearly_update", "年度信息待更新"
