"""Every code that Meta documents has its place: what to do, what it means, what its owner can do."""

import pytest

from app.channels.graph_errors import WHATSAPP, failure

DOCUMENTED = {
    "retry": (1, 2, 4, 80007, 130429, 131000, 131016, 131057, 133016, 131056),
    "wait": (131049, 131048, 131064),
    "template": (131047,),
    "reconnect": (0, 3, 10, 190, 200, 250, 299, 131005),
    "billing": (368, 131031, 130497, 131042, 131045),
    "opted_out": (131050,),
    "permanent": (
        33, 100, 131008, 131009, 131021, 131026, 131030, 131037, 131051, 131052, 131053, 131062, 131063,
        130472, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(trouble, code) for trouble, codes in DOCUMENTED.items() for code in codes],
)
def test_each_code_says_what_to_do(trouble: str, code: int) -> None:
    failed = failure({"code": code})
    assert (failed.trouble, failed.code) == (trouble, str(code))
    assert failed.permanent is (trouble not in ("retry", "wait"))


def test_all_are_in_sentences_with_a_next_step() -> None:
    for fault in WHATSAPP.values():
        assert fault.words.endswith(".")
        assert fault.next_step.endswith(".")
        assert "'" not in fault.words + fault.next_step


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"code": "190"},
        {"code": None, "error_data": []},
        {"error_data": {"details": 5}},
        {"code": True},
    ],
)
def test_an_error_that_makes_no_sense_is_still_one(error: dict[str, object]) -> None:
    failed = failure(error, status=400)
    assert failed.trouble in ("permanent", "retry")
    assert failed.message


def test_details_are_told_where_they_help_and_hold_no_secret() -> None:
    error = {"code": 100, "error_data": {"details": "Param text is wrong for EAAG1"}}
    failed = failure(error, secrets=("EAAG1", ""))
    assert failed.message.endswith("It says: Param text is wrong for …")
    assert "EAAG1" not in failure({"code": 190, "message": "Malformed token EAAG1"}).message


def test_a_subcode_is_told_beside_its_code() -> None:
    failed = failure({"code": 100, "error_subcode": 33})
    assert (failed.code, failed.number) == ("100/33", "100")
