"""A card has room for all it says, whatever was decided: too wide, its lines would lie on each other."""

from app.ideas.cardview import CardView
from app.ui.card import IdeaCard
from engine.formats.songfile import TakeState
from engine.music import Chord, Key

SCORES = (("Melody fit", "0.99"), ("Surprise", "13.6 bits"))


def view(state: TakeState) -> CardView:
    chords = tuple((1440, Chord(root, "7")) for root in (7, 2, 0, 7, 2, 9, 0, 2, 7))
    reasons = "Every held note is a chord tone; a full close into bar 8; I–V–IV–I."
    original = "✓ original · longest match 6 chords"
    return CardView(
        "a",
        0,
        1,
        "Plain and sure",
        reasons,
        reasons,
        SCORES,
        "",
        original,
        "",
        "",
        state,
        False,
        "",
        "bars 1–8",
        Key(7),
        (),
        (),
        chords,
        (0, 9 * 1440),
        tuple(range(0, 10 * 1440, 1440)),
    )


def narrowest(state: TakeState, qtbot) -> int:
    card = IdeaCard(view(state), lambda _: "")
    qtbot.addWidget(card)
    return card.minimumSizeHint().width()


def test_an_idea_put_into_the_song_for_changing_needs_no_more_width_than_one_taken(qtbot):
    assert narrowest(TakeState.EDITED, qtbot) <= narrowest(TakeState.ACCEPTED, qtbot)
