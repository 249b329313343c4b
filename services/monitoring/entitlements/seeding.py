"""The policies that a release brings along, as rules with their terms, and the numbers that they use."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.entitlements.policy import PolicyTerms, policy_faults
from services.monitoring.screening.catalogue import CatalogueInvalid, Rule, read_rules

_FROM: Final = date(2021, 1, 1)


@cache
def load_policies() -> tuple[Rule, ...]:
    """Every version of every policy.

    :raises CatalogueInvalid: if an entry is not sound, or names a department or code that does not exist.
    """
    policies = read_rules(_read()["policies"], "/policies")
    faults = [fault for one in policies for fault in policy_faults(PolicyTerms.model_validate(one.policy))]
    if faults:
        raise CatalogueInvalid(faults=faults)
    return policies


def policy_numbers(prefix: str) -> tuple[Definition, ...]:
    """The numbers of policies that no clue rule has, each with its first value.

    :param prefix: of the keys, as the rules' own numbers have it.
    """
    return tuple(
        Definition(
            prefix + one["key"],
            ParameterType.INTEGER,
            one["unit"],
            Message(**one["meaning"]),
            minimum=0,
            defaults=(Default(one["value"], one["source"], _FROM),),
        )
        for one in _read()["parameters"]
    )


def _read() -> dict[str, Any]:
    text = resources.files("services.monitoring.entitlements").joinpath("catalogue.toml").read_text("utf-8")
    return tomllib.loads(text)
