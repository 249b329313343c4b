"""Names as registers hold them: common ones, names of minorities with ·, and signs that old programs cannot write."""

from __future__ import annotations

from random import Random
from typing import Final

_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余杜叶程苏魏吕丁任沈"
_DOUBLE: Final = ("欧阳", "司马", "上官", "诸葛")
_MALE: Final = "大山建国伟强军勇平刚志明德福贵财海涛文武林峰家旺长青永根春生有才"
_FEMALE: Final = "秀兰桂英玉梅小红春花凤霞翠莲芳丽娟静雪云香月琴素珍慧敏雨晴"
_RARE: Final = "堃淼喆垚龑㛃䶮𬭎𣲘"
_MINORITY: Final = (
    ("阿依古丽", "买买提"), ("扎西", "多吉"), ("卓玛", "拉姆"), ("吉克", "阿呷"), ("巴特尔", "苏和"),
    ("古丽娜尔", "艾合买提"), ("次仁", "罗布"), ("迪丽努尔", "吐尔逊"),
)  # fmt: skip


def surname(rng: Random) -> str:
    """A family's surname."""
    return rng.choice(_DOUBLE) if rng.random() < 0.01 else rng.choice(_SURNAMES)


def full_name(rng: Random, family: str, *, male: bool) -> str:
    """A name of that family; about one in forty has a rare sign."""
    signs = _MALE if male else _FEMALE
    given = "".join(rng.choice(signs) for _ in range(1 if rng.random() < 0.25 else 2))
    if rng.random() < 0.025:
        given = rng.choice(_RARE)
    return family + given


def minority_name(rng: Random) -> str:
    """A name with its parts joined by U+00B7."""
    first, last = rng.choice(_MINORITY)
    return f"{first}·{last}"


def other_name(name: str) -> str:
    """What somebody else is called: certainly another name."""
    return ("张" if name[0] != "张" else "王") + "某同"
