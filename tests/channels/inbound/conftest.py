"""A phone at which people write to the business."""

import pytest

from tests.channels.inbound.heard import Phone, register
from tests.conftest import Cast, Inside


@pytest.fixture
def phone(inside: Inside, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Phone:
    register(monkeypatch)
    return Phone(inside, cast.business_id)
