"""How long a signed sheet counts, as parameters of the area."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.codes.evidence import ConsentKind

_CHOSEN: Final = "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it"

VALID_MONTHS: Final = {
    ConsentKind.COMMITMENT: "consents.valid_months.commitment",
    ConsentKind.AUTHORISATION: "consents.valid_months.authorisation",
}
"""The parameters that say for how many months a sheet of each kind may count."""

_MEANINGS: Final = {
    ConsentKind.COMMITMENT: Message("承诺书有效期", "Months for which a commitment counts"),
    ConsentKind.AUTHORISATION: Message("核查授权书有效期", "Months for which an inquiry authorisation counts"),
}

DEFINITIONS: Final = tuple(
    Definition(
        key,
        ParameterType.INTEGER,
        "个月",
        _MEANINGS[kind],
        minimum=1,
        maximum=120,
        defaults=(Default(12, _CHOSEN, date(2013, 1, 1)),),
    )
    for kind, key in VALID_MONTHS.items()
)
