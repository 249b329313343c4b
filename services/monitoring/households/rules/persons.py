"""Doubts about one member: certificate, birth, sex, school, health, help (clause B12)."""

from __future__ import annotations

from typing import Final

from services.monitoring.codes.persons import Sex
from services.monitoring.codes.relations import SEX_OF_RELATION
from services.monitoring.codes.work_and_school import NOT_YET_PUPILS, VOCATIONAL, WORKING, Health
from services.monitoring.households.rules.dates import months_after
from services.monitoring.households.rules.finding import Context, Subject, person_doubt

_STATED: Final = frozenset({Sex.MALE, Sex.FEMALE})


@person_doubt(
    "certificate_missing",
    "certificate",
    "没有证件号码，请补录身份证号；确无证件的，请注明原因。",
    "There is no certificate number; add the identity number, or note why there is none.",
)
def certificate_missing(subject: Subject, context: Context) -> bool:
    """A newborn is given some months."""
    if subject.facts.certificate is not None:
        return False
    born = subject.born
    return born is None or months_after(born, context.thresholds.newborn_months) <= context.today


@person_doubt(
    "certificate_former",
    "certificate",
    "录入的是15位旧号，已按规则换算为18位，请对照现有证件确认。",
    "This is a former number of 15 digits; the number of 18 was derived from it, confirm it with the present card.",
)
def certificate_former(subject: Subject, _: Context) -> bool:
    return subject.number is not None and subject.number.former is not None


@person_doubt(
    "certificate_area_unknown",
    "certificate",
    "身份证号前6位不在已知的县级区划中，请对照证件核对。",
    "The first six digits of the identity number name no known county; compare it with the card.",
)
def certificate_area_unknown(subject: Subject, context: Context) -> bool:
    number = subject.number
    return number is not None and number.area not in context.known_areas and not number.area_is_listed()


@person_doubt(
    "birth_date_differs",
    "birth_date",
    "出生日期与身份证号不一致，请核对后改正其中之一。",
    "The birth date differs from the identity number; find out which is right and correct the other.",
)
def birth_date_differs(subject: Subject, _: Context) -> bool:
    stated = subject.facts.birth_date
    return subject.number is not None and stated is not None and stated != subject.number.birth_date


@person_doubt(
    "birth_after_today",
    "birth_date",
    "出生日期晚于今天，请核对。",
    "The birth date lies after today; check it.",
)
def birth_after_today(subject: Subject, context: Context) -> bool:
    return subject.born is not None and subject.born > context.today


@person_doubt(
    "sex_differs",
    "sex",
    "性别与身份证号不一致，请核对后改正其中之一。",
    "The sex differs from the identity number; find out which is right and correct the other.",
)
def sex_differs(subject: Subject, _: Context) -> bool:
    stated = subject.facts.sex
    return subject.number is not None and stated in _STATED and stated != subject.number.sex_code


@person_doubt(
    "age_unlikely",
    "birth_date",
    "年龄超过{t.age_years_max}岁，请核对出生日期以及是否健在。",
    "This person would be over {t.age_years_max} years old; check the birth date, and whether the person lives.",
)
def age_unlikely(subject: Subject, context: Context) -> bool:
    return subject.age is not None and subject.age > context.thresholds.age_years_max


@person_doubt(
    "relation_contradicts_sex",
    "relation",
    "与户主关系和性别不符，请核对。",
    "The relation to the head does not fit the sex; check both.",
)
def relation_contradicts_sex(subject: Subject, _: Context) -> bool:
    sex = sex_of(subject)
    relation = subject.facts.relation
    return sex is not None and relation is not None and SEX_OF_RELATION.get(relation, sex) is not sex


@person_doubt(
    "school_stage_contradicts_age",
    "school_stage",
    "在校生状况与年龄不符，请核对年级或出生日期。",
    "The stage at school does not fit the age; check the stage or the birth date.",
)
def school_stage_contradicts_age(subject: Subject, context: Context) -> bool:
    stage = subject.facts.school_stage
    if stage is None or subject.age is None:
        return False
    span = context.thresholds.school_ages[stage.group]
    return not span.min <= subject.age <= span.max


