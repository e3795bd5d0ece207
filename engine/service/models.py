"""Which models does this copy have, and what do their cards say?"""

from engine.api.suggestion import ModelInfo


def installed_models() -> tuple[ModelInfo, ...]:
    return ()
