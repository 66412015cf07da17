"""Words that are one slip of the fingers away: a letter too many, too few, another one, or two that changed places."""

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (  # first and last letter of other scripts
    ("α", "ω"), ("а", "я"), ("א", "ת"), ("ء", "ي"), ("अ", "ह"),
)  # fmt: skip


def one_edit_away(word: str) -> set[str]:
    splits = [(word[:index], word[index:]) for index in range(len(word) + 1)]
    letters = sorted(set(_alphabet(word)) | set(word))
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in letters}
    found |= {left + letter + right for left, right in splits for letter in letters}
    return found - {word}


def _alphabet(word: str) -> str:
    for first, last in _ALPHABETS:
        if any(first <= letter <= last for letter in word):
            return "".join(chr(code) for code in range(ord(first), ord(last) + 1))
    return ALPHABET
