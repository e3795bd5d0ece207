"""The canvases: the timeline over the whole song and the piano roll.

Arithmetic lives in modules without Qt (geometry, snapping, noteindex, hittest, gestures, speech); the widgets
beside them only paint it and turn the mouse and the keyboard into gestures.
"""
