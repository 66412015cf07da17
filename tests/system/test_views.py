"""The inbox by keyboard and by the palette, in a browser."""

from playwright.sync_api import expect

from app.conversations import services
from tests.system.test_inbox import open_inbox, talk  # noqa: F401  fixtures


def test_views_rows_and_the_palette_by_keyboard(open_inbox, talk, cast):  # noqa: F811
    first, second, third = talk("first"), talk("second"), talk("third")
    first.do(services.request_person)
    page = open_inbox(bypass_csp=True)
    press = page.keyboard.press

    press("g")
    press("u")
    page.wait_for_url("**/inbox/?view=unassigned")
    expect(page.locator(".inbox-row")).to_have_count(1)
    press("g")
    press("o")
    page.wait_for_url("**/inbox/?view=all")

    press("f")
    form = page.get_by_role("form", name="Filter the list")
    expect(form).to_be_visible()
    form.get_by_label("Sort by").select_option("oldest")
    form.get_by_role("button", name="Show").click()
    page.wait_for_url("**sort=oldest**")
    press("j")
    page.wait_for_url(f"**/inbox/{first.id}?*sort=oldest*")
    expect(page.locator(f"#conversation_{first.id}.is-unread")).to_have_count(0)
    press("x")
    press("j")
    page.wait_for_url(f"**/inbox/{second.id}?*")
    press("j")
    page.wait_for_url(f"**/inbox/{third.id}?*")
    press("Shift+X")
    expect(page.locator(".inbox-check:checked")).to_have_count(3)

    press("u")
    page.wait_for_url("**/inbox/?*sort=oldest*")
    expect(page.locator(f"#conversation_{third.id}.is-unread")).to_be_visible()

    page.locator(f"#conversation_{third.id}").click()
    page.wait_for_url(f"**/inbox/{third.id}?*")
    expect(page.locator(f"#conversation_{third.id}.is-unread")).to_have_count(0)
    press("Control+k")
    field = page.get_by_role("combobox", name="Find or do anything")
    expect(field).to_be_focused()
    page.keyboard.type("reso")
    chosen = page.locator('.palette-row[aria-selected="true"]')
    expect(chosen).to_have_text("Resolvee")  # with its key
    expect(field).to_have_attribute("aria-activedescendant", "palette-action-2")
    press("ArrowDown")
    expect(chosen).to_have_text("Resolved")
    press("ArrowUp")
    press("Enter")
    expect(page.get_by_text("Resolved by you")).to_be_visible()
    expect(field).to_be_hidden()

    press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("nothing has this")
    expect(page.get_by_text("Nothing here has these words.")).to_be_visible()
    field.fill("opening")
    press("Enter")
    page.wait_for_url("**/settings/hours")
