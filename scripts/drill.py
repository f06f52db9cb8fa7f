"""Rounds of load, a sudden end, a new start, and what the database then has against what the clients were told."""
import collections
import random
import subprocess
import sys
import threading
import time

import books
import lending
from service import UNBOUNDED, Service

SHORTEST, LONGEST = 0.2, 3.0
# How many older writes are sent again beside those of the last round.
OLDER = 20
# How many faults are told in words.
FAULTS = 50


class Counts:
    """What came of all rounds on one database."""

    def __init__(self):
        self.by_kind = collections.Counter()
        self.rounds = self.under_way = self.done = self.repeated = self.letters = self.twice = 0
        self.lost, self.broken, self.uncommitted, self.unsent = [], [], [], []

    def is_good(self):
        return not (self.lost or self.broken or self.uncommitted or self.unsent)

    def __str__(self):
        rows = [
            ("rounds", self.rounds),
            ("acknowledged writes", sum(self.by_kind.values())),
            *((f"  {kind}", count) for kind, count in self.by_kind.most_common()),
            ("without an answer at a kill", self.under_way),
            ("  of which had happened", self.done),
            ("sent again with the same key", self.repeated),
            ("acknowledged writes lost", len(self.lost)),
            ("invariants broken", len(self.broken)),
            ("mails", self.letters),
            ("  taken more than once", self.twice),
            ("mails for uncommitted changes", len(self.uncommitted)),
            ("mails that did not arrive", len(self.unsent)),
        ]
        faults = self.lost + self.broken + self.uncommitted + self.unsent
        return "\n".join([*(f"{name:<34}{count:>8,}" for name, count in rows), *faults[:FAULTS]])


def checked(service):
    """What the program itself finds wrong with its data."""
    found = [line for line in service.command("check", may_fail=True).splitlines() if "BROKEN" in line]
    verified = subprocess.run([service.binary, "audit", "verify"], cwd=service.folder, env=service.settings,
                              capture_output=True, text=True, check=False)
    if verified.returncode != 0:
        found.append(f"audit verify: {verified.stdout}{verified.stderr}")
    return found


def load(service, clients, seconds, cut):
    """Lets every client work, and ends the service under them."""
    ended = threading.Event()
    threads = [threading.Thread(target=client.run, args=(ended,)) for client in clients]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    ended.set()
    cut()
    service.kill()
    for thread in threads:
        thread.join()
    failures = [client.failure for client in clients if client.failure]
    if failures:
        sys.exit("refused, so that it is not known what is under test:\n" + "\n".join(failures))


def settle_mail(service, database, mailbox, counts):
    """Until the outbox is empty, or nothing has left it for three minutes; then each mail that was sent has arrived."""
    waiting = give_up = None
    while (now := database.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'")) != [("0",)]:
        if now != waiting:
            waiting, give_up = now, time.monotonic() + 180
        if time.monotonic() > give_up:
            break
        time.sleep(0.5)
    service.stop()
    gone = [name for [name] in database.rows("SELECT id FROM outbox WHERE state <> 'page'")]
    counts.unsent = [name for name in gone if not mailbox.taken[name]]
    counts.letters = len(gone) - len(counts.unsent)
    counts.twice = sum(1 for count in mailbox.taken.values() if count > 1)


def nothing():
    """Beside kill -9."""


def drill(database, binary, rounds, folder, cut=nothing, mend=nothing, ready=nothing):
    """What comes of so many rounds, or of those up to the first that finds a fault. `ready` is called before each load,
    `cut` in the middle of it, just before the service gets kill -9, and `mend` before it is started again."""
    chance, counts, mailbox = random.Random(), Counts(), lending.Mailbox()
    service = Service(binary, folder, database.url, UNBOUNDED | mailbox.settings())
    people = lending.seed(service)
    before = books.Found(database).made
    service.start()
    try:
        tokens = {who: service.sign_in(*account) for who, account in people.items()}
        journal = []
        clients = lending.clients(service.address, tokens, journal, chance.randrange(1_000_000))
        for number in range(1, rounds + 1):
            old = len(journal)
            ready()
            load(service, clients, chance.uniform(SHORTEST, LONGEST), cut)
            database.settle()
            mend()
            service.start()
            found = books.Found(database)
            verdict, done = books.hold(found, journal, clients, before)
            again = [step for step in journal[old:] if step.key]
            older = [step for step in journal[:old] if step.key]
            again += chance.sample(older, min(OLDER, len(older)))
            if not verdict.lost:
                verdict.lost += books.repeat(clients[0], service.address, again)
            verdict.broken += checked(service)
            uncommitted = sorted(set(mailbox.taken) - found.letters)
            counts.rounds, counts.repeated = number, counts.repeated + len(again)
            counts.under_way += sum(1 for client in clients if client.is_under_way)
            counts.done += done
            counts.lost += verdict.lost
            counts.broken += verdict.broken
            counts.uncommitted = sorted({*counts.uncommitted, *uncommitted})
            acknowledged = sum(1 for step in journal[old:] if step.answer)
            print(f"{database.name} {number}: {acknowledged} acknowledged, {len(verdict.lost)} lost, "
                  f"{len(verdict.broken)} broken, {len(uncommitted)} mails for nothing", flush=True)
            if not counts.is_good():
                break
            books.go_on(found, clients)
        counts.by_kind = collections.Counter(step.kind for step in journal if step.answer)
        if counts.is_good():
            settle_mail(service, database, mailbox, counts)
        return counts
    finally:
        service.kill()
        mailbox.shutdown()
        database.drop()
