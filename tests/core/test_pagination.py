from datetime import UTC, datetime

import pytest

from app.core.pagination import Cursor


def test_a_cursor_comes_back_exactly():
    cursor = Cursor(datetime(2026, 11, 21, 10, 42, 7, 123457, tzinfo=UTC), 42)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", [None, "", "x", "1", "1-", "-1", "1-2-3", "٣-1", "9" * 19 + "-1"])
def test_what_is_no_cursor_is_none(text):
    assert Cursor.parse(text) is None


def test_a_moment_beyond_the_calendar_is_none():
    assert Cursor.parse("9" * 18 + "-1") is None
