"""axe-core on a page as it stands, in both themes."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# A page of ours refuses scripts and styles that are not its own; axe is injected as one.
BYPASSING = {"bypass_csp": True}
DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # nothing else differs
AT_ONCE = "*, ::before, ::after { transition: none !important; animation: none !important }"


def violations(page: Page) -> list[str]:
    page.add_style_tag(content=AT_ONCE)  # nothing is in the middle of turning dark
    found = _in(page, "light", {})
    found += [f"dark: {each}" for each in _in(page, "dark", DARK)]
    page.emulate_media(color_scheme="light")
    return found


def _in(page: Page, theme: str, options: dict[str, object]) -> list[str]:
    page.emulate_media(color_scheme=theme)
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']}: {each['help']} ({[node['target'] for node in each['nodes']][:3]})"
        for each in found
    ]
