"""Households that report themselves, from places on record."""

from __future__ import annotations


def told(**changes):
    return {"name": "李秀兰", "region": "610999101203", "identity_number": "610999197608053028",
            "description": "住院花了很多钱"} | changes  # fmt: skip


DIVISIONS = """code,name,valid_from
610000000000,甲省,2021-01-01
610900000000,乙市,2021-01-01
610999000000,云岭县,2021-01-01
610999101000,清溪镇,2021-01-01
610999101203,松坪村,2021-01-01
"""


def anonymous(client):
    del client.headers["Authorization"]
    return client
