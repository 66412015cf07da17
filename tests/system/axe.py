"""axe-core on a page as it stands, in both themes."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# A page of ours refuses scripts and styles that are not its own; axe is injected as one.
BYPASSING = {"bypass_csp": True}
DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # nothing else differs
AT_ONCE = "*, ::before, ::after { transition: none !important; animation: none !important }"
# Only what is wrong is described: most of axe's time went into describing what is right.
RUN = (
    "options => axe.run({resultTypes: ['violations'], ...options}).then(found => found.violations)"
)


def violations(page: Page) -> list[str]:
    page.add_style_tag(content=AT_ONCE)  # nothing is in the middle of turning dark
    page.evaluate(AXE_SCRIPT)
    found = _in(page, "light", {})
    found += [f"dark: {each}" for each in _in(page, "dark", DARK)]
    page.emulate_media(color_scheme="light")
    return found


def _in(page: Page, theme: str, options: dict[str, object]) -> list[str]:
    page.emulate_media(color_scheme=theme)
    return [
        f"{each['id']}: {each['help']} ({[node['target'] for node in each['nodes']][:3]})"
        for each in page.evaluate(RUN, options)
    ]
