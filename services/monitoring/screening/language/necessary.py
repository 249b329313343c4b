"""Say what must hold of some columns alone for an expression to be TRUE, so that rows can be left out before a join."""

from __future__ import annotations

from collections.abc import Collection

from services.monitoring.screening.language.syntax import And, Node, Or, atom_columns


def necessary(node: Node, known: Collection[str]) -> Node | None:
    """A condition over ``known`` columns that is TRUE wherever ``node`` is; None if nothing can be said."""
    match node:
        case And(parts):
            kept = [part for one in parts if (part := necessary(one, known)) is not None]
            return None if not kept else kept[0] if len(kept) == 1 else And(tuple(kept))
        case Or(parts):
            sides = [necessary(one, known) for one in parts]
            told = [side for side in sides if side is not None]
            return None if len(told) < len(sides) else Or(tuple(dict.fromkeys(told)))
        case _:
            return node if set(atom_columns(node)) <= set(known) else None
