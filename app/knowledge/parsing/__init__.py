"""Reading uploaded files: one small module per format, run in a limited child process."""

from app.knowledge.parsing.child import read_in_child
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.files import parse_file

__all__ = ["UnreadableFile", "parse_file", "read_in_child"]
