"""Code lists: complete, unambiguous, readable from files, documented in schemas."""

import pkgutil
from datetime import date
from importlib import import_module

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import services.monitoring.codes as package
from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.codes.persons import Education, Sex
from services.monitoring.codes.registry import CODE_LISTS
from services.monitoring.codes.relations import CHILDREN, HEADS, SEX_OF_RELATION, Relation
from services.monitoring.codes.work_and_school import VOCATIONAL, LabourSkill, SchoolStage

NATIONAL_RELATIONS = (
    "户主 配偶 之子 之女 之儿媳 之女婿 之孙子 之孙女 之外孙子 之外孙女 之父 之母 之岳父 之岳母 之公公 之婆婆 "
    "之祖父 之祖母 之外祖父 之外祖母 之兄弟姐妹 之曾孙子 之曾孙女 之侄儿 之侄女 之兄弟媳妇 之叔伯 其他"
)


def test_every_code_list_is_registered():
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    here = {codes for codes in CodeList.__subclasses__() if codes.__module__.startswith(package.__name__)}
    assert here == set(CODE_LISTS.values())


@pytest.mark.parametrize("codes", CODE_LISTS.values(), ids=CODE_LISTS)
def test_every_entry_is_read_from_its_code_its_label_and_its_aliases(codes):
    for entry in codes:
        for text in (entry.value, entry.label, *entry.aliases):
            assert codes.read(text) is entry
    assert codes.note.source
    assert codes.note.title.zh


def test_codes_follow_the_standards():
    assert [sex.value for sex in Sex] == ["0", "1", "2", "9"]
    assert [level.value for level in Education] == ["10", "20", "30", "40", "60", "70", "80", "90"]
    assert [nation.value for nation in Ethnicity] == [f"{n:02d}" for n in range(1, 57)] + ["97", "98"]
    assert (Ethnicity("01").label, Ethnicity("07").label, Ethnicity("33").label) == ("汉族", "彝族", "羌族")
    assert (Ethnicity.read("藏"), Ethnicity.read("土家族")) == (Ethnicity.ZANG, Ethnicity.TUJIA)
    assert {relation.label for relation in HEADS} == {"本人", "户主"}
    assert [risk.value for risk in Risk] == [f"{n:02d}" for n in range(1, 11)] + ["99"]
    assert MonitoringType("3").label == "突发严重困难户"


@pytest.mark.parametrize("text", NATIONAL_RELATIONS.split())
def test_the_national_systems_relations_are_read(text):
    assert Relation.read(text) in Relation


def test_full_width_signs_and_spaces_do_not_matter():
    assert Relation.read(" ０２ ") is Relation.HEAD
    assert LabourSkill.read("弱（半）劳动力") is LabourSkill.WEAK


def test_an_unknown_entry_is_refused_without_an_echo():
    with pytest.raises(ValueError, match="labour_skill") as refused:
        LabourSkill.read("陈某某")
    assert "陈" not in str(refused.value)


def test_relations_say_the_sex_that_their_names_say():
    said = {Sex.MALE: set("子父兄弟公岳舅叔伯夫侄甥婿"), Sex.FEMALE: set("女母姐妹婆嫂媳姨姑妻婶")}
    for relation, sex in SEX_OF_RELATION.items():
        assert said[sex] & set(relation.label), relation
    assert Relation.SPOUSE not in SEX_OF_RELATION
    assert SEX_OF_RELATION[Relation.SON_IN_LAW] is Sex.MALE
    assert SEX_OF_RELATION[Relation.HUSBAND_OF_ELDER_SISTER] is Sex.MALE
    assert SEX_OF_RELATION[Relation.MOTHERS_SISTER] is Sex.FEMALE
    silent = {int(relation) for relation in set(Relation) - set(SEX_OF_RELATION)}
    assert silent == {1, 2, 10, 40, 49, 50, 59, 60, 65, 68, 69, 70, 79, 80, 91, 92, 97, 99}


def test_children_do_not_include_in_laws():
    assert Relation.ADOPTED_SON in CHILDREN
    assert not {Relation.SON_IN_LAW, Relation.DAUGHTER_IN_LAW, Relation.SONS_SON} & CHILDREN


def test_school_stages_fall_into_groups():
    assert [stage.group for stage in SchoolStage.__members__.values()][3:7] == ["junior_high"] * 3 + ["senior_high"]
    assert SchoolStage.POSTGRADUATE.group == "postgraduate"
    assert {stage.group for stage in VOCATIONAL} == {"vocational", "higher_vocational", "technician"}


def test_income_lines_stand_in_the_forms_order_and_know_their_group():
    groups = list(dict.fromkeys(kind.group for kind in IncomeLineKind))
    assert groups == list(IncomeGroup)
    assert [kind.label for kind in IncomeLineKind if kind.group is IncomeGroup.WAGE] == [
        "务工收入",
        "行业部门公益岗收入",
        "乡镇公益岗收入",
        "村级公益岗收入",
        "自主采摘收入",
        "未分项工资性收入",
    ]
    assert [kind.group for kind in IncomeLineKind if kind.is_undivided] == list(IncomeGroup), "one for each group"
    assert IncomeLineKind.TRANSFER_POVERTY_INSURANCE.group is IncomeGroup.TRANSFER
    assert IncomeLineKind.EXPENSE_CROPS.group is IncomeGroup.OPERATING_EXPENSE


def test_schemas_carry_names_and_labels():
    class Body(BaseModel):
        risk: Risk

    schema = Body.model_json_schema()["$defs"]["Risk"]
    assert schema["enum"][0] == "01"
    assert schema["x-enum-varnames"][0] == "ILLNESS"
    assert schema["x-enum-descriptions"][0] == "因病"
    assert len(schema["enum"]) == len(schema["x-enum-descriptions"]) == len(Risk)
    assert TypeAdapter(Risk).dump_json(Risk.ILLNESS) == b'"01"'
    with pytest.raises(ValidationError):
        Body.model_validate({"risk": "因病"})


def test_two_entries_of_one_name_are_refused():
    with pytest.raises(ValueError, match="两样 names two entries of broken"):

        @code_list("broken", title=Message("坏", "Broken"), source="none")
        class Broken(CodeList):
            ONE = "1", "两样"
            TWO = "2", "两", ("两 样",)


def test_an_entry_without_a_label_is_refused():
    with pytest.raises(ValueError, match="has no label"):

        @code_list("mute", title=Message("哑", "Mute"), source="none")
        class Mute(CodeList):
            ONE = "1"


def test_the_day_from_which_a_standard_holds_is_kept():
    assert Relation.note.valid_from == date(2009, 1, 1)
    assert Relation.note.valid_to is None
