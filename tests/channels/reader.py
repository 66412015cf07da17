"""WhatsApp's half of an adapter that hears."""

from app.channels import meta_hooks
from app.channels.border import Adapter, Limits
from app.channels.whatsapp import reading, understanding


class Reader(Adapter):
    kind, label, limits = "whatsapp", "WhatsApp", Limits(text=4096)

    def answer_handshake(self, hook, credentials):
        return meta_hooks.answer_handshake(hook, credentials)

    def check_signature(self, hook, credentials):
        meta_hooks.check_signature(hook, credentials)

    def split(self, hook):
        return reading.split(hook)

    def understand(self, payload, line):
        return understanding.understand(payload, line)

    def send(self, line, outgoing):
        raise NotImplementedError

    def check(self, line):
        raise NotImplementedError
