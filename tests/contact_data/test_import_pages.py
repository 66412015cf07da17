"""The pages of imports, step by step."""

import io

import pytest

CSV = "Name,Email\n=Ana,ana@example.com\nBen,nothing\n"


def bring(owner, data=CSV, name="people.csv"):
    return owner.post("/imports/", file=(io.BytesIO(data.encode()), name))


def test_step_by_step(owner, run_jobs):
    here = "/imports/" + bring(owner).location.rpartition("/")[2]
    assert "Reading the file" in owner.get(here).text
    run_jobs()
    page = owner.get(here).text
    assert "What the columns are" in page
    assert owner.post(f"{here}/run").status_code == 409
    refused = owner.post(
        f"{here}/trial", **{"column-0": "", "column-1": "", "has_header": "yes", "tag": "Mine"}
    )
    assert refused.status_code == 422
    assert 'value="Mine"' in refused.text
    typed = {"column-0": "name", "column-1": "email", "has_header": "yes"}
    assert owner.post(f"{here}/trial", **typed).status_code == 303
    run_jobs()
    assert "Nothing is written yet" in owner.get(here).text
    assert "This is no e-mail address" in owner.get(f"{here}?rows=error").text
    errors = owner.get(f"{here}/errors.csv").text
    assert (
        errors.splitlines()[1]
        == "Ben,nothing,3,Email: This is no e-mail address. One is hello@example.com."
    )
    assert owner.post(f"{here}/run").status_code == 303
    run_jobs()
    assert owner.names() == ["=Ana"]
    again = owner.post(f"{here}/trial", **typed)
    assert again.status_code == 409
    assert (
        "imported before" in owner.get("/imports/" + bring(owner).location.rpartition("/")[2]).text
        or run_jobs()
    )
    owner.post(f"{here}/undo")
    run_jobs()
    assert "taken back" in owner.get(here).text
    assert owner.names() == []
    other = "/imports/" + bring(owner, "x").location.rpartition("/")[2]
    assert owner.post(f"{other}/deletion").status_code == 303
    assert owner.get(other).status_code == 404


@pytest.mark.parametrize("files", [{}, {"file": (io.BytesIO(b""), "a.csv")}])
def test_no_file(owner, files):
    assert owner.post("/imports/", **files).status_code == 422


def test_who_may(records, cast):
    assert bring(records(cast.agent)).status_code == 303
    assert bring(records(cast.viewer)).status_code == 403
