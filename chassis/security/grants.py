"""Decide which post may be granted, by whom and to whom, so that powers stay apart (clause F1).

Pure: the caller loads the grantee's posts and the post to stand in for, and gets every fault at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from chassis.errors import Fault, Message
from chassis.security.scope import FIELD, OFFICERS, ROLE_LABELS, Actor, Assignment, Level, Role, level_of

ADMINISTRATORS: Final = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
"""三员: the administrators that are never one person."""

WRITING: Final = OFFICERS | FIELD | {Role.DEPARTMENT_CLERK}
"""Roles that change business data; an auditor holds none of them."""

_ABOVE_VILLAGE: Final = frozenset({Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN})
_ABOVE_TOWN: Final = _ABOVE_VILLAGE - {Level.TOWN}

LEVELS: Final[Mapping[Role, frozenset[Level]]] = {
    Role.PROVINCE_OFFICER: frozenset({Level.PROVINCE}),
    Role.CITY_OFFICER: frozenset({Level.CITY}),
    Role.COUNTY_OFFICER: frozenset({Level.COUNTY}),
    Role.TOWN_OFFICER: frozenset({Level.TOWN}),
    Role.VILLAGE_CADRE: frozenset({Level.VILLAGE}),
    Role.GRID_WORKER: frozenset({Level.VILLAGE}),
    Role.DEPARTMENT_CLERK: _ABOVE_TOWN,
    Role.AUDITOR: _ABOVE_VILLAGE,
    Role.PUBLIC_READER: _ABOVE_VILLAGE | {Level.VILLAGE},
    Role.SYSTEM_ADMINISTRATOR: _ABOVE_TOWN,
    Role.SECURITY_ADMINISTRATOR: _ABOVE_TOWN,
    Role.AUDIT_ADMINISTRATOR: _ABOVE_TOWN,
    Role.PROGRAM: frozenset(),
}
"""At which levels a role may be held; a program's role is nobody's post."""

_LEVEL_LABELS: Final = {
    Level.PROVINCE: ("省", "province"),
    Level.CITY: ("市", "city"),
    Level.COUNTY: ("县", "county"),
    Level.TOWN: ("乡镇", "town"),
    Level.VILLAGE: ("村", "village"),
}


def grant_faults(
    grantor: Actor,
    proposed: Assignment,
    *,
    grantee: str,
    held: Iterable[Assignment],
    stood_in: Assignment | None,
    on: date,
) -> list[Fault]:
    """Every reason why ``grantor`` may not grant ``proposed``; empty if it is fine.

    :param grantee: subject of who shall hold the post.
    :param held: the grantee's other posts, past and to come ones too.
    :param stood_in: the post that a stand-in takes over; None if the post is nobody else's or was not found.
    :param on: the business date of the grant.
    """
    return [
        *_grantor_faults(grantor, proposed, grantee, on),
        *post_faults(proposed),
        *_term_faults(proposed, on),
        *_separation_faults(proposed, held),
        *_stand_in_faults(proposed, grantee, stood_in),
    ]


def post_faults(post: Assignment) -> list[Fault]:
    """What is wrong with a post in itself: role against level, department, dates. Tokens are held to this too."""
    return [*_role_faults(post), *_shape_faults(post)]


def _role_faults(post: Assignment) -> Iterator[Fault]:
    levels = LEVELS[post.role]
    label = ROLE_LABELS[post.role]
    name = post.role.replace("_", " ")
    if not levels:
        message = Message(
            "系统程序角色不能授予任何人，请选择其他角色。", "No person holds a program's role; choose another."
        )
        yield Fault("/role", "role_not_for_people", message)
    elif level_of(post.region) not in levels:
        zh = "、".join(_LEVEL_LABELS[level][0] for level in sorted(levels))
        en = ", ".join(_LEVEL_LABELS[level][1] for level in sorted(levels))
        message = Message(
            f"“{label}”须对应以下层级的区划代码：{zh}。", f"The role {name} needs a division code of the level: {en}."
        )
        yield Fault("/region", "level_unfit_for_role", message)


def _shape_faults(post: Assignment) -> Iterator[Fault]:
    if post.role is Role.DEPARTMENT_CLERK and not post.department:
        message = Message("行业部门经办须写明部门。", "A department's clerk needs the department's code.")
        yield Fault("/department", "department_missing", message)
    if post.role is not Role.DEPARTMENT_CLERK and post.department is not None:
        message = Message(
            "只有行业部门经办才填写部门，请去掉。", "Only a department's clerk has a department; leave it out."
        )
        yield Fault("/department", "department_unfit_for_role", message)
    if post.ends_on is not None and post.ends_on < post.starts_on:
        message = Message("任职结束日期不能早于开始日期。", "The last day of a post cannot lie before its first.")
        yield Fault("/ends_on", "term_reversed", message)
    if post.stands_in_for is not None and post.ends_on is None:
        message = Message("代理任职须写明结束日期。", "A stand-in needs a last day.")
        yield Fault("/ends_on", "stand_in_without_end", message)


def _grantor_faults(grantor: Actor, proposed: Assignment, grantee: str, on: date) -> Iterator[Fault]:
    if grantor.role is not Role.SECURITY_ADMINISTRATOR:
        message = Message("只有安全管理员可以授予岗位。", "Only a security administrator grants posts.")
        yield Fault("", "grantor_not_security_administrator", message)
    if not grantor.assignment.holds_on(on):
        message = Message(
            "您的安全管理员岗位今天不在任期内。", "Your post as security administrator is not in force today."
        )
        yield Fault("", "grantor_not_in_force", message)
    if grantor.subject == grantee:
        message = Message(
            "不能给自己授予岗位，请由另一位安全管理员办理。", "Nobody grants himself a post; ask another one."
        )
        yield Fault("", "grants_himself", message)
    if not grantor.area.covers(proposed.area):
        message = Message("只能授予本人管辖区域内的岗位。", "You can grant posts within your own area only.")
        yield Fault("/region", "outside_grantors_area", message)


def _term_faults(proposed: Assignment, on: date) -> Iterator[Fault]:
    if proposed.ends_on is not None and proposed.ends_on < on:
        message = Message(
            "任职结束日期已过，请填写今天或以后的日期。", "The post would be over already; give a later last day."
        )
        yield Fault("/ends_on", "term_over", message)


def _separation_faults(proposed: Assignment, held: Iterable[Assignment]) -> Iterator[Fault]:
    if any(post.id != proposed.id and _is_same(post, proposed) and _overlap(post, proposed) for post in held):
        # Ending one of the two would look as if the power had been taken back.
        message = Message(
            "此人在这段时间已有同一岗位，不必重复授予；任期有变的，请先结束原岗位。",
            "This person holds the same post in that time already; end that one first if its term changes.",
        )
        yield Fault("", "post_held_already", message)
    meanwhile = {post.role for post in held if post.id != proposed.id and _overlap(post, proposed)}
    if proposed.role in ADMINISTRATORS and meanwhile & ADMINISTRATORS - {proposed.role}:
        message = Message(
            "系统、安全、审计管理员须由不同的人担任，请先结束其现任管理员岗位。",
            "System, security and audit administrator are three persons; end the grantee's other such post first.",
        )
        yield Fault("/role", "two_administrators", message)
    if _adds_a_pair(proposed.role, meanwhile, ADMINISTRATORS, WRITING | {Role.AUDITOR}):
        message = Message(
            "管理员不得兼任业务或审计人员岗位，请先结束其中一项。",
            "An administrator holds no business post and is no auditor; end one of the two first.",
        )
        yield Fault("/role", "administrator_with_business_role", message)
    if _adds_a_pair(proposed.role, meanwhile, frozenset({Role.AUDITOR}), WRITING):
        message = Message(
            "审计人员不得兼任可以改动业务数据的岗位，请先结束其中一项。",
            "An auditor holds no post that changes business data; end one of the two first.",
        )
        yield Fault("/role", "auditor_with_writing_role", message)


def _is_same(one: Assignment, other: Assignment) -> bool:
    unchanged = replace(other, id=one.id, starts_on=one.starts_on, ends_on=one.ends_on)
    return one == unchanged


def _adds_a_pair(role: Role, others: set[Role], one: frozenset[Role], other: frozenset[Role]) -> bool:
    return (role in one and not others.isdisjoint(other)) or (role in other and not others.isdisjoint(one))


def _stand_in_faults(proposed: Assignment, grantee: str, stood_in: Assignment | None) -> Iterator[Fault]:
    if proposed.stands_in_for is None:
        return
    if proposed.stands_in_for == grantee:
        message = Message("不能代理本人的岗位。", "Nobody stands in for himself.")
        yield Fault("/stands_in_for", "stands_in_for_himself", message)
    if stood_in is None or stood_in.stands_in_for is not None:
        message = Message(
            "没有找到被代理人的这一岗位；代理岗位不能再由他人代理。",
            "The person stood in for has no such post of his own; a stand-in's post cannot be passed on.",
        )
        yield Fault("/stands_in_for", "stood_in_post_unknown", message)
        return
    if (proposed.role, proposed.department) != (stood_in.role, stood_in.department):
        message = Message(
            "代理的角色和部门须与被代理的岗位一致。", "A stand-in has the role and department stood in for."
        )
        yield Fault("/role", "stand_in_exceeds_role", message)
    if not stood_in.area.covers(proposed.area):
        message = Message("代理区域不能超出被代理岗位的区域。", "A stand-in's area lies within that of the post.")
        yield Fault("/region", "stand_in_exceeds_area", message)
    if not _lies_within(proposed, stood_in):
        message = Message("代理期限须在被代理岗位的任期之内。", "A stand-in's term lies within that of the post.")
        yield Fault("/ends_on", "stand_in_exceeds_term", message)


def _last(post: Assignment) -> date:
    return post.ends_on or date.max


def _overlap(one: Assignment, other: Assignment) -> bool:
    return one.starts_on <= _last(other) and other.starts_on <= _last(one)


def _lies_within(inner: Assignment, outer: Assignment) -> bool:
    return outer.starts_on <= inner.starts_on and _last(inner) <= _last(outer)
