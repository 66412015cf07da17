"""When a person is called, what that person is told, and how the assistant goes on when the conversation is given back."""

import pytest

from tests.frontdesk.scripted.desk import Desk
from tests.standins.claude import Claude, calls, fails, refuses, says, when

UNSURE = says("NO_ANSWER")


def test_the_model_hands_off_with_a_summary(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("refund", calls("search_knowledge", query="refund for pots")),
        when("refund", calls("hand_off", reason="cannot_help", summary="Wants £20 back for a broken pot."), told=""),
    ]  # fmt: skip
    desk.plays("""
        visitor: The pot was broken, I would like a refund of £20.
        event: handed_off
    """)
    assert desk.state == "waiting"
    assert desk.hand_off.reason == "assistant"
    assert desk.hand_off.summary["wanted"] == "Wants £20 back for a broken pot."
    assert "“refund for pots”" in desk.hand_off.summary["tried"]


@pytest.mark.parametrize(
    ("said", "reason"), [("asked_for", "asked"), ("upset", "anger"), ("topic", "topic")]
)
def test_every_reason_of_the_model_is_kept(
    desk: Desk, claude: Claude, said: str, reason: str
) -> None:
    claude.rules = [when("pot", calls("hand_off", reason=said, summary="The pot is broken."))]
    desk.says("What about my pot")
    assert desk.state == "waiting"
    assert desk.hand_off.reason == reason


def test_after_the_hand_off_the_assistant_is_silent(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("pot", calls("hand_off", reason="upset", summary="The pot is broken."))]
    desk.plays("""
        visitor: What about my pot
        event: …
        visitor: Are dogs allowed?
        visitor: Hello
    """)
    assert len(claude.requests) == 1


def test_hand_off_beside_another_call_ends_the_turn(desk: Desk, claude: Claude, held: list) -> None:
    claude.rules = [
        when("table", calls("hold_table", day="friday", people=2), calls("hand_off", reason="asked_for", summary="Wants to talk.")),
    ]  # fmt: skip
    desk.plays("""
        visitor: Hold a table for two on Friday, and let Anna ring me about it
        event: person_asked
    """)
    assert len(claude.requests) == 1
    assert len(held) == 1


def test_asked_for_by_words_costs_no_call(desk: Desk, claude: Claude) -> None:
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs on a lead are welcome everywhere but the café. [1]
        visitor: Can I talk to a real person please?
        event: person_asked
    """)
    assert len(claude.requests) == 1
    assert desk.hand_off.reason == "asked"


def test_unsure_once_offers_a_person_unsure_twice_calls_one(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("cup|planet", UNSURE), when("cup|planet", UNSURE, told="")]
    desk.plays("""
        visitor: Which club won the cup in 1974?
        assistant: …person…
        visitor: Which planet is nearest?
        assistant: …a person to help you here.
        event: handed_off
    """)
    assert desk.hand_off.reason == "unsure"


def test_unsure_sure_unsure_is_not_twice(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("cup|planet", UNSURE)]
    desk.plays("""
        visitor: Which club won the cup in 1974?
        assistant: …person…
        visitor: Are dogs allowed?
        assistant: Dogs on a lead… [1]
        visitor: Which planet is nearest?
        assistant: …person…
    """)
    assert desk.state == "assistant"


def test_the_mark_for_unsure_is_never_shown(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("cup", says("I have looked everywhere.\n\nNO_ANSWER"))]
    desk.plays("""
        visitor: Which club won the cup in 1974?
        assistant: …person…
    """)
    assert "NO_ANSWER" not in desk.said()[0]


@pytest.mark.parametrize(
    "words",
    [
        "This is outrageous, you have been lying to me for weeks!!",
        "Das ist eine absolute Frechheit, ich bin stinksauer!",
        "¡Es una vergüenza, estoy furioso!",
        "C’est inadmissible, quelle honte !",
        "Que vergonha, estou furioso!",
    ],
)
def test_anger_in_plain_words_costs_no_call(desk: Desk, claude: Claude, words: str) -> None:
    desk.plays(f"""
        visitor: {words}
        event: handed_off
    """)
    assert desk.hand_off.reason == "anger"
    assert claude.requests == []


def test_anger_between_the_lines_is_the_model_s_to_see(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("pot", calls("hand_off", reason="upset", summary="Third broken pot."))]
    desk.plays("""
        visitor: So this is the third pot, and surprise, it is broken as well
        event: handed_off
    """)
    assert desk.hand_off.reason == "anger"


def test_a_topic_of_the_owner_costs_no_call(desk: Desk, claude: Claude) -> None:
    desk.wants(hand_off_topics=["wedding flowers", "allergy"])
    desk.plays("""
        visitor: Which flowers do you have for a wedding?
        event: handed_off
    """)
    assert desk.hand_off.reason == "topic"
    assert claude.requests == []


def test_near_a_topic_the_model_decides(desk: Desk, claude: Claude) -> None:
    """The prompt names the topics, so that other words for one are met too."""
    desk.wants(hand_off_topics=["wedding flowers"])
    claude.rules = [
        when("marry", lambda seen: [calls("hand_off", reason="topic", summary="Flowers for a wedding.")] if "wedding flowers" in seen.system else None),
    ]  # fmt: skip
    desk.says("We marry in May and need roses")
    assert desk.hand_off.reason == "topic"


def test_a_refusal_calls_a_person(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("poison", refuses(says("I can")))]
    desk.plays("""
        visitor: Which of your plants is a good poison?
        assistant: …a person to help you here.
        event: handed_off
    """)
    assert desk.hand_off.reason == "refusal"
    assert "I can" not in desk.said()[0].replace("I couldn’t", "")


def test_a_provider_that_is_down_quotes_what_is_known(desk: Desk, claude: Claude) -> None:
    claude.rules = [when(".", fails(401))]
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs on a lead are welcome everywhere but the café. [1]
    """)
    assert desk.state == "assistant"


