"""Every line of an income statement, in the order of the national form."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list("income_group", title=Message("收支大类", "Group of income or cost"), source="条款 B4 / clause B4")
class IncomeGroup(CodeList):
    WAGE = "wage", "工资性收入"
    OPERATING_INCOME = "operating_income", "生产经营性收入"
    PROPERTY = "property", "财产性收入"
    TRANSFER = "transfer", "转移性收入"
    OPERATING_EXPENSE = "operating_expense", "生产经营性支出"
    CLAIMS = "claims", "理赔收入"
    SELF_PAY = "self_pay", "合规自付支出"


@code_list("income_line_kind", title=Message("收支明细", "Line of an income statement"), source="条款 B4 / clause B4")
class IncomeLineKind(CodeList):
    """One kind of line. The value begins with its group; amounts are never negative, the group gives the sign.

    A kind that ends in ``undivided`` holds what a source states of a group as a whole, without its parts.
    """

    WAGE_OUTSIDE_WORK = "wage.outside_work", "务工收入"
    WAGE_SECTOR_POST = "wage.sector_post", "行业部门公益岗收入"
    WAGE_TOWN_POST = "wage.town_post", "乡镇公益岗收入"
    WAGE_VILLAGE_POST = "wage.village_post", "村级公益岗收入"
    WAGE_GATHERING = "wage.gathering", "自主采摘收入"
    WAGE_UNDIVIDED = "wage.undivided", "未分项工资性收入"

    OPERATING_CROPS = "operating_income.crops", "种植业收入"
    OPERATING_LIVESTOCK = "operating_income.livestock", "养殖业收入"
    OPERATING_FORESTRY_FRUIT = "operating_income.forestry_fruit", "林果业收入"
    OPERATING_OTHER = "operating_income.other", "其他生产经营性收入"
    OPERATING_UNDIVIDED = "operating_income.undivided", "未分项生产经营性收入"

    PROPERTY_ASSET_DIVIDEND = "property.asset_dividend", "资产收益分红收入", ("资产收益扶贫分红收入",)
    PROPERTY_LAND_TRANSFER = "property.land_transfer", "土地流转收入"
    PROPERTY_FINANCE_ITEM = "property.finance_item", "金融贷款项目收入", ("金融贷款项目",)
    PROPERTY_ENTRUSTED_FARMING = "property.entrusted_farming", "代种代养项目收入"
    PROPERTY_OTHER = "property.other", "其他财产性收入"
    PROPERTY_UNDIVIDED = "property.undivided", "未分项财产性收入"

    TRANSFER_FAMILY_PLANNING = "transfer.family_planning", "计划生育金"
    TRANSFER_SUBSISTENCE = "transfer.subsistence", "低保金"
    TRANSFER_DESTITUTE = "transfer.destitute", "特困供养金"
    TRANSFER_PENSION = "transfer.pension", "养老保险金", ("养老金",)
    TRANSFER_GRAIN_TO_GREEN = "transfer.grain_to_green", "退耕还林补贴"
    TRANSFER_PUBLIC_FOREST = "transfer.public_forest", "公益林补贴"
    TRANSFER_GRASSLAND = "transfer.grassland", "草原生态奖补", ("草原生态奖补贴",)
    TRANSFER_RESETTLEMENT = "transfer.resettlement", "移民补助"
    TRANSFER_ECOLOGICAL_OTHER = "transfer.ecological_other", "其他生态补偿金"
    TRANSFER_CROP_SUBSIDY = "transfer.crop_subsidy", "种植补贴", ("玉米大豆种植补贴",)
    TRANSFER_SOIL_FERTILITY = "transfer.soil_fertility", "耕地地力保护补贴", ("地力补贴",)
    TRANSFER_CROP_INSURANCE = "transfer.crop_insurance", "大田保险补助"
    TRANSFER_OLD_AGE = "transfer.old_age", "高龄津贴", ("高龄补贴",)
    TRANSFER_VETERAN = "transfer.veteran", "优抚金"
    TRANSFER_DISABILITY = "transfer.disability", "残疾人补贴", ("残疾补贴",)
    TRANSFER_EDUCATION = "transfer.education", "教育资助", ("教育扶持",)
    TRANSFER_DISASTER_RELIEF = "transfer.disaster_relief", "救灾款"
    TRANSFER_DISABLED_ELDERLY = "transfer.disabled_elderly", "失能老人补贴"
    TRANSFER_MAINTENANCE = "transfer.maintenance", "赡养费"
    TRANSFER_HEATING = "transfer.heating", "取暖费补贴", ("取暖费补贴(低保五保)",)
    TRANSFER_PRICE = "transfer.price", "物价补贴", ("物价补贴(低保五保)",)
    TRANSFER_RELIEF = "transfer.relief", "社会救济和补助", ("临时救助",)
    TRANSFER_POVERTY_INSURANCE = "transfer.poverty_insurance", "防贫保险"
    TRANSFER_DONATION = "transfer.donation", "经常性捐赠和赔偿"
    TRANSFER_EMPLOYMENT_SUBSIDY = "transfer.employment_subsidy", "就业补贴"
    TRANSFER_OTHER = "transfer.other", "其他转移性收入"
    TRANSFER_UNDIVIDED = "transfer.undivided", "未分项转移性收入"

    EXPENSE_CROPS = "operating_expense.crops", "种植业支出"
    EXPENSE_LIVESTOCK = "operating_expense.livestock", "养殖业支出"
    EXPENSE_FORESTRY_FRUIT = "operating_expense.forestry_fruit", "林果业支出"
    EXPENSE_OTHER = "operating_expense.other", "其他生产经营性支出"
    EXPENSE_UNDIVIDED = "operating_expense.undivided", "未分项生产经营性支出"

    CLAIMS_OTHER = "claims.other", "其他理赔收入"
    CLAIMS_UNDIVIDED = "claims.undivided", "未分项理赔收入"

    SELF_PAY_MEDICAL = "self_pay.medical", "医疗合规自付支出"
    SELF_PAY_EDUCATION = "self_pay.education", "教育合规自付支出"
    SELF_PAY_HOUSING = "self_pay.housing", "住房合规自付支出"
    SELF_PAY_DISASTER = "self_pay.disaster", "灾害合规自付支出"
    SELF_PAY_UNDIVIDED = "self_pay.undivided", "未分项合规自付支出"

    @property
    def group(self) -> IncomeGroup:
        return IncomeGroup(self.value.partition(".")[0])

    @property
    def is_undivided(self) -> bool:
        return self.value.endswith(".undivided")
