"""What needs no knowledge: a greeting, thanks, a good-bye, and the wish for a person.

Only a message that is nothing else counts: "hi, do you deliver?" is a question.
"""

import re

_END = r"[\s!¡.,:;)❤️😊👍🙏،؟।]*$"

# By language: the words, and what comes back. {business} is its name.
_COURTESIES = [
    (re.compile(rf"^[\s¡]*({words}){_END}", re.I), reply)
    for words, reply in (
        (r"(hi|hello|hey|hiya|good (morning|afternoon|evening|day))( there| all| team)?|get started",
         "Hello! What would you like to know?"),
        (r"hola( a todos)?|(hola,? )?buen[oa]s( d[ií]as| tardes| noches)?", "¡Hola! ¿En qué puedo ayudarle?"),
        (r"bonjour|salut|bonsoir", "Bonjour ! Que souhaitez-vous savoir ?"),
        (r"hallo|guten (tag|morgen|abend)|moin|servus|gr(ü|ue)(ß|ss) gott", "Hallo! Was möchten Sie wissen?"),
        (r"ciao|buongiorno|buonasera|salve", "Buongiorno! Come posso aiutarla?"),
        (r"ol[aá]|bom dia|boa (tarde|noite)|oi", "Olá! Em que posso ajudar?"),
        (r"नमस्ते|नमस्कार", "नमस्ते! आप क्या जानना चाहेंगे?"),
        (r"مرحب[اً]*|أهل[اً]*|السلام عليكم|صباح الخير|مساء الخير", "مرحبًا! كيف يمكنني مساعدتك؟"),
        (r"((ok(ay)?|great|perfect|lovely),? )?(many )?(thanks|thank you|thx|ty|cheers)"
         r"( so much| very much| a lot| again| for (your|the) help)?",
         "You’re welcome. Is there anything else I can help with?"),
        (r"(muchas |mil )?gracias", "De nada. ¿Puedo ayudarle en algo más?"),
        (r"merci( beaucoup| bien)?", "Avec plaisir. Puis-je encore vous aider ?"),
        (r"danke( schön| sehr)?|vielen dank", "Gern geschehen. Kann ich sonst noch helfen?"),
        (r"grazie( mille)?", "Prego. Posso aiutarla in altro?"),
        (r"(muito )?obrigad[oa]", "De nada. Posso ajudar em mais alguma coisa?"),
        (r"(बहुत )?(धन्यवाद|शुक्रिया)", "आपका स्वागत है। क्या मैं और कुछ मदद कर सकता हूँ?"),
        (r"شكر[اً]*( جزيل[اً]*)?", "على الرحب والسعة. هل من شيء آخر؟"),
        (r"(bye|good ?bye|see (you|ya)( later| soon)?)( bye)?",
         "Good-bye, and thank you for writing to {business}."),
        (r"adi[oó]s|hasta luego", "Adiós, y gracias por escribir a {business}."),
        (r"au revoir|à bientôt", "Au revoir, et merci d’avoir écrit à {business}."),
        (r"tsch(ü|ue)ss|auf wiedersehen", "Auf Wiedersehen, und danke für Ihre Nachricht an {business}."),
        (r"arrivederci", "Arrivederci, e grazie per aver scritto a {business}."),
        (r"tchau|adeus|até logo", "Até logo, e obrigado por escrever para {business}."),
        (r"अलविदा", "{business} को लिखने के लिए धन्यवाद।"),
        (r"مع السلامة|وداع[اً]*", "مع السلامة، وشكرًا لمراسلة {business}."),
    )
]  # fmt: skip

# A verb of speaking and a person near it; or a person alone. Words such as "per person" are no wish.
_PERSON = re.compile(
    r"\b((talk|speak|chat|write|connect|put me through|get me|transfer)\b.{0,25}"
    r"\b(person|human|someone|somebody|agent|staff|(real|actual) (person|human|one)|team|manager|owner)"
    r"|(real|actual|live) (person|human|agent)|human (please|being)|(i want|i need|give me) a (human|person)"
    r"|(hablar|charlar) con .{0,15}\b(persona|alguien|humano|agente|encargad[oa])|agente humano|persona real"
    r"|(parler|discuter) (à|a|avec) .{0,15}\b(quelqu['’]un|personne|humain|conseill(er|ère)|responsable)"
    r"|mit .{0,20}\b(mensch(en)?|jemande[mn]|person|mitarbeiter(in)?)\b.{0,10}\b(sprechen|reden|chatten)"
    r"|(falar|conversar) com .{0,15}\b(pessoa|algu[eé]m|humano|atendente|respons[aá]vel))\b"
    r"|^(a |ein(en)? |bitte (einen )?|un |una |uma? )?"
    r"(human|person|agent|mensch(en)?|mitarbeiter|humano|persona|humain|personne|atendente|pessoa|conseiller)( please| bitte)?" + _END +
    r"|(इंसान|व्यक्ति|आदमी|किसी) से बात"
    r"|(التحدث|أتحدث|أتكلم|التكلم|الكلام|اتحدث|اتكلم) (مع|إلى|الى) (شخص|موظف|إنسان|انسان|أحد|احد|ممثل)",
    re.I,
)  # fmt: skip

_YES = re.compile(
    r"^[\s¡]*(yes|yeah|yep|yup|sure|ok(ay)?|please do|s[ií]|claro|oui|ja|gern(e)?|sim|हाँ|हां|जी|نعم)"
    r"(,? (please|thanks|thank you|sure|por favor|s['’]il (vous|te) pla[iî]t|bitte|gern(e)?|per favore))*" + _END,
    re.I,
)  # fmt: skip

# Of the kinds of remark that nobody adds knowledge for; what is near one of them in meaning is no gap.
ASIDES = (
    "how do you do?", "how is it going", "who made you?", "are you human or a bot?", "you are great",
    "you are useless", "that is funny, haha", "say something funny", "I like you", "okay",
    "yes please", "no thanks", "forget it", "just testing", "hello?", "see you later",
    "I have something to ask", "could you help me please", "what do you know?", "sorry",
)  # fmt: skip


def reply_to(text: str, business_name: str) -> str | None:
    """In the language of the greeting, the thanks or the good-bye."""
    text = text.strip()
    replies = (reply for words, reply in _COURTESIES if words.match(text))
    reply = next(replies, None)
    return reply.format(business=business_name) if reply else None


def wants_person(text: str) -> bool:
    return len(text) <= 200 and bool(_PERSON.search(text.strip()))


def agrees(text: str) -> bool:
    return bool(_YES.match(text.strip()))
