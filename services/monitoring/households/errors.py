"""Why the registry refuses."""

from __future__ import annotations

from chassis.errors import Conflict, Message


class AlreadyRegistered(Conflict):
    """The person stands in a household of the caller's own area; the problem names both ids."""

    code, status = "person_already_registered", 409
    title = Message(
        "此人已在您辖区内登记，请在原户中修改或办理迁移。",
        "This person is already registered in your area; change that record or transfer the household.",
    )


class RegistrationClash(Conflict):
    """The person stands somewhere else. One neutral answer: it does not say where, and a task is opened there."""

    code, status = "registration_clash", 409
    title = Message(
        "登记未能完成，已提请县级核实，请等待处理结果。",
        "The registration could not be completed; the county has been asked to look into it.",
    )
