"""Which of many were seen: one bit each, so that the largest comparison stays small."""


class Marks:
    """A set of positive ids."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, id_: int) -> bool:
        """Mark it; whether it was not marked before."""
        place, bit = id_ >> 3, 1 << (id_ & 7)
        if place >= len(self._bits):
            # Half as much again, so that growing costs little.
            self._bits.extend(bytes(place + 1 + place // 2 - len(self._bits)))
        is_new = not self._bits[place] & bit
        self._bits[place] |= bit
        return is_new

    def __contains__(self, id_: int) -> bool:
        place = id_ >> 3
        return place < len(self._bits) and bool(self._bits[place] & 1 << (id_ & 7))
