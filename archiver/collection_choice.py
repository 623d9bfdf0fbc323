"""The rows that the settings choose: those of `[export]`, held to the catalogue."""

from __future__ import annotations

from archiver.graph.catalogue import Catalogue
from archiver.graph.errors import CatalogueError
from archiver.graph.row import Row
from config.errors import SettingsError
from config.export import ExportSettings


def chosen_rows(export: ExportSettings, catalogue: Catalogue) -> tuple[Row, ...]:
    """Gives the rows that `export.collections` and `export.secrets` mean.

    Raises:
        SettingsError: a name is unknown, nothing is left, or `export.require` names what is not read.
    """
    setting = "export.collections"
    try:
        rows = catalogue.chosen(export.collections, export.secrets)
        setting = "export.require"
        unread = set(export.require or ()) - {row.collection for row in rows}
        for name in sorted(unread):
            catalogue.row_of(name)
    except CatalogueError as error:
        raise SettingsError(f"{setting}: {error.message}.", next_step=error.next_step) from error
    if unread:
        raise SettingsError(
            f"export.require names what export.collections leaves out: {', '.join(sorted(unread))}.",
            next_step="Add these collections to export.collections, or take them out of export.require.",
        )
    return rows
