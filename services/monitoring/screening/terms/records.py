"""What a rule may ask about one row of a department. A rule reads the rows of one table only."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.terms.kinds import amount, code, count, flag
from services.monitoring.screening.vocabulary import Term

COMMON: Final[tuple[Term, ...]] = (
    count("event_months_ago", ("距今月数", "age of the row"),
          ("业务发生月距筛查月的月数", "Months from the month of the event to the month of screening."),
          part="event", source="every contract", unit="months", high=2400, nullable=False),
)  # fmt: skip

HEALTH: Final[tuple[Term, ...]] = (
    amount("stay_self_pay_fen", ("单次住院合规自付", "self-pay of the stay"),
           ("一次住院政策范围内自付", "In-policy self-pay of one hospital stay."),
           part="record_stay", source="medical.stays"),
    amount("outpatient_self_pay_fen", ("当月门诊慢特病自付", "outpatient self-pay of the month"),
           ("当月门诊慢性病和特殊病自付合计", "Self-pay for chronic and special outpatient care in the month."),
           part="record_outpatient", source="medical.outpatient"),
    flag("disease_is_listed", ("属大病目录", "listed disease"),
         ("诊断类目在本地大病目录中", "The diagnosis is on the area's list of serious diseases."),
         part="record_disease", source="health.serious_disease"),
    flag("disease_is_new", ("首次报送该病", "first report"),
         ("本人该病种第一次报送", "The person's first row with this diagnosis."),
         part="record_disease", source="health.serious_disease"),
    code("chronic_kind", ("慢病病种", "chronic disease"), ("慢病管理病种", "Disease under management."),
         {"hypertension": ("高血压", "hypertension"), "diabetes": ("糖尿病", "diabetes"),
          "tuberculosis": ("肺结核", "tuberculosis"), "mental": ("严重精神障碍", "severe mental disorder"),
          "other": ("其他", "other")},
         part="record_chronic", source="health.chronic_contract", nullable=False),
    flag("has_doctor_contract", ("家医签约有效", "doctor contract in force"),
         ("筛查日家庭医生签约有效", "A family doctor contract is in force on the day of screening."),
         part="record_chronic", source="health.chronic_contract"),
    count("disability_level", ("残疾等级", "disability level"),
          ("最近一次评定的残疾等级，1 级最重", "Level of the latest certificate, 1 the most severe."),
          part="record_disability", source="disability.certificates", unit="", low=1, high=4, nullable=False),
    count("previous_disability_level", ("此前残疾等级", "previous level"),
          ("上一次评定的等级；首次发证时无", "Level of the certificate before; unknown for a first one."),
          part="record_disability", source="disability.certificates", unit="", low=1, high=4),
)  # fmt: skip

SCHOOL: Final[tuple[Term, ...]] = (
    code("study_stage", ("就读学段", "stage"), ("就读学段", "Stage of schooling."),
         {"preschool": ("学前", "preschool"), "primary": ("小学", "primary"), "junior": ("初中", "junior secondary"),
          "senior": ("普通高中", "senior secondary"), "secondary_vocational": ("中职", "secondary vocational"),
          "higher_vocational": ("高职专科", "higher vocational"), "undergraduate": ("本科", "undergraduate"),
          "postgraduate": ("研究生", "postgraduate")},
         part="record_school_cost", source="education.costs"),
    amount("school_net_cost_fen", ("学年净支出", "net cost of the school year"),
           ("学费、住宿等扣除资助后的学年支出", "Fees and board of the school year after aid."),
           part="record_school_cost", source="education.costs"),
)  # fmt: skip

LIVING: Final[tuple[Term, ...]] = (
    code("house_grade", ("房屋鉴定等级", "house grade"), ("该房屋最近一次鉴定等级", "Grade of its latest appraisal."),
         {"A": ("A 级", "A"), "B": ("B 级", "B"), "C": ("C 级", "C"), "D": ("D 级", "D")},
         part="record_house", source="housing.appraisals", nullable=False),
    flag("is_only_house", ("唯一住房", "only house"), ("家庭唯一住房", "The household has no other house."),
         part="record_house", source="housing.appraisals"),
    flag("house_is_repaired", ("已改造", "repaired"),
         ("鉴定后已改造或腾退", "Repaired or left since the appraisal."),
         part="record_house", source="housing.appraisals"),
    count("water_days_off", ("断水天数", "days without water"),
          ("断水天数；未恢复时算至筛查日", "Days without supply, up to the day of screening while it lasts."),
          part="record_water", source="water.supply", unit="days", high=55_000),
    code("water_quality", ("水质", "water quality"), ("最近一次检测结果", "Result of the test."),
         {"pass": ("达标", "pass"), "fail": ("不达标", "fail")}, part="record_water", source="water.supply"),
    code("house_damage", ("房屋受损", "house damage"), ("因灾房屋受损程度", "Damage to the house by the disaster."),
         {"none": ("无", "none"), "light": ("一般损坏", "light"), "severe": ("严重损坏", "severe"),
          "collapsed": ("倒塌", "collapsed")},
         part="record_disaster", source="emergency.disasters"),
    amount("disaster_loss_fen", ("因灾损失", "loss by disaster"), ("家庭直接经济损失", "Direct loss of the household."),
           part="record_disaster", source="emergency.disasters"),
    code("injury", ("伤亡程度", "injury"), ("事故中本人伤亡程度", "Harm to the person in the accident."),
         {"none": ("无", "none"), "minor": ("轻伤", "minor"), "serious": ("重伤", "serious"),
          "death": ("死亡", "death")},
         part="record_accident", source="traffic.accidents", nullable=False),
    code("life_status", ("人身状态", "personal status"), ("公安或司法登记的状态", "Status told by police or justice."),
         {"dead": ("死亡", "dead"), "imprisoned": ("服刑", "imprisoned"), "detained": ("羁押", "detained"),
          "missing": ("失踪", "missing"), "released": ("释放", "released"), "found": ("寻回", "found")},
         part="record_life_status", source="security.status", nullable=False),
)  # fmt: skip

ECONOMY: Final[tuple[Term, ...]] = (
    amount("farm_loss_fen", ("产业损失", "loss of the project"),
           ("种养项目损失", "Loss of a crop or livestock project."),
           part="record_farm_loss", source="agriculture.losses"),
    count("credit_days_overdue", ("逾期天数", "days overdue"), ("小额信贷最近一次报送的逾期天数",
           "Latest days overdue."),
          part="record_credit", source="finance.credit", unit="days", high=55_000),
)  # fmt: skip

CARE: Final[tuple[Term, ...]] = (
    code("aid_kind", ("救助类别", "kind of aid"), ("发生变动的救助类别", "Aid that changed."),
         {"subsistence": ("低保", "subsistence allowance"), "destitute": ("特困供养", "destitute support"),
          "marginal": ("低保边缘", "marginal"), "expenditure": ("支出型困难", "expenditure hardship")},
         part="record_aid_change", source="civil.aid_change", nullable=False),
    code("aid_change", ("变动", "change"), ("该类别最近一次变动", "The latest change of that aid."),
         {"granted": ("新增", "granted"), "raised": ("提标", "raised"), "lowered": ("减发", "lowered"),
          "stopped": ("停发", "stopped")},
         part="record_aid_change", source="civil.aid_change", nullable=False),
    amount("temporary_aid_fen", ("急难救助金额", "emergency aid"),
           ("一次临时救助发放金额", "One payment of emergency aid."),
           part="record_temporary_aid", source="civil.temporary_aid"),
    flag("is_own_measure", ("本系统已帮扶", "our own measure"),
         ("与本系统登记的同户、同额、相近日期的综合保障措施相符",
          "A support measure of ours for the household with the same amount and about the same date."),
         part="record_temporary_aid", source="civil.temporary_aid"),
    code("petition_category", ("诉求类别", "kind of call"), ("来信来电内容分类", "What the call is about."),
         {"hardship": ("生活困难", "hardship"), "policy": ("政策咨询", "question"), "conduct": ("干部作风", "conduct"),
          "other": ("其他", "other")},
         part="record_petition", source="petitions.calls", nullable=False),
    code("left_behind_kind", ("三留守类别", "left-behind"), ("三留守类别", "Who was left behind."),
         {"elder": ("留守老人", "elder"), "woman": ("留守妇女", "woman"), "child": ("留守儿童", "child")},
         part="record_left_behind", source="civil.left_behind_visits", nullable=False),
    count("days_since_visit", ("距上次探访天数", "days since the last visit"),
          ("距部门或本系统最近一次探访的天数；从未探访时自列入名单起算",
           "Days since the last visit by the department or by us, or since listing if nobody came."),
          part="record_left_behind", source="civil.left_behind_visits", unit="days", high=55_000),
)  # fmt: skip

RECORD: Final[tuple[Term, ...]] = (*COMMON, *HEALTH, *SCHOOL, *LIVING, *ECONOMY, *CARE)
