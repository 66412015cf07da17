"""What the chat says where the owner wrote nothing, in each language that it speaks. `{name}` is the business."""

LANGUAGES = {
    "en": "English",
    "es": "Español",
    "pt": "Português",
    "fr": "Français",
    "de": "Deutsch",
    "hi": "हिन्दी",
    "ar": "العربية",
}
RIGHT_TO_LEFT = frozenset({"ar"})
FALLBACK = "en"

BUILT_IN: dict[str, dict[str, str]] = {
    "en": {
        "title": "{name}",
        "greeting": "Hello! How can I help?",
        "launcher": "Chat with {name}",
        "offline": "We’re closed right now. Leave a message and how to reach you, and we’ll answer when we open.",
        "consent": "An AI assistant answers here. What you write is kept so that we can help you.",
        "close": "Close",
        "failed": "The chat can’t open here right now. Please try again later.",
    },
    "es": {
        "title": "{name}",
        "greeting": "¡Hola! ¿En qué puedo ayudarle?",
        "launcher": "Chatear con {name}",
        "offline": "Ahora estamos cerrados. Déjenos un mensaje y cómo localizarle, y le responderemos al abrir.",
        "consent": "Aquí responde un asistente de IA. Guardamos lo que escribe para poder ayudarle.",
        "close": "Cerrar",
        "failed": "El chat no se puede abrir ahora. Inténtelo más tarde.",
    },
    "pt": {
        "title": "{name}",
        "greeting": "Olá! Como posso ajudar?",
        "launcher": "Conversar com {name}",
        "offline": "Estamos fechados agora. Deixe uma mensagem e o seu contato, e responderemos quando abrirmos.",
        "consent": "Aqui responde um assistente de IA. Guardamos o que você escreve para poder ajudar.",
        "close": "Fechar",
        "failed": "O chat não pode ser aberto agora. Tente mais tarde.",
    },
    "fr": {
        "title": "{name}",
        "greeting": "Bonjour ! Comment puis-je vous aider ?",
        "launcher": "Discuter avec {name}",
        "offline": "Nous sommes fermés. Laissez un message et vos coordonnées : nous répondrons à l’ouverture.",
        "consent": "Un assistant IA répond ici. Ce que vous écrivez est conservé pour pouvoir vous aider.",
        "close": "Fermer",
        "failed": "Le chat ne peut pas s’ouvrir pour le moment. Réessayez plus tard.",
    },
    "de": {
        "title": "{name}",
        "greeting": "Hallo! Wie kann ich helfen?",
        "launcher": "Chat mit {name}",
        "offline": "Wir haben gerade geschlossen. Schreiben Sie uns, wie wir Sie erreichen: Wir antworten, sobald wir öffnen.",
        "consent": "Hier antwortet ein KI-Assistent. Was Sie schreiben, wird aufbewahrt, damit wir Ihnen helfen können.",
        "close": "Schließen",
        "failed": "Der Chat lässt sich gerade nicht öffnen. Bitte versuchen Sie es später.",
    },
    "hi": {
        "title": "{name}",
        "greeting": "नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?",
        "launcher": "{name} से चैट करें",
        "offline": "हम अभी बंद हैं। अपना संदेश और संपर्क छोड़ दें, खुलते ही हम जवाब देंगे।",
        "consent": "यहाँ एक AI सहायक जवाब देता है। आपका लिखा हुआ आपकी मदद के लिए रखा जाता है।",
        "close": "बंद करें",
        "failed": "चैट अभी नहीं खुल सकती। कृपया बाद में कोशिश करें।",
    },
    "ar": {
        "title": "{name}",
        "greeting": "مرحبًا! كيف يمكنني مساعدتك؟",
        "launcher": "الدردشة مع {name}",
        "offline": "نحن مغلقون الآن. اترك رسالتك وطريقة التواصل معك، وسنرد عليك عند الافتتاح.",
        "consent": "يجيبك هنا مساعد ذكاء اصطناعي. نحتفظ بما تكتبه حتى نتمكن من مساعدتك.",
        "close": "إغلاق",
        "failed": "لا يمكن فتح الدردشة الآن. يرجى المحاولة لاحقًا.",
    },
}


def spoken(*wanted: str | None) -> str:
    """The language of ours that the first of these tags means, as `pt-BR` does; English where we speak none."""
    languages = ((each or "").strip().lower().partition("-")[0] for each in wanted)
    return next((each for each in languages if each in LANGUAGES), FALLBACK)


def direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
