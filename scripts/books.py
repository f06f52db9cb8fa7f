"""Holds what a database has against what its clients were told."""
import collections
import http.client
import re

# Values by (table, id, column).
VALUES = {
    "request": "SELECT id, state FROM request",
    "referral": "SELECT id, state FROM referral",
    "offer": "SELECT id, state, revision FROM offer",
    "loan": "SELECT id, state, drawn_fen, repaid_fen FROM loan",
    "declared": "SELECT enterprise.uscc || ':' || fact.key, fact.value FROM fact "
                "JOIN enterprise ON enterprise.id = fact.enterprise_id WHERE fact.current AND NOT fact.verified",
    "verified": "SELECT enterprise.uscc || ':' || fact.key, fact.value FROM fact "
                "JOIN enterprise ON enterprise.id = fact.enterprise_id WHERE fact.current AND fact.verified",
}
COLUMNS = {"request": ["state"], "referral": ["state"], "offer": ["state", "revision"],
           "loan": ["state", "drawn_fen", "repaid_fen"], "declared": ["value"], "verified": ["value"]}
MADE = ("request", "referral", "offer", "loan", "disbursement", "repayment", "fact_batch")


class Found:
    """What the database holds."""

    def __init__(self, database):
        self.values = {}
        for table, sql in VALUES.items():
            for name, *cells in database.rows(sql):
                self.values |= {(table, name, column): cell for column, cell in zip(COLUMNS[table], cells)}
        self.made = {table: int(database.rows(f"SELECT count(*) FROM {table}")[0][0]) for table in MADE}
        audits = database.rows("SELECT subject, action, count(*) FROM audit GROUP BY subject, action")
        self.audits = {(subject, action): int(count) for subject, action, count in audits}
        # An event's last word may be whom it tells; each change is one event to each.
        told = {(re.sub(":(bank|enterprise|centre)$", "", event), topic)
                for event, topic in database.rows("SELECT event, topic FROM outbox")}
        self.mails = collections.Counter((":".join(event.split(":")[:2]), topic) for event, topic in told)
        self.keys = {key for [key] in database.rows("SELECT key FROM once")}
        self.letters = {name for [name] in database.rows("SELECT id FROM outbox")}


class Verdict:
    """What was lost, and what else does not hold, in words."""

    def __init__(self):
        self.lost, self.broken = [], []


def has_happened(step, found):
    """Whether a step that had no answer was done: by its key, or by its first value."""
    if step.key:
        return step.key in found.keys
    (place, value), *_ = step.values.items()
    return found.values.get(place) == value


def hold(found, journal, clients, before):
    """Everything that was acknowledged is there, once, whole; what had no answer, wholly or not at all; nothing else.

    `before` counts what stood in the tables before the first client came."""
    verdict, values, audits, mails = Verdict(), {}, collections.Counter(), collections.Counter()
    made = collections.Counter()

    def expect(step, new):
        step_values, step_audits, step_mails = step.of(new)
        values.update(step_values)
        audits.update(step_audits)
        mails.update(step_mails)

    for step in journal:
        expect(step, step.made())
        made[step.makes] += 1
    half, done = set(), 0
    for client in clients:
        step = client.pending
        if client.is_under_way and has_happened(step, found):
            done += 1
            made[step.makes] += 1
            # The id of what it made is not known yet; the answer to its key will tell.
            step_values, step_audits, step_mails = ([*all_of] for all_of in step.of("{new}"))
            half.update(place for place in [*step_values, *step_audits, *step_mails] if "{new}" not in place[:2])
            expect(step, "{new}")
    for name, expected, there in (("value", values, found.values), ("audit", audits, found.audits),
                                  ("mail", mails, found.mails)):
        for place, value in expected.items():
            if "{new}" in " ".join(place):
                continue
            is_there = there.get(place, 0 if name != "value" else None)
            if is_there == value:
                continue
            text = f"{name} {' '.join(place)}: {is_there} instead of {value}"
            is_lost = place not in half and (name == "value" or is_there < value)
            (verdict.lost if is_lost else verdict.broken).append(text)
    for table in MADE:
        count = before[table] + made[table]
        if found.made[table] != count:
            text = f"{found.made[table]} rows in {table} instead of {count}"
            (verdict.lost if found.made[table] < count else verdict.broken).append(text)
    return verdict, done


def go_on(found, clients):
    """What was done without a key is not asked for again; what has a key is, and is answered as the first time."""
    for client in clients:
        if client.is_under_way and not client.pending.key and has_happened(client.pending, found):
            # From now on it has to be there, as if it had been answered.
            client.journal.append(client.pending)
            client.go_on(None)


def repeat(client, address, steps):
    """Sends acknowledged writes again with their keys; what is answered otherwise than the first time."""
    connection, other = http.client.HTTPConnection(address, timeout=60), []
    for step in steps:
        answer = client.send(connection, step)
        if answer != step.answer:
            other.append(f"{step.kind} again: {answer} instead of {step.answer}")
    connection.close()
    return other
