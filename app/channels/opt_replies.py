"""What somebody is told once after they said that they want no more messages, or want them again."""

REPLIES: dict[str, dict[str, str]] = {
    "en": {
        "out": "You won’t get offers and news from us here any more. You can still ask us anything. Write START to get them again.",
        "never": "We won’t write to you here any more. Write START if you change your mind.",
        "in": "Thank you. You will get our offers and news here. Write STOP to end them.",
    },
    "es": {
        "out": "Ya no recibirás ofertas ni novedades nuestras por aquí. Puedes seguir preguntándonos lo que quieras. Escribe ALTA para volver a recibirlas.",
        "never": "No volveremos a escribirte por aquí. Escribe ALTA si cambias de opinión.",
        "in": "Gracias. Recibirás aquí nuestras ofertas y novedades. Escribe BAJA para dejar de recibirlas.",
    },
    "pt": {
        "out": "Você não receberá mais ofertas e novidades nossas por aqui. Pode continuar a perguntar o que quiser. Escreva VOLTAR para receber de novo.",
        "never": "Não escreveremos mais por aqui. Escreva VOLTAR se mudar de ideia.",
        "in": "Obrigado. Você receberá aqui as nossas ofertas e novidades. Escreva SAIR para deixar de receber.",
    },
    "fr": {
        "out": "Vous ne recevrez plus nos offres et actualités ici. Vous pouvez toujours nous poser vos questions. Écrivez REPRENDRE pour les recevoir à nouveau.",
        "never": "Nous ne vous écrirons plus ici. Écrivez REPRENDRE si vous changez d’avis.",
        "in": "Merci. Vous recevrez ici nos offres et actualités. Écrivez ARRÊT pour ne plus les recevoir.",
    },
    "de": {
        "out": "Sie bekommen hier keine Angebote und Neuigkeiten mehr von uns. Fragen können Sie uns weiterhin. Mit START bekommen Sie sie wieder.",
        "never": "Wir schreiben Ihnen hier nicht mehr. Mit START können Sie das ändern.",
        "in": "Danke. Sie bekommen hier unsere Angebote und Neuigkeiten. Mit STOPP beenden Sie das.",
    },
    "it": {
        "out": "Non riceverai più nostre offerte e novità qui. Puoi sempre farci domande. Scrivi RIPRENDI per riceverle di nuovo.",
        "never": "Non ti scriveremo più qui. Scrivi RIPRENDI se cambi idea.",
        "in": "Grazie. Riceverai qui le nostre offerte e novità. Scrivi STOP per non riceverle più.",
    },
    "nl": {
        "out": "U krijgt hier geen aanbiedingen en nieuws meer van ons. Vragen stellen kan altijd. Stuur START om ze weer te krijgen.",
        "never": "We schrijven u hier niet meer. Stuur START als u zich bedenkt.",
        "in": "Bedankt. U krijgt hier onze aanbiedingen en nieuws. Stuur STOP om ermee te stoppen.",
    },
    "hi": {
        "out": "अब आपको यहाँ हमारे ऑफ़र और समाचार नहीं मिलेंगे। आप हमसे कुछ भी पूछ सकते हैं। फिर से पाने के लिए START लिखें।",
        "never": "अब हम आपको यहाँ नहीं लिखेंगे। मन बदले तो START लिखें।",
        "in": "धन्यवाद। आपको यहाँ हमारे ऑफ़र और समाचार मिलेंगे। बंद करने के लिए STOP लिखें।",
    },
    "ar": {
        "out": "لن تصلك عروضنا وأخبارنا هنا بعد الآن. يمكنك أن تسألنا في أي وقت. اكتب START لتصلك من جديد.",
        "never": "لن نراسلك هنا بعد الآن. اكتب START إذا غيّرت رأيك.",
        "in": "شكرًا. ستصلك عروضنا وأخبارنا هنا. اكتب STOP لإيقافها.",
    },
}
