"""A Claude for benchmarks: says when each request came and when its first word left, on the machine's own clock.

One coroutine a connection and events made beforehand, so that it takes little of the two cores. It refuses nothing:
tests/standins/claude does. `python -m bench.claude_server` prints its port, then one JSON line an answer.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

FIRST_WORD_SECONDS = (0.7, 1.3)
BETWEEN_SECONDS = (0.04, 0.08)
ANSWER = (
    "Yes, we do that. A first visit takes about an hour, and somebody over eighteen has to be at home when we come. "
    "Please book a few days ahead, because the diary fills quickly in spring. You can pay by card or in cash, and if "
    "something is not right afterwards, tell us and we come back without any charge."
)
WORDS_A_PIECE = 2
USAGE = {"input_tokens": 1900, "output_tokens": 80,
         "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}  # fmt: skip


def event(kind: str, **data: Any) -> bytes:
    told = f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(told), told)


def delta(**data: Any) -> bytes:
    return event("content_block_delta", index=0, delta=data)


def _pieces() -> list[bytes]:
    words = ANSWER.split(" ")
    texts = [" ".join(words[at : at + WORDS_A_PIECE]) for at in range(0, len(words), WORDS_A_PIECE)]
    return [
        delta(type="text_delta", text=text if at == 0 else f" {text}")
        for at, text in enumerate(texts)
    ]


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PIECES = _pieces()
END = (
    event("content_block_stop", index=0)
    + event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=USAGE)
    + event("message_stop")
    + b"0\r\n\r\n"
)


def beginning(model: str) -> bytes:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
               "stop_reason": None, "stop_sequence": None, "usage": USAGE}  # fmt: skip
    block = {"type": "text", "text": ""}
    return event("message_start", message=message) + event(
        "content_block_start", index=0, content_block=block
    )


class Server:
    """`writing` counts the answers that are under way."""

    def __init__(self) -> None:
        self.writing = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lengths = [
                    line for line in head.lower().split(b"\r\n") if b"content-length:" in line
                ]
                body = await reader.readexactly(int(lengths[0].partition(b":")[2]))
                came = time.perf_counter()
                self.writing += 1
                await self._answer(json.loads(body), writer, came)
                self.writing -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(
        self, asked: dict[str, Any], writer: asyncio.StreamWriter, came: float
    ) -> None:
        writing = self.writing
        source = _first_source(asked)
        await asyncio.sleep(random.uniform(*FIRST_WORD_SECONDS))
        writer.write(HEAD + beginning(asked["model"]))
        left = time.perf_counter()
        for piece in PIECES:
            writer.write(piece)
            await asyncio.sleep(random.uniform(*BETWEEN_SECONDS))
        if source:
            writer.write(delta(type="citations_delta", citation=_citation(source)))
        writer.write(END)
        told = {"question": _question(asked), "came": came, "left": left, "writing": writing}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _question(asked: dict[str, Any]) -> str:
    return str(asked["messages"][-1]["content"][-1]["text"])


def _first_source(asked: dict[str, Any]) -> str:
    blocks = asked["messages"][-1]["content"]
    return next((each["source"] for each in blocks if each["type"] == "search_result"), "")


def _citation(source: str) -> dict[str, Any]:
    return {"type": "search_result_location", "source": source, "title": "", "cited_text": "",
            "search_result_index": 0, "start_block_index": 0, "end_block_index": 1}  # fmt: skip


async def main() -> None:
    server = await asyncio.start_server(Server().serve, "127.0.0.1", 0, backlog=256)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
