"""Load the clue rules and their default numbers from data, and refuse the whole file if one rule is not sound."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any, Final, Literal

from chassis.errors import DomainError, Fault, Message
from services.monitoring.screening.language.refusals import RuleRefused
from services.monitoring.screening.language.rule import Condition, parse_rule
from services.monitoring.screening.prepared.part import POLICY_NUMBERS
from services.monitoring.screening.thresholds import ThresholdRow
from services.monitoring.screening.vocabulary import Grain, Vocabulary

Severity = Literal["H", "M", "L"]
AGE: Final = "event_months_ago"
SILENCE_NUMBERS: Final = ("silence_months", "silence_step_percent")


class CatalogueInvalid(DomainError):
    """The rule data does not hold together; ``faults`` names each rule and reason."""

    code, status = "catalogue_invalid", 422
    title = Message("规则目录有误，请按各项提示修改。", "The rule catalogue is invalid; correct each listed item.")


@dataclass(frozen=True, slots=True)
class Growing:
    """The amount whose growth ends the silence of a dismissed clue, and the threshold that measures the step."""

    column: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a clue rule.

    :ivar expression: over the vocabulary of its grain, see :mod:`.language`.
    :ivar parameters: the policy numbers that the expression names.
    :ivar severity: H (24 hours), M (3 days), L (10 days) until the clue's first judgement.
    :ivar departments, datasets: who sends what it reads.
    :ivar clause: the policy in our words; ``document`` its number, or ``""`` where none is known.
    :ivar subject: what a fact is about: the same rule, subject and calendar year is one fact.
    :ivar growing: None if only time ends the silence.
    :ivar policy: what makes it an entitlement policy (:mod:`services.monitoring.entitlements.policy`); None: it raises
        clues.
    """

    id: str
    version: int
    label: Message
    grain: Grain
    severity: Severity
    departments: tuple[str, ...]
    datasets: tuple[str, ...]
    expression: str
    parameters: tuple[str, ...]
    clause: Message
    document: str
    subject: Grain
    growing: Growing | None
    notes: Message
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    rules: tuple[Rule, ...]
    rows: tuple[ThresholdRow, ...]

    def __getitem__(self, rule_id: str) -> Rule:
        """The newest version of a rule.

        :raises KeyError: if there is none.
        """
        versions = [rule for rule in self.rules if rule.id == rule_id]
        if not versions:
            raise KeyError(rule_id)
        return max(versions, key=lambda rule: rule.version)


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with its condition bound for one area and date, ready to run."""

    rule: Rule
    condition: Condition

    @property
    def is_ageless(self) -> bool:
        """Whether it looks at records of every age: then one that does not fire now says that the fact is over."""
        return self.rule.grain is Grain.RECORD and AGE not in self.condition.columns


def load_catalogue() -> Catalogue:
    """The published rules R01 to R27 with their default rows.

    :raises CatalogueInvalid: if the data was damaged.
    """
    text = resources.files("services.monitoring.screening").joinpath("catalogue.toml").read_text("utf-8")
    return read_catalogue(text)


def read_catalogue(text: str) -> Catalogue:
    """Read and check rules and rows from TOML.

    :raises CatalogueInvalid: with a fault for each entry that cannot be read, is repeated or contradicts itself.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise CatalogueInvalid(Message("规则文件不是有效的 TOML。", "The rule file is not valid TOML.")) from fault
    faults: list[Fault] = []
    rules = tuple(_each(data.get("rules", []), _rule, "/rules", faults))
    rows = tuple(_each(data.get("parameters", []), _row, "/parameters", faults))
    faults += _contradictions(rules, rows)
    if faults:
        raise CatalogueInvalid(faults=faults)
    return Catalogue(rules, rows)


def read_rules(entries: Any, pointer: str) -> tuple[Rule, ...]:
    """Read rules alone, which bind no numbers but those that their areas have.

    :raises CatalogueInvalid: with a fault for each entry that cannot be read.
    """
    faults: list[Fault] = []
    rules = tuple(_each(entries, _rule, pointer, faults))
    if faults:
        raise CatalogueInvalid(faults=faults)
    return rules


