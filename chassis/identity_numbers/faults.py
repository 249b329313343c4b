"""Name every way in which a number can be wrong, with a sentence that says how to put it right."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from chassis.errors import Fault, InvalidInput, Message


class NumberFault(StrEnum):
    """What is wrong with a number: a stable code and a sentence that says how to put it right."""

    message: Message

    def __new__(cls, code: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.message = Message(zh, en)
        return member

    def at(self, pointer: str) -> Fault:
        """This fault in the field that ``pointer`` names."""
        return Fault(pointer, self.value, self.message)


class IdentityNumberFault(NumberFault):
    LENGTH = (
        "identity_number_length",
        "身份证号应为18位（旧号15位），请核对位数；表格请先设为文本格式再录入。",
        "An identity number has 18 signs (a former one 15); check it, and set spreadsheet cells to text first.",
    )
    CHARACTERS = (
        "identity_number_characters",
        "身份证号只能是数字，末位可为X，请核对后重填。",
        "An identity number holds digits only, and perhaps X at the end; enter it again.",
    )
    DATE = (
        "identity_number_date",
        "身份证号第7至14位不是真实存在的日期，请对照证件核对。",
        "Digits 7 to 14 of the identity number are no date that exists; compare it with the card.",
    )
    FUTURE = (
        "identity_number_future",
        "身份证号中的出生日期晚于今天，请对照证件核对。",
        "The birth date in the identity number lies after today; compare it with the card.",
    )
    CHECK_DIGIT = (
        "identity_number_check_digit",
        "身份证号校验位不符，至少有一位录错，请对照证件逐位核对。",
        "The identity number fails its check digit, so a sign is wrong; compare it with the card sign by sign.",
    )
    CENTURY = (
        "identity_number_century",
        "这个15位号码不能确定出生世纪，请录入18位号码。",
        "This 15-digit number does not tell the century of birth; enter the number of 18 digits.",
    )


class DisabilityNumberFault(NumberFault):
    LENGTH = (
        "disability_number_length",
        "残疾人证号应为20位（身份证号加类别、等级），补办的为22位，请核对位数。",
        "A disability number has 20 signs (identity number, class, level), a reissued one 22; check its length.",
    )
    CLASS = (
        "disability_class",
        "残疾人证号第19位是残疾类别，只能为1至7，请对照证件核对。",
        "Sign 19 of the disability number is the class and must be 1 to 7; compare it with the certificate.",
    )
    LEVEL = (
        "disability_level",
        "残疾人证号第20位是残疾等级，只能为1至4，请对照证件核对。",
        "Sign 20 of the disability number is the level and must be 1 to 4; compare it with the certificate.",
    )
    REISSUE = (
        "disability_reissue",
        "残疾人证号末两位是补办标记（如B1），请对照证件核对。",
        "The last two signs of a reissued disability number are its mark, such as B1; compare it with the certificate.",
    )


class CreditCodeFault(NumberFault):
    LENGTH = (
        "credit_code_length",
        "统一社会信用代码应为18位，请对照登记证书核对。",
        "A unified social credit code has 18 signs; compare it with the certificate.",
    )
    CHARACTERS = (
        "credit_code_characters",
        "统一社会信用代码只含数字和大写字母（不含I、O、S、V、Z），第3至8位为数字，请核对。",
        "A unified social credit code holds digits and letters other than I, O, S, V and Z; signs 3 to 8 are digits.",
    )
    CHECK_DIGIT = (
        "credit_code_check_digit",
        "统一社会信用代码校验位不符，请对照登记证书逐位核对。",
        "The unified social credit code fails its check sign; compare it with the certificate sign by sign.",
    )


class PhoneFault(NumberFault):
    FORM = (
        "phone_form",
        "请填写11位手机号，或带区号的固定电话（如0915-1234567）。",
        "Give a mobile number of 11 digits, or a landline with its area code, such as 0915-1234567.",
    )


def refusal(faults: Sequence[NumberFault]) -> InvalidInput:
    """The error that names all of ``faults``; it has nothing of the text in it."""
    return InvalidInput(faults=[fault.at("") for fault in faults])
