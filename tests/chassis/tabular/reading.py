"""A small sheet, and everything that reading it gives."""

from __future__ import annotations

from chassis.tabular import Column, HeaderSpec, Limits, open_table

LABELS = ["身份证号", "姓名", "入院日期", "自付金额（元）"]

ROW = ["610999199001010013", "张三", "2024-06-03", "5000.00"]


NAME = Column(name="name", label="姓名")


def read(content, columns, **options):
    """Format, header, rows, and how many were blank."""
    with open_table(content, limits=Limits(), header=HeaderSpec(columns, **options)) as table:
        rows = list(table)
        assert table.rows_read == len(rows)
        return table.format, table.header, rows, table.rows_blank
