"""How is a remark told to a musician? For each, what little of it is called, and what much of it.

"" where the lower (or higher) half is nothing to speak of.

>>> said("clashes", False), said("seam_in", True)
('no rub against the chords', 'begins with a leap')
"""

_WORDS = {
    # melody
    "strong_chord_tones": ("strong beats lean against the chords", "chord tones on strong beats"),
    "resolved": ("dissonances left hanging", "dissonances resolve by step"),
    "clashes": ("no rub against the chords", "held notes rub against the chords"),
    "motifs_at_pitch": ("little of your figures at their pitch", "takes up your figures"),
    "motifs_moved": ("few of your motifs", "moves your motifs on"),
    "motifs_inside": ("says something new throughout", "works with its own motif"),
    "song_rhythms": ("rhythms new to the song", "keeps the song's rhythms"),
    "song_bars": ("no bar is a copy", "bars of yours return"),
    "bars_repeated": ("no bar comes twice", "a bar comes again"),
    "rhythms_repeated": ("many rhythms", "one rhythm carries it"),
    "seam_in": ("joins smoothly", "begins with a leap"),
    "seam_out": ("leads smoothly into the next bar", "leaps into the next bar"),
    "height": ("lies low for the song", "lies high for the song"),
    "range": ("small range", "wide range"),
    "far_notes": ("stays in the song's register", "leaves the song's register"),
    "peak_place": ("high point early", "high point late"),
    "steps": ("few steps", "moves by step"),
    "repeated_notes": ("few repeated notes", "repeated notes"),
    "leaps_answered": ("leaps go on", "leaps turn back"),
    "turns": ("long lines", "turns often"),
    "in_scale": ("colours from outside the scale", "keeps to the scale"),
    "density": ("calmer than the song", "busier than the song"),
    "rhythm_variety": ("even rhythm", "varied rhythm"),
    "rhythm_variety_change": ("plainer rhythm than the song", "more varied rhythm than the song"),
    "syncopation_change": ("straighter than the song", "more syncopated than the song"),
    "rest_change": ("fewer rests than the song", "more rests than the song"),
    "ending_length": ("ends short", "comes to rest on a long note"),
    "ending_home": ("ends open", "ends at home"),
    # chords
    "melody_in_chords": ("the melody leans against the chords", "carries the melody"),
    "strong_notes_in_chords": ("strong notes lean against the chords", "strong notes are chord tones"),
    "clashes_a_bar": ("no rub with the melody", "rubs with held notes of the melody"),
    "falling_fifths": ("few falling fifths", "roots fall by fifths"),
    "rising_fifths": ("few plagal moves", "plagal moves"),
    "root_steps": ("few steps in the roots", "roots move by step"),
    "root_thirds": ("few moves by third", "roots move by thirds"),
    "tritone_moves": ("", "roots jump a tritone"),
    "same_root": ("", "colour changes on one root"),
    "functions_backwards": ("tension moves forward", "tension falls back"),
    "closes": ("few full closes", "tension goes home"),
    "time_at_home": ("stays away from home", "rests at home"),
    "stays_at_seam_in": ("moves on at once", "begins on the chord before"),
    "stays_at_seam_out": ("moves into what follows", "waits on the chord that follows"),
    "leads_out": ("", "leads into what follows by a fifth"),
    "ends_home": ("ends open", "ends at home"),
    "song_chords": ("chords new to the song", "uses the song's chords"),
    "song_moves": ("changes new to the song", "changes the song knows"),
    "song_chord_bars": ("no bar is a copy", "bars of yours return"),
    "loop_kept": ("leaves the loop", "keeps the loop"),
    "chord_bars_repeated": ("every bar differs", "bars repeat"),
    "distinct_chords": ("few chords", "every chord is new"),
    "outside_scale": ("stays in the key", "borrowed colour"),
    "sevenths_change": ("plainer than the song", "richer than the song"),
    "slash_chords": ("", "a bass that moves"),
    "changes_a_bar": ("changes seldom", "changes often"),
    "chord_rate": ("changes less often than the song", "changes more often than the song"),
    "weak_changes": ("changes on strong beats", "changes on weak beats"),
    "length_variety": ("steady harmonic rhythm", "varied harmonic rhythm"),
    # both
    "mean_surprise": ("mostly expected", "unexpected throughout"),
    "greatest_surprise": ("no great surprise", "one surprise stands out"),
}


def said(name: str, is_high: bool) -> str:
    """The remark in words; "" when there is nothing to say."""
    return _WORDS.get(name, ("", ""))[is_high]
