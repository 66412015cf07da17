"""The visitor's door with all that stands behind it."""

from app.widget import frame_views, identity_views, missed, rating_views, views, visit_views
from app.widget.door import widget

__all__ = [
    "frame_views", "identity_views", "missed", "rating_views", "views", "visit_views", "widget",
]  # fmt: skip