@person_doubt(
    "education_and_stage",
    "education",
    "文化程度和在校生状况应填且只填一项：在校填在校生状况，不在校填文化程度。",
    "Give either the education completed or the stage at school: the stage of a pupil, the education of others.",
    clause="全国系统导出数据通行的核查规则 / checks in use on the national system's exports",
)
def education_and_stage(subject: Subject, _: Context) -> bool:
    return (subject.facts.education is None) is (subject.facts.school_stage is None)


@person_doubt(
    "pupil_counted_as_labour",
    "labour_skill",
    "在校学生不应计为劳动力，请核对在校生状况或劳动技能。",
    "A pupil does not count as labour; check the stage at school or the labour skill.",
    clause="全国系统导出数据通行的核查规则 / checks in use on the national system's exports",
)
def pupil_counted_as_labour(subject: Subject, _: Context) -> bool:
    return subject.facts.school_stage is not None and subject.facts.labour_skill in WORKING


@person_doubt(
    "yulu_without_vocational_stage",
    "gets_yulu",
    "雨露计划只补助中职、高职和技师学院在校生，请核对在校生状况。",
    "Only pupils of secondary and higher vocational schools get 雨露计划; check the stage at school.",
)
def yulu_without_vocational_stage(subject: Subject, _: Context) -> bool:
    return subject.facts.gets_yulu and subject.facts.school_stage not in VOCATIONAL


@person_doubt(
    "destitute_looks_able",
    "is_destitute",
    "特困供养人员为{t.destitute_age_min}至{t.destitute_age_max}岁、健康且不在校，请核对认定是否有误。",
    "A healthy 特困 person of {t.destitute_age_min} to {t.destitute_age_max} years who is no pupil; check the status.",
)
def destitute_looks_able(subject: Subject, context: Context) -> bool:
    """A person of that age has to be unable to work or a pupil to be supported as 特困."""
    limits = context.thresholds
    facts = subject.facts
    return (
        facts.is_destitute
        and subject.age is not None
        and limits.destitute_age_min <= subject.age <= limits.destitute_age_max
        and facts.health == {Health.HEALTHY}
        and (facts.school_stage is None or facts.school_stage in NOT_YET_PUPILS)
    )


@person_doubt(
    "insured_blank",
    "insured",
    "未填写是否参加基本医疗保险，请补填。",
    "Whether this person has basic medical insurance is blank; fill it in.",
)
def insured_blank(subject: Subject, _: Context) -> bool:
    return subject.facts.insured is None


@person_doubt(
    "disability_not_in_health",
    "health",
    "证件为残疾人证，但健康状况未填残疾，请核对。",
    "The certificate is a disability certificate, but the health does not say so; check both.",
)
def disability_not_in_health(subject: Subject, _: Context) -> bool:
    return subject.has_disability_number and Health.DISABLED not in subject.facts.health


@person_doubt(
    "healthy_and_ill",
    "health",
    "健康状况同时填写了健康和疾病或残疾，请核对。",
    "The health says both healthy and ill or disabled; check it.",
)
def healthy_and_ill(subject: Subject, _: Context) -> bool:
    return Health.HEALTHY in subject.facts.health and len(subject.facts.health) > 1


PERSON_RULES: Final = (
    certificate_missing,
    certificate_former,
    certificate_area_unknown,
    birth_date_differs,
    birth_after_today,
    sex_differs,
    age_unlikely,
    relation_contradicts_sex,
    school_stage_contradicts_age,
    education_and_stage,
    pupil_counted_as_labour,
    yulu_without_vocational_stage,
    destitute_looks_able,
    insured_blank,
    disability_not_in_health,
    healthy_and_ill,
)


def sex_of(subject: Subject) -> Sex | None:
    """As stated, else as the identity number says; None if neither does."""
    stated = subject.facts.sex
    if stated in _STATED:
        return stated
    return Sex(subject.number.sex_code) if subject.number is not None else None
