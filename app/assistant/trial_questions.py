"""What a model is asked in a trial. It reads English, as in every prompt."""

from app.assistant.language_models.border import Passage, ToolSpec

SYSTEM = (
    "You are the front desk of a shop. Answer from the search results alone, in one short sentence. "
    "When a customer wants to leave a message, call the tool leave_message and write nothing."
)
PASSAGE = Passage(1, 0, "Opening hours", "On Fridays the shop is open until 18:45.")
TOOL = ToolSpec(
    "leave_message",
    "Leaves a message of the customer's for the team.",
    {
        "type": "object",
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
        "additionalProperties": False,
    },
)
OF_THE_PASSAGE = "How long are you open on Friday?"
FOR_THE_TOOL = "Please leave a message for the team: I come at five."
