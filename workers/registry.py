"""Every module that registers jobs, so that a worker or a test knows them all."""


def load_jobs() -> None:
    import app.assistant.jobs
    import app.automations.jobs
    import app.channels.jobs
    import app.channels.message_templates.jobs
    import app.contact_data.jobs
    import app.conversations.jobs
    import app.core.mail
    import app.frontdesk.jobs
    import app.knowledge.jobs
    import app.notifications.jobs
    import app.ratings.jobs
    import app.search.jobs
    import app.widget.jobs  # noqa: F401
