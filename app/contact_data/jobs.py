"""Imports, changes and exports of many contacts. They commit chunk by chunk, and go on where they were."""

from app.contact_data import editing, forgetting  # noqa: F401  who follows is known by its import
from app.contact_data.exporting import services as exports
from app.contact_data.importing import running, undoing
from app.core.jobs import job


@job("contact_data.read_import", queue="bulk", seconds=300, attempts=3, on_failure=running.fail)
def read_import(import_id: int, revision: int) -> None:
    running.read(import_id, revision)


@job("contact_data.check_import", queue="bulk", seconds=1800, attempts=4, on_failure=running.fail)
def check_import(import_id: int, revision: int) -> None:
    running.check(import_id, revision)


@job("contact_data.run_import", queue="bulk", seconds=3600, attempts=8, on_failure=running.fail)
def run_import(import_id: int, revision: int) -> None:
    running.run(import_id, revision)


@job("contact_data.undo_import", queue="bulk", seconds=3600, attempts=8, on_failure=running.fail)
def undo_import(import_id: int, revision: int) -> None:
    undoing.undo(import_id, revision)


@job("contact_data.forget_import", queue="bulk")
def forget_import(import_id: int) -> None:
    running.forget(import_id)


@job("contact_data.edit", queue="bulk", seconds=3600, attempts=8, on_failure=editing.fail)
def edit(edit_id: int) -> None:
    editing.run(edit_id)


@job("contact_data.undo_edit", queue="bulk", seconds=3600, attempts=8, on_failure=editing.fail)
def undo_edit(edit_id: int) -> None:
    editing.run_undo(edit_id)


@job("contact_data.export", queue="bulk", seconds=3600, attempts=4, on_failure=exports.fail)
def export(export_id: int) -> None:
    exports.run(export_id)


@job("contact_data.forget_export", queue="bulk")
def forget_export(export_id: int, file_id: int) -> None:
    exports.forget(export_id, file_id)
