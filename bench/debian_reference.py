"""Ask twenty questions of a manual that nobody here wrote: Debian Reference.

    .venv/bin/python bench/debian_reference.py [--pdf] [--data-dir DIR]

Imports the package's HTML (or its PDF) into a scratch business and asks what a reader would ask.
The data lives in a temporary folder, so a running bin/dev and its data stay untouched.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FLASK = ROOT / ".venv" / "bin" / "flask"
MANUAL = Path("/usr/share/debian-reference")
QUESTIONS = ROOT / "bench" / "questions" / "debian_reference.jsonl"
SLUG = "debian-reference"
SAME_SIGN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})

Row = dict[str, Any]


def main() -> int:
    options = _options()
    paths = _manual_paths(pdf=options.pdf)
    if not paths:
        print("Debian Reference isn't installed. Run: apt-get install debian-reference-en")
        return 1
    questions = [json.loads(line) for line in QUESTIONS.read_text().splitlines() if line]
    if options.data_dir:
        return _measure(options.data_dir, paths, questions)
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-", ignore_cleanup_errors=True) as name:
        # As root the embedded Postgres runs as a user of its own, who must get through to it.
        Path(name).chmod(0o755)
        return _measure(Path(name), paths, questions)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Questions to the Debian Reference.")
    parser.add_argument("--pdf", action="store_true", help="import the PDF instead of the HTML")
    parser.add_argument(
        "--data-dir", type=Path, help="keep the data here; a second run then skips the import"
    )
    return parser.parse_args()


def _manual_paths(*, pdf: bool) -> list[Path]:
    if pdf:
        return sorted(MANUAL.glob("*.en.pdf"))
    # The index page is only the table of contents: every heading, no fact.
    return sorted(page for page in MANUAL.glob("*.en.html") if page.name != "index.en.html")


def _measure(data_dir: Path, paths: list[Path], questions: list[Row]) -> int:
    environment = _environment(data_dir)
    done = data_dir / f"{SLUG}.imported"
    if not done.exists():
        _prepare(environment, paths)
        done.touch()
    answers = _ask(environment, questions)
    results = [_judge(question, answers.get(question["id"], {})) for question in questions]
    _print_table(results)
    return 0 if all(result["answered"] for result in results) else 1


def _environment(data_dir: Path) -> dict[str, str]:
    data_dir.mkdir(parents=True, exist_ok=True)
    # Without these two addresses the command line starts servers of its own in the folder above.
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    kept["FRONTDESK_DATA_DIR"] = str(data_dir.resolve())
    built = ROOT / ".data" / "embedding"
    if "EMBEDDING_DIR" not in kept and built.exists():
        kept["EMBEDDING_DIR"] = str(built)
    return kept


def _prepare(environment: dict[str, str], paths: list[Path]) -> None:
    if "EMBEDDING_DIR" not in environment:
        _flask(environment, "embeddings", "build")
    _flask(environment, "db", "upgrade")
    _flask(environment, "business", "create", "--name", "Debian Reference", "--slug", SLUG)
    started = time.perf_counter()
    _flask(environment, "knowledge", "import", "--business", SLUG, *map(str, paths))
    print(f"Imported {len(paths)} files in {time.perf_counter() - started:.1f} s\n")


def _ask(environment: dict[str, str], questions: list[Row]) -> dict[str, Row]:
    asked = "".join(
        json.dumps({"id": q["id"], "question": q["question"]}) + "\n" for q in questions
    )
    command = ("knowledge", "ask", "--business", SLUG, "--top", "5")
    output = _flask(environment, *command, typed=asked, show=False)
    replies = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return {reply["id"]: reply for reply in replies if "id" in reply}


def _flask(
    environment: dict[str, str], *arguments: str, typed: str | None = None, show: bool = True
) -> str:
    """What the command printed; ends the script, with the command's own words, where it fails."""
    finished = subprocess.run(
        [str(FLASK), *arguments],
        cwd=ROOT,
        env=environment,
        input=typed,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if show or finished.returncode:
        print(finished.stdout, end="")
    if finished.returncode:
        sys.exit(f"flask {' '.join(arguments[:2])} failed with status {finished.returncode}")
    return finished.stdout


def _judge(question: Row, reply: Row) -> Row:
    passages = [passage["text"] for passage in reply.get("passages", [])]
    fact = question["fact"]
    return {
        "id": question["id"],
        "section": question["section"],
        "answered": bool(reply) and "error" not in reply,
        "answer": _holds(fact, [reply.get("answer") or ""]),
        "first": _holds(fact, passages[:1]),
        "three": _holds(fact, passages[:3]),
        "confident": bool(reply.get("confident")),
        "score": float(reply.get("score") or 0),
        "ms": float(reply.get("ms") or 0),
    }


def _holds(fact: str, texts: Iterable[str]) -> bool:
    return any(_plain(fact) in _plain(text) for text in texts)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(SAME_SIGN)).casefold()


def _print_table(results: list[Row]) -> None:
    print(f"{'question':<11} answer  first  three  confident  score     ms  section")
    for row in results:
        print(
            f"{row['id']:<11} {_tick(row['answer']):<7} {_tick(row['first']):<6} "
            f"{_tick(row['three']):<6} {_tick(row['confident']):<10} "
            f"{row['score']:>5.2f} {row['ms']:>6.0f}  {row['section']}"
        )
    print(f"\nof {len(results)} questions: ", end="")
    counts = {
        "answered": "answered",
        "answer": "fact in the answer",
        "first": "in passage 1",
        "three": "in passages 1 to 3",
        "confident": "confident",
    }
    print(", ".join(f"{sum(row[key] for row in results)} {words}" for key, words in counts.items()))
    times = sorted(row["ms"] for row in results)
    print(f"time: median {statistics.median(times):.0f} ms, slowest {times[-1]:.0f} ms")


def _tick(held: bool) -> str:
    return "yes" if held else "-"


if __name__ == "__main__":
    sys.exit(main())
