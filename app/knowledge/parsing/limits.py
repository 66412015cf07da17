"""What one file may cost. Past a limit the owner gets a plain message and the file is refused whole."""

MAX_FILE_BYTES = 50 * 1024 * 1024  # an illustrated catalogue
MAX_PAGES = 2_000  # of a PDF, about a minute of reading on one slow core; slides; sheets
MAX_CHARACTERS = 20_000_000  # of text in one file; a novel has one million
MAX_BLOCKS = 200_000
MAX_BLOCK_CHARACTERS = 20_000  # a longer block is cut at a space, so that no line of output is huge
MAX_UNPACKED_BYTES = 500 * 1024 * 1024  # of an Office file, pictures included
MAX_UNPACKED_XML_BYTES = (
    40 * 1024 * 1024
)  # of what is read as a tree, some ten times that in memory
MAX_ZIP_ENTRIES = 10_000
MAX_CELLS_IN_ROW = 200  # also stops a cell that claims to span a million columns
MAX_MERGED_CELLS = 100_000  # of one sheet
