"""The form in which this service ships its policy numbers: rows to load into the dated parameters of an area."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One number with its unit and where it comes from; area and dates are given when it is loaded.

    :param key: stable, dotted. ``unit``: of ``value``, as ``year``, ``month``, ``mu``, ``person``, ``count``.
    """

    key: str
    value: int
    unit: str
    source: str
