"""States and reasons of changes to households and persons; ours, since no standard lists them."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "move_offer_state", title=Message("迁移状态", "State of an offer to move"), source="平台自定 / the platform's own"
)
class MoveOfferState(CodeList):
    OPEN = "open", "待接收"
    ACCEPTED = "accepted", "已接收"
    DECLINED = "declined", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


@code_list(
    "number_change_reason",
    title=Message("号码变更原因", "Why a number changed"),
    source="平台自定 / the platform's own",
)
class NumberChangeReason(CodeList):
    FIRST = "first", "首次补录"
    TYPING_ERROR = "typing_error", "录入错误更正"
    REPLACED = "replaced", "公安机关变更号码"
    SHARED = "shared", "重号更正"
    UPGRADED = "upgraded", "15位旧号换为18位"
