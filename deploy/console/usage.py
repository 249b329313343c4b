"""Say how a command is used, and what was wrong with the words that were typed, in the operator's language.

Typer speaks English alone. Its help takes our usage line, our word for ``--help`` and our headings; what it refuses
comes as an exception when it is asked not to end the process, and is told here. In English all of it is Typer's own.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from chassis.errors import Message
from deploy.console.saying import complain, language
from deploy.embedded.private_files import SecretUnusable

_USAGE: Final = Message("用法：", "Usage: ")
_HELP: Final = Message("显示本说明。", "Show this message and exit.")
_HEADINGS: Final = {
    "ARGUMENTS_PANEL_TITLE": Message("参数", "Arguments"),
    "OPTIONS_PANEL_TITLE": Message("选项", "Options"),
    "COMMANDS_PANEL_TITLE": Message("命令", "Commands"),
    "DEFAULT_STRING": Message("[缺省：{}]", "[default: {}]"),
    "ENVVAR_STRING": Message("[环境变量：{}]", "[env var: {}]"),
    "REQUIRED_LONG_STRING": Message("[必填]", "[required]"),
}
# By Typer's own words, since it has no codes. What is not among them is shown as it is.
_KNOWN: Final = tuple(
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (
        (r"Got unexpected extra argument\(s\) \((.+)\)", r"多出了 \1"),
        (r"Option (.+) requires an argument\.", r"选项 \1 后面要有值"),
        (r"Option (.+) does not take a value\.", r"选项 \1 后面不能有值"),
        (r"\w+ (.+) does not exist\.", r"找不到 \1"),
        (r"\w+ (.+) is a directory\.", r"\1 是目录，应为文件"),
        (r"\w+ (.+) is a file\.", r"\1 是文件，应为目录"),
        (r"Value error, (.+) does not match the formats? (.+?)\.?", r"\1 不是 \2 的写法"),
        (r"Input should be a valid UUID.*", "应为 UUID"),
        (r"Input should be a valid (?:integer|number).*", "应为数字"),
        (r"Input should be greater than or equal to (.+?)\.?", r"应不小于 \1"),
        (r"Input should be less than or equal to (.+?)\.?", r"应不大于 \1"),
        (r"Input should be (['\d].+)", r"应为 \1"),
    )
)


def speaking(commands: typer.Typer) -> typer.Typer:
    """Let every command of these speak so."""
    for command in commands.registered_commands:
        command.cls = Command
    return commands


class _Speaking:
    """What commands and groups of them share, beside Typer's own class of either."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]  # Typer's
        formatter.write_usage(ctx.command_path, pieces, prefix=_USAGE.in_language(language()))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer import rich_utils  # loads half of rich, which only help needs

        for name, heading in _HEADINGS.items():
            setattr(rich_utils, name, heading.in_language(language()))
        super().format_help(ctx, formatter)  # type: ignore[misc]  # Typer's

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]  # Typer's
        if option is not None:
            option.help = _HELP.in_language(language())
        return option


class Command(_Speaking, TyperCommand):
    """A command that explains itself in the operator's language."""


class Commands(_Speaking, TyperGroup):
    """Commands that explain themselves, and what was wrong with the words after them, in the operator's language."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            return self._main(*args, **options)
        except SecretUnusable as unusable:  # any command may find one
            complain(unusable.message.in_language(language()))
            sys.exit(1)

    def _main(self, *args: Any, **options: Any) -> Any:
        if language() == "en" or not options.get("standalone_mode", True):
            return super().main(*args, **options)
        try:
            ended = super().main(*args, **options | {"standalone_mode": False})
        except typer.TyperException as refused:
            _tell(refused)
            sys.exit(refused.exit_code)
        except typer.Abort:
            complain("已中止。")
            sys.exit(1)
        sys.exit(ended if isinstance(ended, int) else 0)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if language() == "zh" and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            ctx.fail(f"没有命令 {args[0]}，可用的有：{'、'.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def _tell(refused: typer.TyperException) -> None:
    if not refused.format_message():  # a group without a command: its help is shown already
        return
    complain(f"{_sentence(refused)}。")
    ctx = getattr(refused, "ctx", None)
    if ctx is not None:
        complain(f"{ctx.get_usage()}\n详见 {ctx.command_path} {ctx.help_option_names[0]}")


def _sentence(refused: Any) -> str:
    """What is wrong, without a full stop; how errors differ is told by what they carry."""
    message = _in_chinese(refused.message)
    if isinstance(refused, typer.BadParameter):
        name = _name_of(refused.param) if refused.param is not None else refused.param_hint
        return f"缺少{name}" if hasattr(refused, "param_type") else f"{name} 的值不对：{message}"
    if hasattr(refused, "possibilities"):
        near = "、".join(sorted(refused.possibilities or ()))
        return f"没有选项 {refused.option_name}" + (f"，相近的有 {near}" if near else "")
    return f"命令的写法不对：{message}"


def _name_of(parameter: Any) -> str:
    if parameter.param_type_name == "option":
        return f"选项 {' / '.join(parameter.opts)}"
    return f"参数 {parameter.name}"


def _in_chinese(message: str) -> str:
    for english, chinese in _KNOWN:
        if found := english.fullmatch(message):
            return found.expand(chinese)
    return message.removesuffix(".")
