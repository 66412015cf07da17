"""What the business knows: sources, their documents, and the chunks and sentences that answers quote."""

from app.knowledge.models.checks import CheckRun, RegressionCase
from app.knowledge.models.findings import Finding, Upkeep
from app.knowledge.models.index import (
    ChunkVector,
    CommonTerm,
    NextVector,
    Posting,
    SearchStatistics,
    Sentence,
)
from app.knowledge.models.sources import (
    MANAGED_AT,
    MAX_ID,
    Chunk,
    ChunkCitation,
    Document,
    Source,
    WebPage,
)

__all__ = [
    "MANAGED_AT",
    "MAX_ID",
    "CheckRun",
    "Chunk",
    "ChunkCitation",
    "ChunkVector",
    "CommonTerm",
    "Document",
    "Finding",
    "NextVector",
    "Posting",
    "RegressionCase",
    "SearchStatistics",
    "Sentence",
    "Source",
    "Upkeep",
    "WebPage",
]
