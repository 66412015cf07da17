"""No list falls over a search that nobody's browser would send: characters that no text may hold."""

from tests.guards.test_access import _dashboard_rules, _url

ASKED = ("q", "after", "before", "through", "tag", "company", "view", "show", "assignee", "channel")


def test_every_list_answers(app, cast, login):
    client, arguments = login(cast.owner), dict.fromkeys(ASKED, "a\x00b")
    for rule in _dashboard_rules(app):
        if rule.arguments == {"business_slug"} and rule.endpoint != "dashboard.live":
            url = _url(app, rule, {}, cast.slug)
            if "GET" in rule.methods:
                assert client.get(url, query_string=arguments).status_code < 500, rule.endpoint
