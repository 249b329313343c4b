"""Why an export of the national system, or a step with it, is refused."""

from __future__ import annotations

from chassis.errors import Message, StateRefused


class ExportOutdated(StateRefused):
    """A later export was read: an earlier one would take back what that said."""

    code, status = "national_export_outdated", 409
    title = Message(
        "已读取过日期更晚的导出文件，请导出最新数据后提交。",
        "An export of a later date was read; export the present data and send that.",
    )


class ExportNotRead(StateRefused):
    code, status = "national_export_not_read", 409
    title = Message(
        "这份导出尚未读完、被退回，或已被新的导出代替，请使用最近读取的一份。",
        "This export is not read yet, was refused, or gave way to a later one; use the one that was read last.",
    )
