"""Templates at Meta: list, make, change, delete, unpause, and the file that shows what a header looks like."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.channels.graph import Access, call

PAGE = 100
MAX_PAGES = 100
_FIELDS = (
    "id,name,status,category,language,components,parameter_format,quality_score,rejected_reason"
)


def list_templates(access: Access, waba_id: str) -> list[dict[str, Any]]:
    """All, as Meta has them, page by page."""
    found: list[dict[str, Any]] = []
    params: dict[str, Any] = {"fields": _FIELDS, "limit": PAGE}
    for _ in range(MAX_PAGES):
        said = call(access, "GET", f"{waba_id}/message_templates", params=params)
        found += said.get("data") or []
        paging = said.get("paging") or {}
        if not paging.get("next"):
            break
        params["after"] = (paging.get("cursors") or {}).get("after", "")
    return found


def create(access: Access, waba_id: str, template: Mapping[str, Any]) -> dict[str, Any]:
    """`template`: name, language, category, parameter_format, components. Returns id, status and category,
    which may be another than was asked for."""
    return call(access, "POST", f"{waba_id}/message_templates", json=dict(template))


def edit(access: Access, template_id: str, change: Mapping[str, Any]) -> None:
    """`change`: components, and category where it isn't approved yet. It is pending again afterwards."""
    call(access, "POST", template_id, json=dict(change))


def delete(access: Access, waba_id: str, name: str, template_id: str = "") -> None:
    """In all languages, or only the one whose id is given."""
    params = {"name": name} | ({"hsm_id": template_id} if template_id else {})
    call(access, "DELETE", f"{waba_id}/message_templates", params=params)


def unpause(access: Access, template_id: str) -> bool:
    """Whether it is sent again now."""
    return bool(call(access, "POST", f"{template_id}/unpause").get("success"))


def upload_example(access: Access, app_id: str, name: str, mime: str, body: bytes) -> str:
    """A picture, video or PDF for a header: the handle that `create` wants as its example. `app_id`: of the
    token's app (account.app_id_of)."""
    session = call(
        access, "POST", f"{app_id}/uploads",
        params={"file_name": name, "file_length": len(body), "file_type": mime},
    )  # fmt: skip
    headers = {"Authorization": f"OAuth {access.token}", "file_offset": "0"}
    path = quote(str(session.get("id", "")), safe=":?=&")
    return str(call(access, "POST", path, headers=headers, data=body).get("h", ""))
