"""Kinds of divisions that the statistical codes tell apart, and ways in which one division follows another."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "division_kind",
    title=Message("区划类型", "Kind of division"),
    source="GB/T 2260, GB/T 10114-2003；条款 F2 / clause F2",
)
class DivisionKind(CodeList):
    PROVINCE = "province", "省级"
    CITY = "city", "地级"
    COUNTY = "county", "县级"
    STREET = "street", "街道"
    TOWN = "town", "镇"
    TOWNSHIP = "township", "乡"
    LIKE_TOWN = "like_town", "类似乡级单位"
    RESIDENTS_COMMITTEE = "residents_committee", "居民委员会", ("居委会",)
    VILLAGERS_COMMITTEE = "villagers_committee", "村民委员会", ("村委会",)
    LIKE_VILLAGE = "like_village", "类似村级单位"


@code_list(
    "succession_kind", title=Message("区划变更方式", "How a division was followed"), source="条款 F2 / clause F2"
)
class SuccessionKind(CodeList):
    RENAMED = "renamed", "更名"
    RECODED = "recoded", "换码"
    MERGED = "merged", "并入"
    SPLIT = "split", "拆分"
