"""Where keys lie between each other, guessed from a few of them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from os.path import commonprefix
from typing import Final

from zstore.keys import is_key

__all__ = ["Alphabets"]

_DIGITS: Final = "0123456789"

# So many letters among digits, and what stands there is taken for a hash, not a number.
_LETTERS_OF_A_HASH: Final = 4

# A bound of the memory, a few MB, whatever keys there are.
_MAX_NLEARNT: Final = 10_000

# The part of the order that floating point numbers cannot divide any further.
_FINEST: Final = 1e-15

# A cut may lie off its place by so much of the distance to the next cut or end.
_SLACK: Final = 0.3


class _Context:
    """A place in keys: after certain separators, so many characters into a word.

    Attributes
    ----------
    follow
        The characters that were seen there, and the place after each.
    characters
        The same, in order.
    longer, shorter
        The places one character of the word later and earlier; None if there is none.
    """

    __slots__ = ("characters", "follow", "longer", "shorter")

    def __init__(self, shorter: "_Context | None" = None) -> None:
        self.follow: dict[str, _Context] = {}
        self.characters: list[str] = []
        self.longer: _Context | None = None
        self.shorter = shorter

    def add(self, characters: Sequence[str]) -> "_Context":
        """Note characters, all of words or one separator, and return the place after."""
        if not characters[0].isalnum():
            after = _Context()
        else:
            after = self.longer = self.longer or _Context(shorter=self)
        self.follow.update(dict.fromkeys(characters, after))
        self.characters = sorted(self.follow)
        return after

    def letters(self) -> list[str]:
        """Return the letters that stand where digits stand too."""
        if _DIGITS[0] not in self.follow:
            return []
        return [character for character in self.characters if character.isalpha()]


class Alphabets:
    """The characters that were seen at each place of the keys.

    They make a key a number, as digits do, with a base of its own at each place: that
    says how much of a range was listed, and which key lies in the middle of the rest. A
    place is known by the separators before it (all that is no letter or digit) and by how
    many characters of a word stand before it, so that numbers of different lengths and
    words of different lengths have different places. It is all a guess: only speed
    depends on it.

    Examples
    --------
    >>> alphabets = Alphabets()
    >>> alphabets.learn("a/0")
    >>> alphabets.cuts("a/1", "a/9", [0.5])
    ['a/5']
    """

    def __init__(self) -> None:
        self._start = _Context()
        self._nlearnt = 0

    def learn(self, key: str) -> None:
        """Take note of the characters of `key`; one digit stands for all ten.

        Notes
        -----
        About 50 ns a character, more for those that are new at their place. Memory is
        bounded: after some thousands of them nothing more is learnt.
        """
        context = self._start
        for character in key:
            after = context.follow.get(character)
            if after is None:
                if self._nlearnt == _MAX_NLEARNT:
                    return
                self._nlearnt += 1
                digit = character in _DIGITS
                after = context.add(_DIGITS if digit else character)
                _spread(context.longer or context)
            context = after

    def places(self, keys: Sequence[str], until: str | None) -> list[float]:
        """Return where `keys` and `until` lie between each other.

        Parameters
        ----------
        keys
            In ascending order, none after `until`.
        until
            None for the end of the order.

        Returns
        -------
        list of float
            One a key and one for `until`, ascending, from 0 to 1, but for rounding.
        """
        common = _beginning(keys[0], until)
        places = [self._place(common, key) for key in keys]
        return [*places, 1.0 if until is None else self._place(common, until)]

    def cuts(self, after: str, until: str | None, shares: Sequence[float]) -> list[str]:
        """Return short keys inside of a range.

        Parameters
        ----------
        after, until
            The range, as in `KeyRange`.
        shares
            About which shares of the range lie before each cut; ascending.

        Returns
        -------
        list of str
            Ascending, none twice, and fewer than asked for where the range cannot be cut
            so often. All are keys (`zstore.keys.is_key`), so that no store takes them for
            something else when a listing starts there.
        """
        common = _beginning(after, until)
        low, high = self.places([after], until)
        found: list[str] = []
        for before, share, beyond in zip(
            [0, *shares], shares, [*shares[1:], 1], strict=False
        ):
            slack = (high - low) * min(share - before, beyond - share) * _SLACK
            last, best = found[-1] if found else after, None
            for key, distance in self._near(common, low + (high - low) * share):
                if last < key and (until is None or key < until) and is_key(key):
                    best = key
                    if distance <= slack:
                        break
            if best is not None:
                found.append(best)
        return found

    def _context(self, beginning: str) -> _Context | None:
        """Return the place after `beginning`; None where such keys were not seen."""
        context: _Context | None = self._start
        for character in beginning:
            if context is None:
                break
            context = context.follow.get(character)
        return context

    def _place(self, common: str, key: str) -> float:
        """Return where `key` lies among the keys that begin with `common`."""
        context = self._context(common)
        place, scale = 0.0, 1.0
        for character in key[len(common) :]:
            if context is None or not context.characters or scale < _FINEST:
                break
            scale /= len(context.characters)
            place += bisect_left(context.characters, character) * scale
            context = context.follow.get(character)
        return place

    def _near(self, common: str, place: float) -> Iterator[tuple[str, float]]:
        """Iterate over longer and longer texts at a place, and how far before it they lie.

        They begin with `common`, among the keys of which `place` is meant.
        """
        context, text, scale = self._context(common), common, 1.0
        while context is not None and context.characters and scale >= _FINEST:
            scale /= len(context.characters)
            index = min(int(place / scale), len(context.characters) - 1)
            place -= index * scale
            text += context.characters[index]
            yield text, place
            context = context.follow[context.characters[index]]


def _beginning(key: str, until: str | None) -> str:
    """Return what the keys from `key` to `until` begin with."""
    if until is None:
        return ""
    return commonprefix((key, until))  # noqa: RUF071 -- not of segments: of characters


def _spread(context: _Context) -> None:
    """Let the places before one in the same word know its letters, if it is in a hash.

    Of hashes in order, the first characters hardly change from page to page, and the last
    ones have shown all that the alphabet has.
    """
    while (shorter := context.shorter) is not None:
        letters = context.letters()
        if len(letters) >= _LETTERS_OF_A_HASH and _DIGITS[0] in shorter.follow:
            shorter.add(letters)
        context = shorter
