"""What became of a conversation when it ends: what it was about, how the visitor felt, and whether the assistant
alone resolved it, by a rule that the business can read."""
