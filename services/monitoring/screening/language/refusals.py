"""Name every reason for which an expression is refused, with what would make it acceptable."""

from __future__ import annotations

import re
from typing import Final

from chassis.errors import DomainError, Fault, Message

POINTER: Final = "/expression"
_SPEAKABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)


class RuleRefused(DomainError):
    """An expression that cannot become a rule; ``faults`` lists every reason."""

    code, status = "rule_refused", 422
    title = Message(
        "规则表达式不能采用，请按各项提示修改。", "The rule's expression is refused; correct each listed item."
    )


REASONS: Final[dict[str, Message]] = {
    "too_long": Message("表达式过长，请拆成几条规则。", "The expression is too long; split it into several rules."),
    "too_deep": Message("嵌套过深，请减少括号和 NOT。", "It is nested too deeply; use fewer parentheses and NOTs."),
    "too_complex": Message(
        "条件组合过多，无法核查，请拆成几条规则。", "Too many combinations to check; split the rule."
    ),
    "syntax": Message("表达式无法读取，请检查运算符和括号。", "It cannot be read; check operators and parentheses."),
    "several_statements": Message("只能写一个条件，不能有分号。", "Write one condition, without semicolons."),
    "comment": Message(
        "表达式中不能有注释，请写在规则说明里。", "No comments in it; write them into the rule's notes."
    ),
    "unknown_column": Message("有不在词汇表中的名称。", "A name is not in the vocabulary."),
    "qualified_column": Message("名称前不能加表名。", "Write a name without a table before it."),
    "other_grain": Message("该名称不属于本规则的对象层级。", "That name belongs to another grain."),
    "mixed_records": Message("一条规则只能读一种部门记录。", "A record rule reads the records of one kind only."),
    "no_record_column": Message("记录级规则至少要读一个记录字段。", "A record rule must read a column of the record."),
    "function": Message(
        "不能使用函数或 CASE，请用词汇表中已算好的名称。", "No functions or CASE; use a precomputed name."
    ),
    "subquery": Message("不能使用子查询。", "No subqueries."),
    "star": Message("不能使用星号。", "No star."),
    "alias": Message("不能起别名，请检查是否漏写运算符。", "No aliases; an operator may be missing."),
    "cast": Message("不能转换类型。", "No casts."),
    "division": Message(
        "不能用除法和取余，请改写成两边相乘。", "No division or remainder; multiply both sides instead."
    ),
    "pattern": Message("不能用模糊匹配，请用 IN 列出代码。", "No pattern matching; list codes with IN."),
    "construct": Message("含有不允许的写法。", "It holds a construct that is not on the allow-list."),
    "list": Message("IN 后只能是一组数字、参数或代码。", "IN takes a plain list of numbers, parameters or codes."),
    "type_mismatch": Message("两边类型不同，不能比较或计算。", "The two sides have different types."),
    "not_a_condition": Message("此处应为条件。", "A condition belongs here, not a number or text."),
    "boolean_comparison": Message("是否类字段请直接写，或加 NOT。", "Write a yes/no name alone, or with NOT."),
    "text_order": Message("代码只能用 =、<> 或 IN 比较。", "Codes are compared with =, <> or IN only."),
    "unknown_value": Message("代码不在该字段的取值中。", "That code is not among the values of the column."),
    "not_whole": Message("数字只能是整数；金额请用分。", "Numbers are whole; amounts are in 分."),
    "overflow": Message("计算可能超出 64 位整数。", "The arithmetic could exceed 64 bits."),
    "self_product": Message("同一字段不能与自己相乘。", "A column cannot be multiplied by itself."),
    "parameter_style": Message("参数请写作 :名称。", "Write a parameter as :name."),
    "unbound_parameter": Message(
        "参数没有在本规则中定义或在该地区该日期没有值。", "A parameter has no value for the area and date."
    ),
    "null_literal": Message(
        "不能与 NULL 比较（结果总是未知），请用 IS NULL。", "Comparing with NULL is always unknown; use IS NULL."
    ),
    "null_semantics": Message(
        "不能用 IS TRUE、IS DISTINCT 等写法；未知即不触发。", "No IS TRUE or IS DISTINCT; unknown does not fire."
    ),
    "constant": Message(
        "没有读取对象的任何字段，结果不随对象变化。", "It reads nothing of its subject, so it is constant."
    ),
    "always_true": Message("条件总是成立，会触发所有对象。", "It is always true and would fire for everyone."),
    "always_false": Message("条件永远不成立。", "It can never be true."),
    "constant_part": Message("其中一个比较的结果总是一样。", "One of its comparisons always gives the same result."),
}


def refusal(code: str, *, name: str | None = None, hint: str | None = None) -> Fault:
    """A fault with its standard sentence; ``name`` is told only if it looks like a name, ``hint`` is ours."""
    zh, en = REASONS[code]
    if name is not None and _SPEAKABLE.fullmatch(name):
        zh, en = f"{name}：{zh}", f"{name}: {en}"
    if hint is not None:
        zh, en = f"{zh}是否想写 {hint}？", f"{en} Did you mean {hint}?"
    return Fault(POINTER, code, Message(zh, en))
