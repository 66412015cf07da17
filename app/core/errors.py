"""Errors that a person or a program is told about, in plain words, with a status."""


class FrontdeskError(Exception):
    """Shown as it is: `message` says what happened, what was kept and what to do."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code or self.code
        self.status = status or self.status


class Invalid(FrontdeskError):
    status = 422
    code = "invalid"


class Conflict(FrontdeskError):
    status = 409
    code = "conflict"


class OutsideError(Exception):
    """A provider failed us. `permanent` means that trying again can't help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
