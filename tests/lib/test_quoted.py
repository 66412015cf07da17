"""What somebody wrote in a mail, without what it answers."""

import pytest

from app.lib.quoted import own_words

LEADS = (
    "On Mon, 20 Nov 2026 at 10:00, Shop <a@shop.example> wrote:",
    "Am 20.11.2026 um 10:00 schrieb Shop <a@shop.example>:",
    "El lun, 20 nov 2026 a las 10:00, Shop (<a@shop.example>) escribió:",
    "Le lun. 20 nov. 2026 à 10:00, Shop <a@shop.example> a écrit :",
    "Em seg., 20 de nov. de 2026 às 10:00, Shop\n<a@shop.example> escreveu:",
    "सोम, 20 नव॰ 2026 को 10:00 बजे Shop <a@shop.example> ने लिखा:",
    "في الاثنين، 20 نوفمبر 2026 في 10:00 كتب Shop <a@shop.example>:",
)
BLOCKS = (
    "-----Original Message-----\nFrom: Shop\nSent: Monday\nTo: me\nSubject: x\n\nhello",
    "From: Shop <a@shop.example>\nSent: Monday, 20 November 2026 10:00\nTo: me\n\nold",
    "________________________________\nVon: Shop\nGesendet: Montag\nAn: mich\nBetreff: x\n\nalt",
    "*De :* Shop\n*Envoyé :* lundi\n*À :* moi\n*Objet :* x\n\nvieux",
)


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_quoted_lines_go_with_what_leads_to_them_in_any_language(lead, gap):
    assert own_words(
        f"Yes please.\nTwo of them.\n\n{lead}{gap}> Do you want it?\n> \n> Best\n"
    ) == ("Yes please.\nTwo of them.")


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_headers_begins_what_is_quoted(block):
    assert own_words(f"Thanks!\n\n{block}") == "Thanks!"


@pytest.mark.parametrize(
    "text",
    [
        "> Do you deliver?\nYes, on Fridays.\n> And on Sundays?\nNo.",
        "We open:\n9:00 to 17:00\n\nSee you",
        "I bought this from: the shop\nIt broke.",
        "First part\n----------\nSecond part",
        "> only quoted",
        "",
    ],
)
def test_everything_else_is_the_writer_s(text):
    assert own_words(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Do you deliver?\n\n-- \nAnna Smith\n12 Mill Lane", "Do you deliver?"),
        ("Do you deliver?\n\nSent from my iPhone", "Do you deliver?"),
        ("Liefern Sie?\n\nVon meinem Samsung Mobiltelefon gesendet.", "Liefern Sie?"),
    ],
)
def test_signatures_go(text, own):
    assert own_words(text) == own
