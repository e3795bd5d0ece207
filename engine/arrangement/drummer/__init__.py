"""How do drummers touch what is written: how loud, and how far from the click?"""
