"""Relation to the head of the household, and what it says about sex and generation."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list
from services.monitoring.codes.persons import Sex


@code_list(
    "relation",
    title=Message("与户主关系", "Relation to the head"),
    source="GB/T 4761-2008",
    valid_from=date(2009, 1, 1),
)
class Relation(CodeList):
    """GB/T 4761 in two digits. Aliases are the 28 relations of the national system's exports.

    Two of those are wider than any one entry: 之兄弟媳妇 (72 or 74) is read as 79, 之叔伯 (81 or 83) as 97.
    """

    SELF = "01", "本人"
    HEAD = "02", "户主"
    SPOUSE = "10", "配偶"
    HUSBAND = "11", "夫"
    WIFE = "12", "妻"
    SON = "20", "子", ("之子", "儿子")
    ONLY_SON = "21", "独生子"
    FIRST_SON = "22", "长子"
    SECOND_SON = "23", "次子", ("二子",)
    THIRD_SON = "24", "三子"
    FOURTH_SON = "25", "四子"
    FIFTH_SON = "26", "五子"
    ADOPTED_SON = "27", "养子或继子"
    SON_IN_LAW = "28", "女婿", ("之女婿",)
    OTHER_SON = "29", "其他儿子"
    DAUGHTER = "30", "女", ("之女", "女儿")
    ONLY_DAUGHTER = "31", "独生女"
    FIRST_DAUGHTER = "32", "长女"
    SECOND_DAUGHTER = "33", "次女"
    THIRD_DAUGHTER = "34", "三女"
    FOURTH_DAUGHTER = "35", "四女"
    FIFTH_DAUGHTER = "36", "五女"
    ADOPTED_DAUGHTER = "37", "养女或继女"
    DAUGHTER_IN_LAW = "38", "儿媳", ("之儿媳",)
    OTHER_DAUGHTER = "39", "其他女儿"
    GRANDCHILD = "40", "孙子、孙女或外孙子、外孙女"
    SONS_SON = "41", "孙子", ("之孙子",)
    SONS_DAUGHTER = "42", "孙女", ("之孙女",)
    DAUGHTERS_SON = "43", "外孙子", ("之外孙子",)
    DAUGHTERS_DAUGHTER = "44", "外孙女", ("之外孙女",)
    WIFE_OF_GRANDSON = "45", "孙媳妇或外孙媳妇"
    HUSBAND_OF_GRANDDAUGHTER = "46", "孙女婿或外孙女婿"
    GREAT_GRANDSON = "47", "曾孙子或外曾孙子", ("之曾孙子",)
    GREAT_GRANDDAUGHTER = "48", "曾孙女或外曾孙女", ("之曾孙女",)
    OTHER_GRANDCHILD = "49", "其他孙子、孙女或外孙子、外孙女"
    PARENT = "50", "父母"
    FATHER = "51", "父亲", ("之父",)
    MOTHER = "52", "母亲", ("之母",)
    HUSBANDS_FATHER = "53", "公公", ("之公公",)
    HUSBANDS_MOTHER = "54", "婆婆", ("之婆婆",)
    WIFES_FATHER = "55", "岳父", ("之岳父",)
    WIFES_MOTHER = "56", "岳母", ("之岳母",)
    STEPFATHER = "57", "继父或养父"
    STEPMOTHER = "58", "继母或养母"
    OTHER_PARENT = "59", "其他父母关系"
    GRANDPARENT = "60", "祖父母或外祖父母"
    FATHERS_FATHER = "61", "祖父", ("之祖父",)
    FATHERS_MOTHER = "62", "祖母", ("之祖母",)
    MOTHERS_FATHER = "63", "外祖父", ("之外祖父",)
    MOTHERS_MOTHER = "64", "外祖母", ("之外祖母",)
    SPOUSES_GRANDPARENT = "65", "配偶的祖父母或外祖父母"
    GREAT_GRANDFATHER = "66", "曾祖父"
    GREAT_GRANDMOTHER = "67", "曾祖母"
    SPOUSES_GREAT_GRANDPARENT = "68", "配偶的曾祖父母或外曾祖父母"
    OTHER_GRANDPARENT = "69", "其他祖父母或外祖父母关系"
    SIBLING = "70", "兄弟姐妹", ("之兄弟姐妹",)
    ELDER_BROTHER = "71", "兄", ("哥哥",)
    WIFE_OF_ELDER_BROTHER = "72", "嫂"
    YOUNGER_BROTHER = "73", "弟", ("弟弟",)
    WIFE_OF_YOUNGER_BROTHER = "74", "弟媳"
    ELDER_SISTER = "75", "姐姐"
    HUSBAND_OF_ELDER_SISTER = "76", "姐夫"
    YOUNGER_SISTER = "77", "妹妹"
    HUSBAND_OF_YOUNGER_SISTER = "78", "妹夫"
    OTHER_SIBLING = "79", "其他兄弟姐妹", ("之兄弟媳妇",)
    OTHER = "80", "其他"
    FATHERS_ELDER_BROTHER = "81", "伯父"
    WIFE_OF_FATHERS_ELDER_BROTHER = "82", "伯母"
    FATHERS_YOUNGER_BROTHER = "83", "叔父"
    WIFE_OF_FATHERS_YOUNGER_BROTHER = "84", "婶母"
    MOTHERS_BROTHER = "85", "舅父"
    WIFE_OF_MOTHERS_BROTHER = "86", "舅母"
    HUSBAND_OF_MOTHERS_SISTER = "87", "姨父", ("姨夫",)
    MOTHERS_SISTER = "88", "姨母"
    HUSBAND_OF_FATHERS_SISTER = "89", "姑父"
    FATHERS_SISTER = "90", "姑母"
    FATHERS_SIDE_COUSIN = "91", "堂兄弟、堂姐妹"
    MOTHERS_SIDE_COUSIN = "92", "表兄弟、表姐妹"
    BROTHERS_SON = "93", "侄子", ("侄儿", "之侄儿")
    BROTHERS_DAUGHTER = "94", "侄女", ("之侄女",)
    SISTERS_SON = "95", "外甥"
    SISTERS_DAUGHTER = "96", "外甥女"
    OTHER_KIN = "97", "其他亲属", ("之叔伯",)
    NOT_KIN = "99", "非亲属"


HEADS: Final = frozenset({Relation.SELF, Relation.HEAD})
"""The two codes that a register writes at the head of a household (户主)."""

SPOUSES: Final = frozenset({Relation.SPOUSE, Relation.HUSBAND, Relation.WIFE})

CHILDREN: Final = frozenset(
    {relation for relation in Relation if relation[0] in "23"} - {Relation.SON_IN_LAW, Relation.DAUGHTER_IN_LAW}
)
"""Sons and daughters of the head, without sons- and daughters-in-law."""

PARENTS: Final = frozenset({Relation.PARENT, Relation.FATHER, Relation.MOTHER})
"""The head's own parents; those of the spouse may be of any age beside the head."""

# fmt: off
_MALE: Final = (
    "11", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "41", "43", "46", "47", "51", "53", "55", "57",
    "61", "63", "66", "71", "73", "76", "78", "81", "83", "85", "87", "89", "93", "95",
)
_FEMALE: Final = (
    "12", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "42", "44", "45", "48", "52", "54", "56", "58",
    "62", "64", "67", "72", "74", "75", "77", "82", "84", "86", "88", "90", "94", "96",
)
# fmt: on

SEX_OF_RELATION: Final = dict.fromkeys(map(Relation, _MALE), Sex.MALE) | dict.fromkeys(
    map(Relation, _FEMALE), Sex.FEMALE
)
"""The sex that a relation's name says; the other relations say none."""
