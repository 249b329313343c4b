"""Name the departments that hand in files, answer, owe or raise something."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "department",
    title=Message("行业部门", "Department"),
    source="中农组发〔2021〕7号；条款 B11；代码自定 / clause B11; codes ours",
)
class Department(CodeList):
    """行业部门: who stands behind the files of B11; `monitoring` is the platform's own agency."""

    MEDICAL = "medical", "医保"
    HEALTH = "health", "卫健"
    EDUCATION = "education", "教育"
    DISABILITY = "disability", "残联"
    HOUSING = "housing", "住建"
    WATER = "water", "水利"
    EMERGENCY = "emergency", "应急"
    TRAFFIC = "traffic", "公安交管"
    LABOUR = "labour", "人社"
    CIVIL = "civil", "民政"
    AGRICULTURE = "agriculture", "农业农村"
    FINANCE = "finance", "金融"
    SECURITY = "security", "公安"
    JUSTICE = "justice", "司法"
    REFORM = "reform", "发改"
    PETITIONS = "petitions", "信访"
    WOMEN = "women", "妇联"
    MONITORING = "monitoring", "防返贫监测"
