"""Why a department's file, or a step with it, is refused."""

from __future__ import annotations

from chassis.errors import InvalidInput, Message, StateRefused


class PeriodUnfit(InvalidInput):
    code, status = "period_unfit", 422
    title = Message(
        "报送期的写法与该文件规范不符。", "The period is not written as the contract of this dataset asks for."
    )


class WrongPeriod(InvalidInput):
    """Every row of the file belongs to another period: the file was handed in under the wrong one."""

    code, status = "wrong_period", 422
    title = Message(
        "文件中每一行都不属于所选报送期，整个文件未收；请改选报送期后重新提交。",
        "Every row of the file belongs to another period; choose the right one and send the file again.",
    )


class RowNumbersMissing(InvalidInput):
    """A corrected file without the column that says which rejected row each of its rows corrects."""

    code, status = "row_numbers_missing", 422
    title = Message(
        "请在下载的退回文件中修改，保留“原因”和“行号”两列后重新提交。",
        "Mend the sheet of rejected rows that you downloaded, keep its columns 原因 and 行号, and send it again.",
    )


class SubmissionNotRead(StateRefused):
    code, status = "submission_not_read", 409
    title = Message(
        "这个批次尚未读完，或已退回、撤回，不能进行这一步。",
        "This batch is not read yet, or was refused or withdrawn; this step is not possible.",
    )


class RowDecided(StateRefused):
    code, status = "row_decided", 409
    title = Message("这一行不需要人工判断，或已经判断过。", "This row needs no decision, or was decided already.")


class CountyMissing(InvalidInput):
    code, status = "county_missing", 422
    title = Message("文件按县提交，请用 region 指明县。", "A file is handed in for one county; name it with region.")
