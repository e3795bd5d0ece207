"""What can be trained? Every module here is one recipe; adding one is adding a module.

A recipe has
    NAME                      the word after `understudy train` ("chords")
    run(args)                 trains; returns None or a dict of numbers to print
and, where it makes sense,
    HELP                      one line for --help
    evaluate(args)            `understudy evaluate NAME`; returns a dict of held-out scores
    add_arguments(parser)     options of its own
`args` always has `data` and `out` (folders as Path; `out` None: the assets of the product) and `seed` (int).
"""
