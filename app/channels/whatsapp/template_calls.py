"""Templates at Meta: list, make, change, delete, unpause, and the file that shows what a header looks like.

`line`: of any channel of the account.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.channels.border import Line
from app.channels.graph import access_of, call
from app.channels.meta_apps import app_id_of

_FIELDS = (
    "id,name,status,category,language,components,parameter_format,quality_score,rejected_reason"
)


def listed(line: Line, *, page_size: int = 100) -> Iterator[list[dict[str, Any]]]:
    """All, as Meta has them, one list a page."""
    params: dict[str, Any] = {"fields": _FIELDS, "limit": page_size}
    while True:
        said = call(access_of(line), "GET", _templates(line), params=params)
        yield said.get("data") or []
        paging = said.get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        if not paging.get("next") or not after or after == params.get("after"):
            return
        params["after"] = after


def create(line: Line, body: Mapping[str, Any]) -> dict[str, Any]:
    """`body`: name, language, category, parameter_format, components. Returns id, status and category, which
    may be another than was asked for."""
    return call(access_of(line), "POST", _templates(line), json=dict(body))


def edit(line: Line, template_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`body`: components, and category where it isn't approved yet. It is pending again afterwards."""
    return call(access_of(line), "POST", template_id, json=dict(body))


def delete(line: Line, name: str, template_id: str | None = None) -> None:
    """In all languages, or only the one whose id is given."""
    params = {"name": name} | ({"hsm_id": template_id} if template_id else {})
    call(access_of(line), "DELETE", _templates(line), params=params)


def unpause(line: Line, template_id: str) -> bool:
    """Whether it can be sent again now."""
    return bool(call(access_of(line), "POST", f"{template_id}/unpause").get("success"))


def upload_example(line: Line, name: str, mime: str, body: bytes) -> str:
    """A picture, video or PDF for a header: the handle that `create` wants as its example."""
    access = access_of(line)
    session = call(
        access, "POST", f"{app_id_of(access)}/uploads",
        params={"file_name": name, "file_length": len(body), "file_type": mime},
    )  # fmt: skip
    headers = {"Authorization": f"OAuth {access.token}", "file_offset": "0"}
    said = call(access, "POST", str(session.get("id", "")), headers=headers, data=body)
    return str(said.get("h", ""))


def _templates(line: Line) -> str:
    return f"{line.settings.get('waba_id', '')}/message_templates"
