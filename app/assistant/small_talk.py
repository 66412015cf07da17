"""What needs no knowledge: a greeting, thanks, a good-bye, and the wish for a person.

Only a message that is nothing else counts: "hi, do you deliver?" is a question.
"""

import re

_END = r"[\s!.,:;)❤️😊👍🙏]*$"

_GREETING = re.compile(
    r"^(hi|hello|hey|hiya|good (morning|afternoon|evening|day)|hola|buen[oa]s( d[ií]as| tardes| noches)?"
    r"|bonjour|salut|hallo|guten (tag|morgen|abend)|ciao|ol[aá])( there| all| team)?" + _END,
    re.I,
)
_THANKS = re.compile(
    r"^(ok(ay)?,? |great,? |perfect,? |lovely,? )?(many )?(thanks|thank you|thx|ty|cheers|gracias|merci|danke|grazie|obrigad[oa])"
    r"( so much| very much| a lot| again| for (your|the) help)?" + _END,
    re.I,
)
_GOODBYE = re.compile(
    r"^(bye|good ?bye|see (you|ya)( later| soon)?|adi[oó]s|au revoir|tsch[uü]ss)( bye)?" + _END,
    re.I,
)
_PERSON = re.compile(
    r"\b((talk|speak|chat|write|connect|put me through|get me|transfer)\b.{0,25}"
    r"\b(person|human|someone|somebody|agent|staff|(real|actual) (person|human|one)|team|manager|owner)"
    r"|(real|actual|live) (person|human|agent)|human (please|being)|(i want|i need|give me) a (human|person)"
    r"|hablar con (una persona|alguien|un humano)|parler [àa] (quelqu'un|une personne|un humain)"
    r"|mit (einem menschen|jemandem) sprechen)\b"
    r"|^(a )?(human|person|agent)( please)?" + _END,
    re.I,
)

# Of the kinds of remark that nobody adds knowledge for; what is near one of them in meaning is no gap.
ASIDES = (
    "how do you do?", "how is it going", "who made you?", "are you human or a bot?", "you are great",
    "you are useless", "that is funny, haha", "say something funny", "I like you", "okay",
    "yes please", "no thanks", "forget it", "just testing", "hello?", "see you later",
    "I have something to ask", "could you help me please", "what do you know?", "sorry",
)  # fmt: skip


def reply_to(text: str, business_name: str) -> str | None:
    text = text.strip()
    if _GREETING.match(text):
        return "Hello! What would you like to know?"
    if _THANKS.match(text):
        return "You’re welcome. Is there anything else I can help with?"
    if _GOODBYE.match(text):
        return f"Good-bye, and thank you for writing to {business_name}."
    return None


def wants_person(text: str) -> bool:
    return len(text) <= 200 and bool(_PERSON.search(text.strip()))
