"""What a segment asks of contacts: groups of conditions, each of a field, a comparison and a value."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_GROUPS = 5
MOST_CONDITIONS = 10  # of a group
MAX_VALUE = 200  # characters
Match = Literal["all", "any"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Condition(_Part):
    """`value` as it was typed: a day, a number, a tag's id. Checked by fields.check()."""

    field: str = Field(default="name", max_length=60)
    op: str = Field(default="", max_length=20)
    value: str = Field(default="", max_length=MAX_VALUE)


class Group(_Part):
    match: Match = "all"
    conditions: tuple[Condition, ...] = Field(default=(), max_length=MOST_CONDITIONS)


class Rules(_Part):
    match: Match = "all"
    groups: tuple[Group, ...] = Field(default=(), max_length=MOST_GROUPS)

    @property
    def is_empty(self) -> bool:
        return not any(group.conditions for group in self.groups)