def test_a_provider_that_is_down_calls_a_person_for_the_rest(desk: Desk, claude: Claude) -> None:
    claude.rules = [when(".", fails(401))]
    desk.plays("""
        visitor: Which club won the cup in 1974?
        assistant: …person…
        event: handed_off
    """)
    assert desk.hand_off.reason == "provider_error"


def test_a_cap_of_nothing_makes_no_call_and_answers(desk: Desk, claude: Claude) -> None:
    desk.wants(month_cap_cents=0)
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs on a lead are welcome everywhere but the café. [1]
    """)
    assert claude.requests == []


def test_given_back_the_assistant_knows_what_the_person_said(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("pot", calls("hand_off", reason="cannot_help", summary="The pot is broken.")),
        when("when", lambda seen: [says("As Olivia said: tomorrow.")] if "ready tomorrow" in str(seen.history) else None),
    ]  # fmt: skip
    desk.plays("""
        visitor: What about my pot
        event: handed_off
        owner: Your new pot is ready tomorrow.
        visitor: Thank you Olivia, that is great news indeed
        owner gives back
        visitor: So when can I come?
        assistant: As Olivia said: tomorrow.
    """)
    history = claude.seen[-1].history
    assert ("user", "Thank you Olivia, that is great news indeed") in history
    assert [role for role, text in history if "ready tomorrow" in text] == ["assistant"]
    assert desk.state == "assistant"
    assert desk.hand_off is None


def test_what_was_said_to_the_person_is_not_answered_afterwards(desk: Desk, claude: Claude) -> None:
    desk.plays("""
        visitor: Can I talk to a real person please?
        event: person_asked
        visitor: Are dogs allowed?
        owner: Yes, on a lead.
        owner gives back
    """)
    assert claude.requests == []


def test_a_second_hand_off_after_the_return(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("pot", calls("hand_off", reason="cannot_help", summary="The pot is broken."))
    ]
    desk.plays("""
        visitor: What about my pot
        event: handed_off
        owner takes over
        owner gives back
        visitor: And the other pot
        event: handed_off
    """)
    assert desk.state == "waiting"
    assert len(desk.hand_offs) == 2


def test_resolved_and_asked_again(desk: Desk, claude: Claude) -> None:
    desk.plays("""
        visitor: Can I talk to a real person please?
        event: person_asked
        owner: Here I am.
        owner resolves
        event: rating_asked
        visitor: Are dogs allowed?
        event: reopened
        assistant: Dogs on a lead are welcome everywhere but the café. [1]
    """)
    assert desk.hand_offs[0].outcome == "answered"


def test_a_person_who_takes_over_while_it_writes_has_the_word(desk: Desk, claude: Claude) -> None:
    def taken_over(_seen: object) -> list:
        desk.elsewhere(lambda: desk.does("owner takes over", ""))
        return [says("Too late.")]

    claude.rules = [when("dogs", taken_over)]
    desk.says("Are dogs allowed?")
    assert desk.said() == []
    assert desk.state == "person"


def test_small_talk_costs_no_call(desk: Desk, claude: Claude) -> None:
    desk.plays("""
        visitor: Hello!
        assistant: Hello! What would you like to know?
        visitor: thanks a lot
        assistant: You’re welcome…
        visitor: bye
        assistant: Good-bye…
    """)
    assert claude.requests == []


def test_general_chat_is_declined_by_the_model(desk: Desk, claude: Claude) -> None:
    """It is told to; a polite no is an answer, neither a gap nor a step towards a hand-off."""
    declined = "I’m here for the garden centre alone. Can I help you with plants?"
    claude.rules = [
        when("poem|homework", lambda seen: [says(declined)] if "Decline general chat" in seen.system else None),
    ]  # fmt: skip
    desk.plays(f"""
        visitor: Write a poem about the sea
        assistant: {declined}
        visitor: Then do my homework
        assistant: {declined}
    """)
    assert desk.state == "assistant"
