"""The visitor's door with all that stands behind it."""

from app.widget import (
    data_views,
    file_views,
    frame_views,
    identity_views,
    missed,
    past_views,
    rating_views,
    views,
    visit_views,
)
from app.widget.door import widget

__all__ = [
    "data_views",
    "file_views",
    "frame_views",
    "identity_views",
    "missed",
    "past_views",
    "rating_views",
    "views",
    "visit_views",
    "widget",
]
