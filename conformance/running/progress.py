"""What a run is doing at the moment, for people who wait. How it is shown is not known here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """A phase of a run."""

    what: str
    """What is done, as a participle: "playing", "confirming 12 silent findings"."""
    seconds: float | None = None
    """How long it takes at most; None where that is not known."""

    def __str__(self) -> str:
        """The phase in words."""
        return self.what if self.seconds is None else f"{self.what}, up to {self.seconds:.0f} s"
