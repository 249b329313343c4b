"""Hand out the workbook that an office downloads, fills and sends back."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.tabular.columns import Column
from chassis.tabular.writer import Destination


def write_template(destination: Destination, columns: Sequence[Column]) -> None:
    """Write the template of a contract: a sheet to fill in, with formats and lists set, and a sheet that explains it.

    Examples stand on the second sheet alone, where nobody can send them in as data. The same columns make the same
    bytes at any time, so that who has the template can be told so.
    """
    from chassis.tabular.template_book import make_template  # only who writes a workbook pays for its import

    make_template(destination, columns)
