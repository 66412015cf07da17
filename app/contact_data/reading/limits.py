"""What one file of people may hold."""

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_CELL = 5_000  # characters; what is longer is cut
MAX_LINE = 20_000  # characters of all its cells: some hundred lines are in memory at once
MAX_CHARACTERS = 50_000_000  # of a file: in a workbook a thousand cells may share one long text
ENCODINGS = (
    "utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256",
    "iso8859_2", "koi8_r", "mac_roman", "shift_jis", "euc_jp", "cp949", "gb18030", "big5", "cp874",
)  # fmt: skip
DELIMITERS = ",;\t|"
