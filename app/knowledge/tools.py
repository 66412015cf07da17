"""What the assistant may ask of the knowledge."""

from pydantic import Field

from app.core.tools import Asked, Call, Grant, ToolResult, tool
from app.knowledge import answering
from app.knowledge.embeddings.current import encode
from app.lib.marking import kept

PASSAGES = 5


class SearchKnowledge(Asked):
    query: str = Field(
        min_length=2, max_length=300, description="What to look for, in a few words."
    )


@tool("search_knowledge", kept("Search your knowledge"), grant=Grant.KNOWLEDGE_READ)
def search_knowledge(_call: Call, asked: SearchKnowledge) -> ToolResult:
    """Search the business's own texts. Use it when the search results that came with the question don't
    hold the answer, with other words than the customer's."""
    found = answering.answer(asked.query, encode, top=PASSAGES)
    if not found.passages:
        return ToolResult("Nothing was found.")
    return ToolResult(f"{len(found.passages)} passages were found.", passages=tuple(found.passages))
