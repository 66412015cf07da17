"""What one file may cost. Past a limit the owner gets a plain message and the file is refused whole."""

MAX_FILE_BYTES = 20 * 1024 * 1024  # a long illustrated leaflet; the reader's memory grows with it
MAX_PAGES = 2_000  # of a PDF: about a minute of reading on one slow core
MAX_CHARACTERS = 20_000_000  # of text in one file; a novel has one million
MAX_BLOCKS = 200_000
MAX_BLOCK_CHARACTERS = 20_000  # a longer block is cut at a space, so that no line of output is huge
MAX_UNPACKED_BYTES = 200 * 1024 * 1024  # of a DOCX, pictures included
MAX_UNPACKED_XML_BYTES = 40 * 1024 * 1024  # of its text; the tree in memory is some ten times that
MAX_ZIP_ENTRIES = 10_000
MAX_CELLS_IN_ROW = 200  # also stops a cell that claims to span a million columns
