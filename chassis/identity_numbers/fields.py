"""Let API models take numbers as text: checked on the way in, masked on the way out, never repeated in an error.

Pydantic keeps the refused input in every error. So the text is first turned into a value or into a stand-in that
says nothing, and only the stand-in is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from chassis.errors import Message
from chassis.identity_numbers.faults import NumberFault
from chassis.identity_numbers.persons import DisabilityNumber, IdentityNumber
from chassis.identity_numbers.phones import Phone
from chassis.identity_numbers.units import UnifiedSocialCreditCode
from chassis.identity_numbers.values import Number

_NO_TEXT = Message("请提交文本。", "Send text.")


class Refused(str):
    """Stands where a refused number stood; a ``str``, so that an error with it in can still be written as JSON."""

    __slots__ = ("code", "message")
    code: str
    message: Message


@dataclass(frozen=True, slots=True)
class _FromText:
    """Pydantic metadata: read text with ``faults`` and ``parse``, write JSON with ``shown``."""

    kind: type[Number]
    faults: Callable[[str], Sequence[NumberFault]]
    parse: Callable[[str], Number]
    shown: Callable[[Any], str]
    schema: Mapping[str, Any] = field(hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.chain_schema(
            [
                core_schema.no_info_plain_validator_function(self._read),
                core_schema.no_info_plain_validator_function(_refuse),
            ],
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.shown, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        said: JsonSchemaValue = {"type": "string", **self.schema}
        if handler.mode == "serialization":
            said.pop("pattern", None)  # what goes out is masked
        return said

    def _read(self, value: Any) -> Any:
        if isinstance(value, self.kind):
            return value
        if not isinstance(value, str):
            return _refused("text_type", _NO_TEXT)
        faults = self.faults(value)
        if faults:
            return _refused(
                faults[0].value,
                Message("".join(f.message.zh for f in faults), " ".join(f.message.en for f in faults)),
            )
        return self.parse(value)


def _refused(code: str, message: Message) -> Refused:
    stand_in = Refused("(hidden)")
    stand_in.code, stand_in.message = code, message
    return stand_in


def _refuse(value: Any) -> Any:
    if isinstance(value, Refused):
        raise PydanticCustomError(
            value.code,
            "{en}",
            {"zh": value.message.zh, "en": value.message.en},
        )
    return value


IdentityNumberField = Annotated[
    IdentityNumber,
    _FromText(
        IdentityNumber,
        lambda text: IdentityNumber.faults(text, today=None),
        lambda text: IdentityNumber.parse(text, today=None),
        lambda number: number.masked,
        {
            "title": "居民身份证号",
            "description": "Identity number (GB 11643) of 18 signs, or a former one of 15 digits; shown masked.",
            "pattern": "^([0-9]{15}|[0-9]{17}[0-9Xx])$",
            "examples": ["610999197403123010"],
        },
    ),
]
"""居民身份证号 in an API model. No clock is at hand there: births after today are the household rules' to refuse."""

DisabilityNumberField = Annotated[
    DisabilityNumber,
    _FromText(
        DisabilityNumber,
        lambda text: DisabilityNumber.faults(text, today=None),
        lambda text: DisabilityNumber.parse(text, today=None),
        lambda number: number.masked,
        {
            "title": "残疾人证号",
            "description": "Disability number: identity number, class 1 to 7, level 1 to 4, and a mark if reissued; "
            "shown masked.",
            "pattern": "^[0-9]{17}[0-9Xx][1-7][1-4]([Bb0-9][0-9])?$",
            "examples": ["61099919480101305942"],
        },
    ),
]
"""残疾人证号 in an API model."""

CreditCodeField = Annotated[
    UnifiedSocialCreditCode,
    _FromText(
        UnifiedSocialCreditCode,
        UnifiedSocialCreditCode.faults,
        UnifiedSocialCreditCode.parse,
        str,
        {
            "title": "统一社会信用代码",
            "description": "Unified social credit code (GB 32100) of a legal unit.",
            "pattern": "^[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{10}$",
            "examples": ["N2610999MA7K00016E"],
        },
    ),
]
"""统一社会信用代码 in an API model."""

PhoneField = Annotated[
    Phone,
    _FromText(
        Phone,
        Phone.faults,
        Phone.parse,
        lambda phone: phone.masked,
        {
            "title": "联系电话",
            "description": "Mainland mobile number, or landline with its area code; shown masked.",
            "examples": ["13800001234", "0915-2345678"],
        },
    ),
]
"""A telephone number in an API model."""
