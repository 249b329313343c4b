"""Read the tables that offices really send, and write them back; the only place where any service does either.

:func:`open_table` finds format, encoding, delimiter, sheet and header, and streams :class:`RawRow`; :func:`parse_row`
turns one into values by a description of its :class:`Column`, with every fault of the row. :func:`write_table`,
:func:`write_rejected` and :func:`write_template` go the other way. Nothing here touches a database or a network, runs a
formula, or believes a figure that a file states about itself.
"""

from chassis.tabular.columns import Column, Kind
from chassis.tabular.formats import Format
from chassis.tabular.guard import Limits, Source
from chassis.tabular.header import HeaderSpec, UnfitHeader
from chassis.tabular.model import Cell, CellFault, ErrorCell, Header, RawRow, Unit
from chassis.tabular.reader import Table, open_table
from chassis.tabular.rejected import RejectedRow, write_rejected
from chassis.tabular.rows import parse_row
from chassis.tabular.table_writer import TableWriter
from chassis.tabular.template import write_template
from chassis.tabular.writer import Destination, open_writer, write_table

__all__ = [
    "Cell",
    "CellFault",
    "Column",
    "Destination",
    "ErrorCell",
    "Format",
    "Header",
    "HeaderSpec",
    "Kind",
    "Limits",
    "RawRow",
    "RejectedRow",
    "Source",
    "Table",
    "TableWriter",
    "UnfitHeader",
    "Unit",
    "open_table",
    "open_writer",
    "parse_row",
    "write_rejected",
    "write_table",
    "write_template",
]
