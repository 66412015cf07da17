"""Who wants no more messages says it with the whole message; whoever only uses the word says something else."""

import pytest

from app.channels.opt_words import read


@pytest.mark.parametrize(
    ("text", "means", "language"),
    [
        ("STOP", "out", "en"),
        (" stop. ", "out", "en"),
        ("Stop!!! 🙏", "out", "en"),
        ("ＳＴＯＰ", "out", "en"),
        ("please stop", "out", "en"),
        ("Stop promotions", "out", "en"),
        ("STOP_PROMOTIONS", "out", "en"),
        ("Unsubscribe me, please", "out", "en"),
        ("Don’t contact me again", "never", "en"),
        ("STOP ALL", "never", "en"),
        ("Subscribe", "in", "en"),
        ("start", "back", "en"),
        ("help", "help", "en"),
        ("BAJA", "out", "es"),
        ("Darme de baja, por favor", "out", "es"),
        ("¡No más mensajes!", "out", "es"),
        ("No me escriban más", "never", "es"),
        ("Alta", "back", "es"),
        ("Não quero mais mensagens", "out", "pt"),
        ("Sair", "out", "pt"),
        ("Quero receber promoções", "in", "pt"),
        ("Arrêt", "out", "fr"),
        ("ARRETEZ s’il vous plaît", "out", "fr"),
        ("Ne m'écrivez plus", "never", "fr"),
        ("Je m’abonne", "in", "fr"),
        ("Abmelden", "out", "de"),
        ("Bitte keine Werbung mehr!", "out", "de"),
        ("Stopp", "out", "de"),
        ("Basta pubblicità", "out", "it"),
        ("Cancellami grazie", "out", "it"),
        ("Uitschrijven aub", "out", "nl"),
        ("Geen reclame meer", "out", "nl"),
        ("रोकें", "out", "hi"),
        ("कृपया बंद करें।", "out", "hi"),
        ("शुरू करें", "back", "hi"),
        ("إيقاف", "out", "ar"),
        ("إلغاء الاشتراك", "out", "ar"),
        ("أَوْقِف", "out", "ar"),
        ("لا تتصلوا بي!", "never", "ar"),
    ],
)
def test_the_whole_message_says_it(text, means, language):
    said = read(text)
    assert said is not None
    assert (said.means, said.language) == (means, language)


@pytest.mark.parametrize(
    "text",
    [
        "please stop by tomorrow",
        "Can you stop the delivery?",
        "Where does the bus stop",
        "nonstop",
        "Stopover in Madrid",
        "I want to cancel",
        "cancel",
        "end",
        "quit smoking class",
        "yes",
        "Start at nine?",
        "help me choose a plant",
        "How do I unsubscribe from the course?",
        "para mañana",
        "¿Está de baja la profesora?",
        "arrêt de bus",
        "Wo kann ich mich abmelden?",
        "Basta così, quanto costa?",
        "दुकान बंद है?",
        "متى توقف الحافلة",
        "s-t-o-p",
        "please",
        "🛑",
        "",
        "stop " * 40,
    ],
)
def test_a_near_miss_says_something_else(text):
    assert read(text) is None
