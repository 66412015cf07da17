"""A text message out, and a picture in."""

from urllib.parse import urlencode, urlsplit

from flask import current_app

from app.channels.border import Line, Outgoing, OutgoingFile, SendFailed, Sent
from app.channels.content import Media
from app.channels.sms import client, pictures
from app.channels.sms.limits import KB, MAX_PICTURE, problems, text_of
from app.core import http
from app.lib.marking import kept

SECONDS = 60.0
TWILIO = http.Allow(schemes={"https"})
OWN = http.Allow(ports=range(1, 65536), permit_private=True)  # where the configuration says it is


def send(line: Line, outgoing: Outgoing) -> Sent:
    """Its report comes to an address that holds the token: so even an answer that never came is resolved."""
    to = next((each.value for each in outgoing.to if each.kind == "phone"), None)
    if to is None:
        raise SendFailed(
            "permanent", kept("This person’s number isn’t known."), next_step=kept("Ask for it.")
        )
    service = line.external_id.startswith("MG")
    given: dict[str, object] = {
        "messaging_service_sid" if service else "from_": line.external_id,
        "status_callback": f"{line.hook_url}?{urlencode({'token': outgoing.token})}",
    }
    if text := text_of(outgoing.content):
        given["body"] = text
    if isinstance(outgoing.content, Media):
        given["media_url"] = [_picture(outgoing.content, outgoing.file)]
    with client.errors_in_words(is_send=True):
        message = client.of_line(line).messages.create(to=to, **given)  # type: ignore[arg-type]
    if not message.sid:
        raise SendFailed(
            "unknown", kept("Twilio’s answer can’t be read. It may have taken the message.")
        )
    return Sent(provider_id=message.sid)


def _picture(media: Media, file: OutgoingFile | None) -> str:
    """Where Twilio fetches it. What it doesn't take is refused before it is paid for."""
    wrong = problems(media)
    if not wrong and file is not None and len(file.body) > MAX_PICTURE:
        wrong = [kept("The picture is larger than %(size)s MB.", size=MAX_PICTURE // KB // 1000)]
    if wrong:
        raise SendFailed("permanent", wrong[0], next_step=kept("Send a smaller JPEG, PNG or GIF."))
    return pictures.url_of(media)


def download(line: Line, url: str, max_bytes: int) -> tuple[bytes, str]:
    """From Twilio alone with the account's credentials; where it leads to they don't go along."""
    try:
        answer = http.fetch(
            url, max_bytes=max_bytes, timeout=SECONDS, allow=_allowed(url),
            headers={"Authorization": _basic(line)},
        )  # fmt: skip
    except http.TooLarge:
        words = kept("The picture is larger than %(size)s MB.", size=max_bytes // 1024 // 1024)
        raise SendFailed("permanent", words, next_step=kept("Ask for a smaller one.")) from None
    except http.OutgoingError as error:
        trouble = "permanent" if error.permanent else "retry"
        raise SendFailed(trouble, kept("The picture can’t be fetched from Twilio.")) from None
    if answer.status in (404, 410):
        raise SendFailed(
            "permanent", kept("Twilio no longer has this picture."), next_step=kept("Ask again.")
        )
    if answer.status != 200:
        raise SendFailed("retry", kept("Twilio didn’t give us the picture."))
    return answer.body, answer.headers.get("content-type", "")


def _basic(line: Line) -> str:
    from base64 import b64encode

    pair = f"{line.settings.get('account_sid', '')}:{line.credentials.get('auth_token', '')}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _allowed(url: str) -> http.Allow:
    """Raises SendFailed for a host that isn't Twilio's."""
    base, asked = urlsplit(current_app.config["TWILIO_BASE_URL"]), urlsplit(url)
    if (asked.hostname or "").endswith(".twilio.com"):
        return TWILIO
    if (asked.scheme, asked.netloc) == (base.scheme, base.netloc):
        return OWN
    raise SendFailed("permanent", kept("The picture lies where none of Twilio’s should."))
