"""What visitors want, as a closed list. An intent is told by the example that means nearly the same."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

OTHER = "other"
SMALL_TALK = "small_talk"
NO_CUSTOMER = ("supplier", "spam")  # wrote for a purpose of their own


@dataclass(frozen=True, slots=True)
class Intent:
    """`words` are those of other languages than English, without accents: long ones by their beginning."""

    name: str
    label: str
    examples: tuple[str, ...]
    words: str = ""


# The rarer first: of two that share as many words the first is meant.
INTENTS = (
    Intent("spam", _l("Spam"),
        ("Boost your Google ranking with our SEO services", "Buy followers cheap", "You have won a prize, click here",
         "Earn money from home with crypto", "we can redesign your website and bring you to page one of Google",
         "casino bonus free spins",
         "you have been selected to receive a free gift card"),
        "seo backlinks casino crypto viagra"),
    Intent("supplier", _l("Supplier or offer"),
        ("We would like to offer you our products wholesale", "Can I speak to your purchasing manager?",
         "We are a supplier of packaging", "we offer cheap electricity for businesses",
         "our company provides cleaning services for shops like yours"),
        "proveedor mayorista lieferant grosshandel fournisseur grossiste fornecedor atacado"),
    Intent("job", _l("Job application"),
        ("Are you hiring?", "I would like to work for you", "Do you have any vacancies?",
         "I want to send you my CV", "do you offer apprenticeships", "is there a weekend job"),
        "trabajo empleo vacante curriculum bewerb bewerbung stelle stellen arbeit ausbildung praktikum "
        "emploi travailler recrut stage candidature vaga emprego trabalhar curriculo"),
    Intent("complaint", _l("Complaint"),
        ("I want to complain about your service", "I am very disappointed", "My order arrived broken",
         "nobody called me back", "you charged me twice", "the job was done badly"),
        "queja quejar reclamacion decepcion roto beschwer enttausch unzufrieden kaputt "
        "plainte reclamation decu casse reclamac reclamar decepcion quebrad"),
    Intent("change_booking", _l("Change or cancel a booking"),
        ("I need to cancel my appointment", "Can I move my booking to another day?",
         "I'm running late for my appointment", "please reschedule my reservation"),
        "cancelar anular stornieren absagen verschieben umbuchen annuler deplacer decaler "
        "reporter desmarcar remarcar cancelar"),
    Intent("returns", _l("Returns and guarantee"),
        ("Can I return this?", "I want a refund", "What is your guarantee?", "How do I exchange it?",
         "my money back please", "the warranty on this product", "can I bring it back without a receipt"),
        "devolver devolucion reembolso garantia cambiar zuruckgeben ruckgabe umtausch umtauschen erstattung "
        "garantie retour rembours echange echanger devolucao trocar troca reembolso"),
    Intent("booking", _l("Booking"),
        ("I would like to book an appointment", "Can I make a reservation for two?",
         "Do you have a free slot tomorrow?", "Is there a table free tonight?",
         "can I come in on Friday at 3", "I need an appointment this week"),
        "cita reservar reserva reservacion turno termin buchen reservieren reservierung "
        "rendez rdv reserver reservation marcar agendar marcacao consulta reservar"),
    Intent("payment", _l("Paying and invoices"),
        ("Can I pay by card?", "Do you take cash?", "I need an invoice", "Can I pay in instalments?",
         "Do you accept PayPal?", "how can I pay my bill"),
        "pagar pago tarjeta factura efectivo bezahlen zahlen zahlung karte rechnung bar "
        "payer paiement carte facture especes pagamento cartao fatura dinheiro"),
    Intent("order", _l("Orders and delivery"),
        ("Where is my order?", "Do you deliver to my address?", "do you deliver on Saturdays", "How long does delivery take?",
         "I'd like to order two of them", "track my parcel", "how much is shipping", "when will my order arrive"),
        "pedido entrega entregan envio envian enviar bestellung bestellen lieferung liefern liefert versand "
        "commande commander livraison livrez livrer colis encomenda entregam entregar envio"),
    Intent("opening_hours", _l("Opening hours"),
        ("When are you open?", "What time do you close today?", "Are you open on Sundays?",
         "Do you open on bank holidays?", "until what time can I come", "are you open now"),
        "abiert abre abren abrir cierra cierran horario geoffnet offnungszeiten  offen schliess "
        "ouvert ouvre ouvrez ferme fermez horaires aberto aberta abrem fecha fecham horario"),
    Intent("directions", _l("Getting here"),
        ("Where are you?", "What is your address?", "Is there parking?", "How do I get there by bus?",
         "is it wheelchair accessible", "which street are you in"),
        "donde direccion aparcar parking aparcamiento llegar estacionamiento wo adresse parken parkplatz anfahrt "
        "ou adresse garer stationnement parking onde endereco estacionar estacionamento"),
    Intent("contact", _l("How to reach you"),
        ("What is your phone number?", "Can I call you?", "what's your email address",
         "how can I contact you", "please call me back", "I want to leave a message"),
        "telefono llamar llamame correo contactar telefonnummer anrufen ruckruf zuruckrufen kontakt "
        "telephone appeler rappeler contacter telefone ligar contato"),
    Intent("person", _l("Wants a person"),
        ("I want to talk to a person", "Can I speak to the manager?", "get me a human", "are you a bot?"),
        "humano mensch mitarbeiter chef humain atendente humano"),
    Intent("prices", _l("Prices"),
        ("How much does it cost?", "What are your prices?", "How much is a haircut?",
         "Do you have a discount?", "what do you charge for this", "price list please"),
        "cuanto cuesta precio precios cuestan tarifa vale kostet kosten preis preise teuer "
        "combien coute coutent prix tarif tarifs cher quanto custa preco precos"),
    Intent("advice", _l("Advice"),
        ("How often should I water it?", "Which one would you recommend?", "What is best for dry skin?",
         "when should I prune roses", "how do I clean it", "what is wrong with my plant", "how does it work"),
        "recomienda recomiendan aconseja  empfehlen empfehlt rat  welche "
        "conseil conseillez recommand comment recomenda recomendam aconselha"),
    Intent("offering", _l("What you offer"),
        ("Do you sell garden tools?", "Do you have this in stock?", "What services do you offer?",
         "Have you got gift vouchers?", "do you repair phones", "can I hire one from you", "are dogs allowed"),
        "venden tienen teneis hay ofrecen verkauf haben gibt bieten habt fuhren vendez avez faites proposez "
        "vendem tem voces oferecem fazem"),
)  # fmt: skip

LABELS = {each.name: each.label for each in INTENTS} | {
    SMALL_TALK: _l("Small talk"),
    OTHER: _l("Something else"),
}
NAMES = tuple(LABELS)
