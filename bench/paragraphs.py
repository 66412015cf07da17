"""Generated knowledge: up to 1,000 paragraphs of 100 words, each on a subject of its own, and questions on them.

Always the same for the same number, so that runs can be compared.
"""

import random
from dataclasses import dataclass
from pathlib import Path

WORDS = 100
SERVICES = (
    "boiler service", "chimney sweeping", "window cleaning", "carpet cleaning", "piano tuning",
    "bicycle repair", "dog grooming", "hedge trimming", "lawn mowing", "roof inspection",
    "gutter clearing", "oven cleaning", "key cutting", "shoe repair", "watch repair",
    "curtain making", "furniture upholstery", "picture framing", "knife sharpening", "tree felling",
    "pond maintenance", "solar panel cleaning", "alarm installation", "garage door repair",
    "locksmith visit", "damp survey", "wall plastering", "tile laying", "floor sanding",
    "fence building", "house moving", "wedding catering", "cake baking", "flower delivery",
    "passport photos", "guitar lessons", "swimming lessons", "driving lessons",
    "language lessons", "computer repair",
)  # fmt: skip
TOWNS = (
    "Ashford", "Bexhill", "Canterbury", "Dover", "Eastbourne", "Folkestone", "Guildford",
    "Hastings", "Ipswich", "Kettering", "Lewes", "Maidstone", "Norwich", "Oxford", "Peterborough",
    "Reading", "Salisbury", "Taunton", "Uckfield", "Ventnor", "Winchester", "Yeovil", "Swindon",
    "Bedford", "Cheltenham",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
PEOPLE = ("Alma", "Bertram", "Celeste", "Dorian", "Edith", "Floyd", "Greta", "Horace", "Imogen")
SENTENCES = (
    "Our people come on {day} between {hour} and {later} o'clock and ring half an hour before they arrive.",
    "Please book at least {days} days ahead, because the diary fills quickly in spring and before the holidays.",
    "Ask for {person} when you call, who has looked after customers in this part of the county for {years} years.",
    "If something is not right afterwards, tell us within {days} days and we come back without any charge.",
    "You can pay by card, by bank transfer or in cash, and businesses receive an invoice with thirty days to pay.",
    "Someone over eighteen has to be at home for the first {minutes} minutes, after that you are free to leave.",
    "A visit takes about {minutes} minutes, longer where stairs are narrow or parking is more than fifty metres away.",
    "Pensioners and students get {percent} per cent off on any {day} when they show a valid card at the door.",
    "Cancelling is free until noon on the day before, later than that we keep a deposit of {deposit} pounds.",
    "We bring our own tools, ladders and covers for the floor, and take packaging and waste away with us.",
    "In a street with permits please leave a visitor's permit behind the windscreen before {hour} o'clock.",
    "For a second appointment in the same year the price goes down by {percent} per cent without asking.",
)
QUESTIONS = (
    "How much does {service} cost in {town}?",
    "what is the price of {service} in {town}",
    "Do you offer {service} in {town}, and on which day do you come?",
    "who do i ask for about {service} in {town}",
    "cancelling {service} in {town}, what does it cost",
)


@dataclass(frozen=True)
class Subject:
    service: str
    town: str


def subjects(count: int) -> list[Subject]:
    every = [Subject(service, town) for service in SERVICES for town in TOWNS]
    return random.Random(1).sample(every, count)


def write_files(folder: Path, count: int, per_file: int) -> list[Path]:
    """Markdown files, a heading over each paragraph."""
    every = [f"## {title(subject)}\n\n{_paragraph(subject)}\n" for subject in subjects(count)]
    paths = []
    for start in range(0, count, per_file):
        path = folder / f"services-{start + 1}-to-{min(count, start + per_file)}.md"
        path.write_text("# Our services\n\n" + "\n".join(every[start : start + per_file]))
        paths.append(path)
    return paths


def questions(count: int, seed: int) -> list[str]:
    generator = random.Random(seed)
    asked = generator.choices(subjects(1000), k=count)
    return [
        generator.choice(QUESTIONS).format(service=subject.service, town=subject.town)
        for subject in asked
    ]


def question_on(subject: Subject) -> str:
    """Always the same one."""
    return QUESTIONS[0].format(service=subject.service, town=subject.town)


def title(subject: Subject) -> str:
    return f"{subject.service.capitalize()} in {subject.town}"


def _paragraph(subject: Subject) -> str:
    generator = random.Random(title(subject))
    words = f"{title(subject)} costs {generator.randint(20, 400)} pounds for a first visit.".split()
    for sentence in generator.sample(SENTENCES, len(SENTENCES)):
        words += filled(sentence, generator).split()
        if len(words) >= WORDS:
            break
    return " ".join(words[:WORDS]).rstrip(",.") + "."


def filled(sentence: str, generator: random.Random) -> str:
    return sentence.format(
        day=generator.choice(DAYS),
        person=generator.choice(PEOPLE),
        hour=generator.randint(7, 11),
        later=generator.randint(12, 18),
        days=generator.randint(2, 14),
        years=generator.randint(2, 30),
        minutes=generator.randint(2, 12) * 10,
        percent=generator.randint(1, 6) * 5,
        deposit=generator.randint(1, 8) * 5,
    )
