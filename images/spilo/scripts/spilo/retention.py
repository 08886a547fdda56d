"""Which base backups must stay."""

MINIMUM = 2


def first_to_keep(backups, now, retain):
    """The name of the oldest base backup to keep, or None when nothing may go.

    `retain` is a count and a number of days at once. What is deleted is older than the newest backup from before
    the last `retain` days, so that every moment of those days can be restored; and only if `retain` backups were
    made within them. Never fewer than two stay, also when backups have been failing.
    """
    retain = max(retain, MINIMUM)
    ages = [(name, (now - time).days, time) for name, time in backups]
    old = [(time, name) for name, days, time in ages if days >= retain]
    within = len(ages) - len(old)
    if within < retain or len(old) < 2:
        return None
    return max(old)[1]
