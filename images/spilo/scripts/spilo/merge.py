"""How a user's configuration and the generated one become one."""


def deep_update(wins, fills):
    """Dictionaries are merged; for anything else, lists too, `wins` replaces `fills` unless it is None."""
    if isinstance(wins, dict) and isinstance(fills, dict):
        both = {key: deep_update(wins[key], fills[key]) for key in wins if key in fills}
        return {**fills, **wins, **both}
    return fills if wins is None else wins
