"""The inbox's list: conversations as rows of what the list shows, by key."""

from app.conversations.models.threads import Conversation

C = Conversation
LOOKED_AT = 500  # of a member's unread conversations, the newest, for the counts of saved views
