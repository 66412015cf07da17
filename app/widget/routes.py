"""The visitor's door with all that stands behind it."""

from app.widget import (
    file_views,
    frame_views,
    identity_views,
    missed,
    rating_views,
    views,
    visit_views,
)
from app.widget.door import widget

__all__ = [
    "file_views",
    "frame_views",
    "identity_views",
    "missed",
    "rating_views",
    "views",
    "visit_views",
    "widget",
]
