"""The site map, top to bottom."""

from flask import Flask

from app.accounts.views import accounts
from app.channels.hooks import hooks
from app.channels.message_templates.draft_views import template_drafts
from app.channels.message_templates.views import message_templates
from app.channels.signup_views import whatsapp_signup
from app.channels.sms.pictures import PATH
from app.channels.sms.views import sms_pictures
from app.channels.views import channels
from app.conversations.bulk_views import bulk_actions
from app.conversations.callback_views import callbacks
from app.conversations.channel_views import replying
from app.conversations.consent_views import consent
from app.conversations.contact_views import contact
from app.conversations.file_views import files
from app.conversations.list_views import lists
from app.conversations.template_views import conversation_templates
from app.conversations.views import conversations
from app.conversations.workflow_views import workflow
from app.conversations.writing_views import while_writing
from app.knowledge.check_views import checks
from app.knowledge.document_views import documents
from app.knowledge.note_views import notes
from app.knowledge.search_views import search
from app.knowledge.upkeep_views import upkeep
from app.knowledge.views import knowledge
from app.knowledge.website_views import websites
from app.notifications.push_views import push, worker
from app.notifications.settings_views import notification_settings
from app.notifications.views import notifications
from app.pages.answering import answering
from app.pages.answers import answers
from app.pages.automations import automations
from app.pages.bench import bench
from app.pages.business import business
from app.pages.citations import citations
from app.pages.companies import companies
from app.pages.consents import consents
from app.pages.contact_edits import contact_edits
from app.pages.contact_erasing import contact_erasing
from app.pages.contact_exports import contact_exports
from app.pages.contact_fields import contact_fields
from app.pages.contact_files import contact_files
from app.pages.contact_imports import contact_imports
from app.pages.contact_merging import contact_merging
from app.pages.contact_parts import contact_parts
from app.pages.contact_tags import contact_tags
from app.pages.contacts import contacts
from app.pages.dashboard import dashboard
from app.pages.gaps import gaps
from app.pages.hand_off import hand_off
from app.pages.ledger import ledger
from app.pages.macros import macro_runs, macro_settings
from app.pages.model import model
from app.pages.palette import palette
from app.pages.persona import persona
from app.pages.replies import replies
from app.pages.segments import segments
from app.pages.signup import signup
from app.pages.spending import spending_page
from app.pages.views import pages
from app.pages.website import settings
from app.pages.you import you
from app.ratings.asking import PATH as RATING_PATH
from app.ratings.link_views import rating_link
from app.ratings.settings_views import rating_settings
from app.ratings.views import ratings
from app.search.views import searching
from app.widget.hosted import hosted
from app.widget.routes import widget

SITE = (
    (pages, ""),  # /, /healthz, /readyz
    (worker, ""),  # /sw.js
    (signup, ""),  # /signup
    (accounts, ""),  # /login, /logout
    (sms_pictures, PATH),  # before the hooks, which would take it for a channel
    (hooks, "/hooks"),  # what providers tell
    (widget, "/w/<key>"),  # the visitor's door
    (rating_link, RATING_PATH),  # a question of ours behind a signed link
    (hosted, "/chat"),  # the chat on a page of its own
    (dashboard, "/b/<business_slug>"),  # start, the live stream
    (palette, "/b/<business_slug>/palette"),
    (you, "/b/<business_slug>/you"),  # a member's own settings
    (conversations, "/b/<business_slug>/inbox"),
    (lists, "/b/<business_slug>/inbox"),  # what the list shows: filters, saved views, keys
    (bulk_actions, "/b/<business_slug>/inbox"),
    (workflow, "/b/<business_slug>/inbox/<int:conversation_id>"),
    (macro_runs, "/b/<business_slug>/inbox/<int:conversation_id>/macros"),
    (ledger, "/b/<business_slug>/inbox/ledger"),
    (ratings, "/b/<business_slug>/inbox/ratings"),
    (files, "/b/<business_slug>/inbox/files"),
    (contact, "/b/<business_slug>/inbox/<int:conversation_id>/contact"),
    (replying, "/b/<business_slug>/inbox/<int:conversation_id>"),
    (while_writing, "/b/<business_slug>/inbox/<int:conversation_id>"),
    (consent, "/b/<business_slug>/inbox/<int:conversation_id>/consent"),
    (conversation_templates, "/b/<business_slug>/inbox/<int:conversation_id>/templates"),
    (callbacks, "/b/<business_slug>/callbacks"),
    (notifications, "/b/<business_slug>/notifications"),
    (searching, "/b/<business_slug>/search"),
    (contacts, "/b/<business_slug>/contacts"),
    (contact_parts, "/b/<business_slug>/contacts/<int:contact_id>"),
    (contact_files, "/b/<business_slug>/contacts/<int:contact_id>/files"),
    (contact_merging, "/b/<business_slug>/contacts/<int:contact_id>/merge"),
    (contact_erasing, "/b/<business_slug>/contacts/<int:contact_id>/deletion"),
    (companies, "/b/<business_slug>/contacts/companies"),
    (contact_tags, "/b/<business_slug>/contacts/tags"),
    (segments, "/b/<business_slug>/contacts/segments"),
    (contact_imports, "/b/<business_slug>/contacts/imports"),
    (contact_edits, "/b/<business_slug>/contacts/edits"),
    (contact_exports, "/b/<business_slug>/contacts/exports"),
    (answers, "/b/<business_slug>/answers"),
    (knowledge, "/b/<business_slug>/knowledge"),
    (checks, "/b/<business_slug>/knowledge/checks"),
    (websites, "/b/<business_slug>/knowledge/websites"),
    (documents, "/b/<business_slug>/knowledge/<int:source_id>/documents"),
    (citations, "/b/<business_slug>/knowledge/passages"),
    (upkeep, "/b/<business_slug>/knowledge/upkeep"),
    (notes, "/b/<business_slug>/knowledge/notes"),
    (gaps, "/b/<business_slug>/knowledge/gaps"),
    (search, "/b/<business_slug>/knowledge/search"),
    (answering, "/b/<business_slug>/knowledge/answering"),
    (persona, "/b/<business_slug>/assistant"),
    (model, "/b/<business_slug>/assistant/model"),
    (bench, "/b/<business_slug>/assistant/bench"),
    (spending_page, "/b/<business_slug>/assistant/spending"),
    (settings, "/b/<business_slug>/settings"),
    (business, "/b/<business_slug>/settings"),  # hours, profile
    (hand_off, "/b/<business_slug>/settings"),
    (notification_settings, "/b/<business_slug>/settings/notifications"),
    (push, "/b/<business_slug>/settings/notifications/browsers"),
    (replies, "/b/<business_slug>/settings/replies"),
    (automations, "/b/<business_slug>/settings/automations"),
    (macro_settings, "/b/<business_slug>/settings/macros"),
    (rating_settings, "/b/<business_slug>/settings/ratings"),
    (contact_fields, "/b/<business_slug>/settings/contact-fields"),
    (consents, "/b/<business_slug>/settings/consent"),
    (channels, "/b/<business_slug>/settings/channels"),
    (whatsapp_signup, "/b/<business_slug>/settings/channels/whatsapp-signup"),
    (message_templates, "/b/<business_slug>/settings/templates"),
    (template_drafts, "/b/<business_slug>/settings/templates"),
)


def register(app: Flask) -> None:
    for blueprint, prefix in SITE:
        app.register_blueprint(blueprint, url_prefix=prefix)
