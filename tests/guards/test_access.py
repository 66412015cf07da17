"""Every route of the app stands here with who may use it. Logged out goes to the log-in, a neighbour
sees a 404, a role without the permission a 403."""

import pytest

PUBLIC = {
    "static", "assets", "pages.home", "pages.healthz", "pages.readyz", "signup.form",
    "signup.create_account", "accounts.login", "accounts.create_session", "accounts.delete_session",
    "sms_pictures.show",  # known by a signature of ours: tests/channels/sms
    "rating_link.show", "rating_link.create",  # known by a signature of ours: tests/ratings
    "hosted.show",  # the chat's own page: tests/widget
    "hooks.shake_hands", "hooks.take",  # known by signatures: tests/channels
}  # fmt: skip
VISITORS = "widget."  # known by a signed token: tests/widget

ROLES = ("owner", "agent", "accountant", "viewer")


def _rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def _dashboard_rules(app):
    return [rule for rule in _rules(app) if not rule.endpoint.startswith(VISITORS)]


def _requests(app):
    for rule in _dashboard_rules(app):
        values = {name: 999_999 for name in rule.arguments if name != "business_slug"}
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, values


def _url(app, rule, values, slug):
    with app.test_request_context():
        from flask import url_for

        return url_for(rule.endpoint, business_slug=slug, **values)


def test_only_listed_routes_are_public(app):
    open_views = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "is_public", False)
    }
    assert {endpoint for endpoint in open_views if not endpoint.startswith(VISITORS)} == PUBLIC - {
        "static"
    }


def test_every_dashboard_route_lies_inside_a_business(app):
    assert _dashboard_rules(app)
    for rule in _dashboard_rules(app):
        assert rule.rule.startswith("/b/<business_slug>"), rule.endpoint


def test_logged_out_goes_to_the_login(app, client, cast):
    for rule, method, values in _requests(app):
        response = client.open(_url(app, rule, values, cast.slug), method=method)
        assert response.status_code == 303, (rule.endpoint, method)
        assert "/login" in response.location, (rule.endpoint, method)


def test_a_neighbour_sees_nothing(app, cast, login):
    neighbour = login(cast.neighbour)
    for rule, method, values in _requests(app):
        response = neighbour.open(_url(app, rule, values, cast.slug), method=method)
        assert response.status_code == 404, (rule.endpoint, method)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_its_permissions_say(app, cast, login, role):
    from app.core.access import PERMISSIONS, Role

    client = login(getattr(cast, role))
    for rule, method, values in _requests(app):
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        if rule.endpoint == "dashboard.live":
            continue  # a stream that does not end; any member may
        response = client.open(_url(app, rule, values, cast.slug), method=method)
        allowed = permission is None or permission in PERMISSIONS[Role(role)]
        assert (response.status_code == 403) is not allowed, (rule.endpoint, method, role)
        assert response.status_code < 500, (rule.endpoint, method, role)
