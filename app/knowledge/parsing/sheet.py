"""CSV: the owner's questions and answers, or any other table row by row."""

import csv
import io
from statistics import median

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing.clean import lines_kept, one_line, printable
from app.knowledge.parsing.encoding import decode
from app.knowledge.parsing.errors import UnreadableFile
from app.knowledge.parsing.limits import MAX_CHARACTERS
from app.knowledge.parsing.tables import rows_as_text

QUESTION_HEADERS = frozenset(
    [
        "question",
        "questions",
        "q",
        "prompt",
        "query",
        "frage",
        "fragen",
        "question(s)",
        "pregunta",
        "preguntas",
        "domanda",
        "domande",
        "pergunta",
        "perguntas",
        "vraag",
        "vragen",
        "pytanie",
        "pytania",
        "fråga",
        "frågor",
        "spørgsmål",
        "spørsmål",
        "kysymys",
        "otázka",
        "kérdés",
        "întrebare",
        "soru",
        "вопрос",
        "питання",
        "ερώτηση",
        "سؤال",
        "السؤال",
        "שאלה",
        "質問",
        "质问",
        "问题",
        "問題",
        "질문",
        "प्रश्न",
    ]
)
ANSWER_HEADERS = frozenset(
    [
        "answer",
        "answers",
        "a",
        "response",
        "reply",
        "antwort",
        "antworten",
        "réponse",
        "réponses",
        "reponse",
        "respuesta",
        "respuestas",
        "risposta",
        "risposte",
        "resposta",
        "respostas",
        "antwoord",
        "antwoorden",
        "odpowiedź",
        "odpowiedzi",
        "svar",
        "vastaus",
        "odpověď",
        "odpoveď",
        "válasz",
        "răspuns",
        "cevap",
        "yanıt",
        "ответ",
        "відповідь",
        "απάντηση",
        "جواب",
        "الجواب",
        "תשובה",
        "回答",
        "答え",
        "答案",
        "답변",
        "उत्तर",
    ]
)
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_SHORT_ANSWER = 20  # characters; below it a second column holds values, such as prices


def read_csv(data: bytes) -> ParsedDocument:
    rows = _rows(printable(decode(data)))
    columns = question_columns(rows[0]) if rows else None
    if columns:
        return ParsedDocument("", _answers(rows[1:], *columns))
    if rows and _are_answers(rows):
        return ParsedDocument("", _answers(rows, 0, 1))
    return ParsedDocument("", [Block("table_row", text) for text in rows_as_text(rows)])


def _rows(text: str) -> list[list[str]]:
    text, delimiter = told_delimiter(text)
    try:
        csv.field_size_limit(MAX_CHARACTERS)
        delimiter = delimiter or best_delimiter(text)
        read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [cells for row in read if any(cells := [lines_kept(cell) for cell in row])]
    except csv.Error as error:
        raise UnreadableFile("broken", detail=repr(error)) from error


def told_delimiter(text: str) -> tuple[str, str]:
    """Excel's first line "sep=;"."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first) == 5:
        return rest, first[4]
    return text, ""


def best_delimiter(text: str) -> str:
    """The one that cuts most of the first rows into the same number of cells, two or more.

    Not csv.Sniffer, which takes commas inside answers for the delimiter.
    """

    def agreement(delimiter: str) -> int:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(row) for row, _ in zip(read, range(_SAMPLE_ROWS), strict=False) if row]
        return max((widths.count(width) for width in set(widths) if width > 1), default=0)

    return max(_DELIMITERS, key=agreement)


def question_columns(header: list[str]) -> tuple[int, int] | None:
    names = [one_line(cell).casefold().rstrip(":") for cell in header]
    question = next((i for i, name in enumerate(names) if name in QUESTION_HEADERS), None)
    answer = next((i for i, name in enumerate(names) if name in ANSWER_HEADERS), None)
    return None if question is None or answer is None else (question, answer)


def _are_answers(rows: list[list[str]]) -> bool:
    """Two columns are questions and answers, unless they are plainly names and values."""
    if any(len(row) != 2 for row in rows):
        return False
    asked = sum(row[0].endswith(("?", "？", "؟")) for row in rows)
    return asked * 2 >= len(rows) or median(len(row[1]) for row in rows) >= _SHORT_ANSWER


def _answers(rows: list[list[str]], question: int, answer: int) -> list[Block]:
    pairs = [(_cell(row, question), _cell(row, answer)) for row in rows]
    return [
        Block("qa", text, question=asked) if asked else Block("paragraph", text)
        for asked, text in pairs
        if text
    ]


def _cell(row: list[str], column: int) -> str:
    return row[column] if column < len(row) else ""
