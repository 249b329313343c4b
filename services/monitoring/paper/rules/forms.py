"""承诺书、授权书、明白卡: the papers that a household signs or keeps, prefilled with what is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chassis.paper.document import Document, Fields, Heading, Note, Paragraph, Signatures, Table
from services.monitoring.codes.evidence import ConsentPurpose
from services.monitoring.paper.rules.facts import HouseholdFacts
from services.monitoring.paper.rules.public import HOTLINE


def commitment(facts: HouseholdFacts, *, months: int, on: date) -> Document:
    """农户承诺书.

    :param months: for how many months it counts once it is signed.
    """
    return Document(
        title="防止返贫监测农户承诺书",
        subtitle=facts.place,
        blocks=(
            _household(facts),
            Paragraph(
                f"本人及共同生活的家庭成员知悉防止返贫动态监测和帮扶政策，现向{facts.village}村民委员会、{facts.office.name}"
                "郑重承诺："
            ),
            Paragraph("一、所提供的家庭人口、收入、支出、住房、就学、就医、财产等情况真实、准确、完整。"),
            Paragraph("二、家庭情况发生变化的，及时告知村民委员会；配合入户核实、部门比对、民主评议和村内公示。"),
            Paragraph("三、纳入监测后，积极参加生产和就业，按用途使用帮扶资金和物资。"),
            Paragraph("四、隐瞒、虚报的，愿意按规定退出监测，并承担相应责任。"),
            Paragraph(f"本承诺自签署之日起{months}个月内有效。"),
            Signatures(("户主（签名、捺印）", "签署日期", "代签人及关系（不会书写时）", "见证人")),
            Note("由干部宣读并解释后签署；本人可以索取一份留存。"),
        ),
        foot=f"承诺书 {facts.village} {on}",
        size=12,
    )


def authorisation(facts: HouseholdFacts, *, months: int, on: date) -> Document:
    """家庭经济状况核查授权书: who may be asked what about whom, for what and how long."""
    rows = tuple((one.name, one.relation, one.identity_number, "") for one in facts.members)
    return Document(
        title="家庭经济状况核查授权书",
        subtitle=facts.place,
        blocks=(
            _household(facts),
            Paragraph(
                f"为{ConsentPurpose.MONITORING.label}，本人及下列共同生活的家庭成员授权{facts.county}防止返贫监测工作机构，"
                "向民政、人力资源社会保障、医疗保障、教育、住房城乡建设、公安、市场监督管理、自然资源、税务、残联和金融等"
                f"部门及机构查询、核对家庭成员的户籍、收入、支出、财产、参保、就学和住房情况，仅用于{ConsentPurpose.ECONOMY_CHECK.label}。"
            ),
            Paragraph(f"授权自签署之日起{months}个月内有效。授权人可以随时书面撤回；撤回前已经完成的核查不受影响。"),
            Table(("姓名", "与户主关系", "证件号码", "签名、捺印"), rows, (3, 3, 5, 4)),
            Signatures(("户主（签名、捺印）", "签署日期", "代签人及关系（不会书写时）", "见证人")),
            Note("未满十四周岁的成员由其父母或者其他监护人签名；证件号码部分隐去的，不影响授权效力。"),
        ),
        foot=f"授权书 {facts.village} {on}",
        size=11.5,
    )


def card(facts: HouseholdFacts, *, on: date) -> Document:
    """明白卡 for the wall at home: which help, from whom, where to ask and to complain.

    Visitors read it too: it says the reason in the words of a public list, and no number of the household.
    """
    rows = tuple(
        (one.kind, str(one.started_on), "" if one.ended_on is None else str(one.ended_on), one.amount)
        for one in facts.measures
    )
    return Document(
        title="防止返贫监测帮扶明白卡",
        subtitle=facts.place,
        blocks=(
            Fields(
                (
                    ("户主", facts.head),
                    ("家庭人口", f"{len(facts.members)}人"),
                    ("监测类型", facts.monitoring_type),
                    ("纳入日期", "" if facts.registered_on is None else str(facts.registered_on)),
                    ("原因类别", facts.reason),
                    ("帮扶联系人", facts.helper),
                    ("联系人电话", facts.helper_phone),
                    ("受理单位", facts.office.name),
                )
            ),
            Heading("享受的帮扶"),
            Table(
                ("措施", "开始日期", "结束日期", "金额（元）"), rows, (4, 3, 3, 3), empty="尚未安排，请向帮扶联系人询问"
            ),
            Heading("有事找谁"),
            Paragraph("一、先找帮扶联系人；联系不上的，找村民委员会。", indent=False),
            Paragraph(f"二、询问政策：{facts.office.name}，电话 {facts.office.telephone}。", indent=False),
            Paragraph(f"三、投诉举报：全国防返贫监测热线 {HOTLINE}，不需要说明身份。", indent=False),
            Paragraph("四、家中遇到新的困难，可以随时自己申报，也可以请干部代为申报。", indent=False),
        ),
        foot=f"明白卡 {facts.village} {on}",
        size=14,
    )


def _household(facts: HouseholdFacts) -> Fields:
    pairs: Sequence[tuple[str, str]] = (
        ("户主", facts.head),
        ("家庭人口", f"{len(facts.members)}人"),
        ("现住址", facts.address),
        ("联系电话", facts.phone),
    )
    return Fields(tuple(pairs))