def bind(rules: Iterable[Rule], vocabulary: Vocabulary, thresholds: Mapping[str, int]) -> tuple[BoundRule, ...]:
    """Parse every rule against the vocabulary with the numbers of one area and date.

    :raises CatalogueInvalid: naming each rule that is refused and why; then none may run.
    """
    bound: list[BoundRule] = []
    faults: list[Fault] = []
    for rule in rules:
        own = {name: thresholds[name] for name in rule.parameters if name in thresholds}
        try:
            condition = parse_rule(rule.expression, rule.grain, vocabulary, own)
        except RuleRefused as refused:
            faults += [Fault(f"/rules/{rule.id}", fault.code, fault.message) for fault in refused.faults]
            continue
        faults += _unused(rule, condition)
        bound.append(BoundRule(rule, condition))
    if faults:
        raise CatalogueInvalid(faults=faults)
    return tuple(bound)


def _unused(rule: Rule, condition: Condition) -> list[Fault]:
    faults = []
    if set(rule.parameters) != set(condition.thresholds):
        text = Message("列出的参数表达式没有用到。", "A parameter is listed that the expression does not use.")
        faults.append(Fault(f"/rules/{rule.id}", "unused_parameter", text))
    if rule.growing is not None and rule.growing.column not in condition.columns:
        text = Message("增长字段不在表达式中。", "The growing column is not in the expression.")
        faults.append(Fault(f"/rules/{rule.id}", "growing_unread", text))
    return faults


def _each(entries: Any, read: Any, pointer: str, faults: list[Fault]) -> list[Any]:
    found = []
    for index, entry in enumerate(entries):
        try:
            found.append(read(entry))
        except (KeyError, TypeError, ValueError) as fault:
            text = Message("条目缺少内容或内容类型不对。", f"The entry lacks something or has a wrong type: {fault}.")
            faults.append(Fault(f"{pointer}/{index}", "entry", text))
    return found


def _rule(entry: dict[str, Any]) -> Rule:
    unknown = set(entry) - {*_RULE_KEYS, "growing", "notes", "policy"}
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    growing = entry.get("growing")
    if entry["severity"] not in ("H", "M", "L"):
        raise ValueError("severity is H, M or L")
    if type(entry["version"]) is not int or entry["version"] < 1:
        raise ValueError("version is a whole number from 1")
    return Rule(
        id=str(entry["id"]),
        version=entry["version"],
        label=Message(**entry["label"]),
        grain=Grain(entry["grain"]),
        severity=entry["severity"],
        departments=tuple(entry["departments"]),
        datasets=tuple(entry["datasets"]),
        expression=entry["expression"].strip(),
        parameters=tuple(entry["parameters"]),
        clause=Message(**entry["clause"]),
        document=entry["document"],
        subject=Grain(entry["subject"]),
        growing=None if growing is None else Growing(**growing),
        notes=Message(**entry.get("notes", {"zh": "", "en": ""})),
        policy=entry.get("policy"),
    )


_RULE_KEYS: Final = (
    "id", "version", "label", "grain", "severity", "departments", "datasets", "expression", "parameters", "clause",
    "document", "subject",
)  # fmt: skip


def _row(entry: dict[str, Any]) -> ThresholdRow:
    row = ThresholdRow(**entry)
    if type(row.value) is not int or type(row.scope_code) is not int or type(row.effective_from) is not date:
        raise ValueError("value and scope_code are whole numbers, effective_from is a date")
    return row


def _contradictions(rules: tuple[Rule, ...], rows: tuple[ThresholdRow, ...]) -> list[Fault]:
    faults = []
    versions = [(rule.id, rule.version) for rule in rules]
    dated = [(row.key, row.scope_code, row.effective_from) for row in rows]
    for keys, pointer in ((versions, "/rules"), (dated, "/parameters")):
        if len(set(keys)) != len(keys):
            faults.append(Fault(pointer, "repeated", Message("有重复的条目。", "An entry is repeated.")))
    known = {row.key for row in rows}
    for rule in rules:
        wanted = {*rule.parameters, *([rule.growing.threshold] if rule.growing else [])}
        if wanted - known:
            text = Message("参数没有任何取值。", f"No row gives {', '.join(sorted(wanted - known))}.")
            faults.append(Fault(f"/rules/{rule.id}", "parameter_without_row", text))
        if rule.subject is Grain.RECORD and rule.grain is not Grain.RECORD:
            text = Message("只有记录级规则能以记录为对象。", "Only a record rule can be about a record.")
            faults.append(Fault(f"/rules/{rule.id}", "subject", text))
    if {*POLICY_NUMBERS, *SILENCE_NUMBERS} - known:
        text = Message("缺少数据准备或静默所需的参数。", "A number that preparation or silence needs has no row.")
        faults.append(Fault("/parameters", "parameter_without_row", text))
    return faults
