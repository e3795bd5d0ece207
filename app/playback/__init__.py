"""How does the song sound? Transport, synthesizer, audition; no music is changed here.

The window uses one object, `QtPlayer` (app/playback/qtplayer.py), a thin Qt binding over `Player`:

    player = QtPlayer(parent)             # opens the sound device in its own thread; never raises
    player.position_changed(int ticks)    # signal, about 30 times a second while playing: what is HEARD now
    player.playing_changed(bool)          # signal; False also when the song has ended
    player.sound_lost(str)                # signal: one sentence for the status line; the transport still runs
    player.set_song(song)                 # at load, after every edit and undo: heard within about 0.1 s
    player.play() / stop() / toggle()     # stop keeps the position; play at the end begins at the start
    player.seek(ticks) / to_start()
    player.set_loop(start_ticks, end_ticks) / set_loop(None)
    player.set_metronome(on) / set_count_in(on)
    player.audition(song | None)          # another Song takes over at the next beat; None: back
    player.set_track_mix(track_id, muted, soloed, level)   # until the next set_song
    player.preview_note(pitch, program=0, is_drums=False, velocity=90, seconds=0.4)
    player.preview_chord(pitches, program=0, velocity=80, seconds=1.2)
    player.set_live_sound(program, is_drums); player.live_note(pitch, velocity)   # velocity 0 lets go
    player.load_bank(path | None)         # the artist's own .sf2/.sf3; None: ours
    player.load_tape(sha256, tape | None) # a recording that songs play under their notes (tape.decoded)
    player.position_ticks, player.is_playing, player.is_auditioning, player.sound_problem
    player.underflows                     # how often the device ran dry, for the engine status
    player.close()

Mute, solo and level are read from the tracks of the song. Chords of the chord lane make no sound by
themselves; `guide.with_chord_guide(song)` gives a song with one more track that plays them, to audition chord
ideas with. `render.render(song)` gives the same sound offline as float32 (frames, 2). `midi.MidiInput`
brings a keyboard in. Times are ticks; a frame is one stereo sample at the device's rate.
"""
