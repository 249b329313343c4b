"""Name the departments that hand in files or raise clues (clause B11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chassis.errors import Message

DEPARTMENTS: Final[Mapping[str, Message]] = {
    "medical": Message("医保", "medical insurance"),
    "health": Message("卫健", "health"),
    "education": Message("教育", "education"),
    "disability": Message("残联", "disabled persons' federation"),
    "housing": Message("住建", "housing and construction"),
    "water": Message("水利", "water"),
    "emergency": Message("应急", "emergency management"),
    "traffic": Message("公安交管", "traffic police"),
    "labour": Message("人社", "human resources and social security"),
    "civil": Message("民政", "civil affairs"),
    "agriculture": Message("农业农村", "agriculture and rural affairs"),
    "finance": Message("金融", "financial institutions"),
    "security": Message("公安", "public security"),
    "justice": Message("司法", "justice"),
    "reform": Message("发改", "development and reform"),
    "petitions": Message("信访", "petitions and hotline 12317"),
    "women": Message("妇联", "women's federation"),
    "monitoring": Message("防返贫监测", "monitoring itself"),
}
