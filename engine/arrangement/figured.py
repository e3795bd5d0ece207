"""What has a figure in every bar: which one is its main one, and which are used at all?"""

from collections.abc import Hashable
from typing import Any, Generic, Protocol, TypeVar


class Keyed(Protocol):
    """A figure that is the same as another when their keys are."""

    @property
    def key(self) -> Hashable: ...


F = TypeVar("F", bound=Keyed)


class Figured(Generic[F]):
    """Beside a dataclass with the figure of every bar in `by_bar`."""

    by_bar: Any

    @property
    def main(self) -> F:
        """The figure that most bars have, of several the one that comes first."""
        figures: list[F] = list(self.by_bar.values())
        keys = [figure.key for figure in figures]
        most = max(dict.fromkeys(keys), key=keys.count)
        return next(figure for figure in figures if figure.key == most)

    @property
    def used(self) -> tuple[F, ...]:
        """Every figure once, in the order they come."""
        return tuple({figure.key: figure for figure in self.by_bar.values()}.values())
