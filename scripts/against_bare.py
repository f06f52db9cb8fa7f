"""The service over HTTP beside bare handlers (benches/http) that read or write the same rows of the same database."""
import base64
import contextlib
import hashlib
import http.cookiejar
import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from service import UNBOUNDED, Service, free_port

# Connections that ask at a time.
CONNECTIONS = 8
SECONDS = 4
# Drafts of each enterprise that are submitted, to either side.
DRAFTS = 12
PAGE, SUBMIT, OFFERS = "the page of a result", "submission: match, store, audit, outbox", "the list of 50 offers"
HEAD = ("asked for", "service, a second", "p99", "bytes", "bare, a second", "p99", "bytes", "ratio")
EXPLAINED = f"""`scripts/bench` fills a SQLite database with the demo's year and asks the service (its defaults, but that nothing is
limited) and the bare handlers, each over a copy of it: {CONNECTIONS} connections of `benches/http`'s `load`, {SECONDS} s a
run, the other side stopped meanwhile; `scripts/against_bare.py` does this alone. A bare handler (`benches/http`, `bare`)
is actix-web and diesel with the service's settings of SQLite, as many threads and connections. It reads or writes the
rows that the service does, those of session and user among them, in one transaction, parses the JSON in them and writes
as many bytes; it asks for no rights, counts no limits, logs nothing, and has no engine: its page holds the products of
the stored match in escaped rows, its submission stores another match's result. What is submitted is of {DRAFTS} drafts of
each enterprise, whose users want no mail of it: rows of the outbox are written, and none is sent. Client and server share
the machine."""


def copy(old, new):
    """A database with everything that is committed."""
    with contextlib.closing(sqlite3.connect(old)) as source, contextlib.closing(sqlite3.connect(new)) as target:
        source.backup(target)


def demo_database(binary, folder):
    """A database with the demo's year, and the accounts that it prints: address and password by role."""
    demo = subprocess.Popen([binary, "demo", "--listen", "127.0.0.1:0"], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    accounts = {}
    for line in demo.stdout:
        fields = line.rstrip("\n").split("\t")
        if fields[0] == "账号":
            accounts[fields[1]] = fields[2:]
        elif accounts:
            break
    demo.send_signal(signal.SIGTERM)
    demo.wait(60)
    return folder / "rongqiao-demo/demo.db", accounts


def cookie_of(base, email, password):
    """Signs in on the page."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    form = opener.open(f"{base}/login").read().decode()
    csrf = re.search(r'name="csrf" value="([^"]+)"', form)[1]
    data = urllib.parse.urlencode({"csrf": csrf, "email": email, "password": password}).encode()
    # A form that does not say that it comes from this site is refused.
    opener.open(urllib.request.Request(f"{base}/login", data, {"Origin": base}))
    return next(cookie.value for cookie in jar)


def session_of(token):
    """The session that an access token names."""
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"]


class Sides:
    """Both servers, and what each is asked for."""

    def __init__(self, service, bare, address):
        self.processes = {"service": service.process, "bare": bare}
        self.addresses = {"service": service.address, "bare": address}

    def measure(self, load, side, targets, *how):
        """One run of one side, while the other stands still."""
        other = next(process for name, process in self.processes.items() if name != side)
        other.send_signal(signal.SIGSTOP)
        try:
            done = subprocess.run([load, self.addresses[side], str(CONNECTIONS), *how], check=False, text=True,
                                  input="".join(f"{target}\n" for target in targets), capture_output=True)
        finally:
            other.send_signal(signal.SIGCONT)
        if done.returncode != 0:
            sys.exit(f"bench: {side}: {done.stderr}")
        return json.loads(done.stdout)


def drafts(service, database, folder):
    """Drafts of every enterprise that has an organisation, each with the token of a user who may submit it."""
    with contextlib.closing(sqlite3.connect(database)) as rows:
        enterprises = rows.execute("SELECT organisation.code, enterprise.uscc FROM enterprise JOIN organisation "
                                   "ON organisation.id = enterprise.organisation_id ORDER BY 1").fetchall()
    needs = [{"id": f"B{uscc}-{number}", "uscc": uscc, "amount_fen": 200_000_000, "term_months": 12,
              "purpose": "working_capital", "guarantees": ["credit", "guarantor"]}
             for number in range(DRAFTS) for _, uscc in enterprises]
    service.import_rows("requests", needs)
    passwords = {code: service.add_user(code, f"bench-{code}@demo.example", "测速", "owner") for code, _ in enterprises}
    # Nothing goes out by mail: what is measured is the submission and not the post.
    with contextlib.closing(sqlite3.connect(database)) as rows, rows:
        rows.execute("UPDATE account SET mails = 'action'")
        ids = dict(rows.execute("SELECT reference, id FROM request WHERE reference IS NOT NULL"))
    codes = dict((uscc, code) for code, uscc in enterprises)
    return passwords, [(ids[need["id"]], codes[need["uscc"]]) for need in needs]


def measured(binary, tools, rounds):
    """By what is asked for and side: the runs, as `load` tells of them."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as ending:
        folder = Path(name)
        database, accounts = demo_database(binary, folder)
        service = Service(binary, folder, f"sqlite://{database}", UNBOUNDED | {"RONGQIAO__LOG__LEVEL": "info"})
        passwords, begun = drafts(service, database, folder)
        service.start()
        ending.callback(service.stop)
        tokens = {code: service.sign_in(f"bench-{code}@demo.example", password)
                  for code, password in passwords.items()}
        bank = service.sign_in(*accounts["bank"])
        cookie = cookie_of(service.base, *accounts["enterprise"][:2])
        with contextlib.closing(sqlite3.connect(database)) as rows:
            [[request, stored]] = rows.execute(
                "SELECT request.id, request_match.id FROM request_match JOIN request ON request.id = request_id "
                "JOIN enterprise ON enterprise.id = enterprise_id WHERE uscc = ? AND request.state = 'open' "
                "ORDER BY run DESC LIMIT 1", [accounts["enterprise"][2]])
        page = f"/enterprise/requests/{request}"
        asked = urllib.request.Request(f"{service.base}{page}", headers={"Cookie": f"rongqiao={cookie}"})
        size = len(urllib.request.urlopen(asked).read())
        copied = folder / "bare.db"
        copy(database, copied)
        address = f"127.0.0.1:{free_port()}"
        bare = subprocess.Popen([tools / "bare", address, copied, str(size), stored])
        ending.callback(bare.wait)
        ending.callback(bare.kill)
        time.sleep(1)
        sides = Sides(service, bare, address)
        hashed = hashlib.sha256(cookie.encode()).hexdigest()
        pages = {"service": [f"GET\t{page}\tCookie: rongqiao={cookie}"],
                 "bare": [f"GET\t{page}\tCookie: hash={hashed}"]}
        list_of = "GET\t/api/v1/offers?limit=50\tAuthorization: "
        lists = {"service": [f"{list_of}Bearer {bank}"], "bare": [f"{list_of}Session {session_of(bank)}"]}

        def submissions(side, part):
            way = {"service": lambda code: f"Bearer {tokens[code]}",
                   "bare": lambda code: f"Session {session_of(tokens[code])}"}[side]
            return [f"POST\t/api/v1/requests/{id}/submit\tAuthorization: {way(code)}" for id, code in part]

        runs = {(what, side): [] for what in (PAGE, SUBMIT, OFFERS) for side in ("service", "bare")}
        for what, targets in ((PAGE, pages), (OFFERS, lists)):
            for side in ("service", "bare"):
                sides.measure(tools / "load", side, targets[side], "1")
            for _ in range(rounds):
                for side in ("service", "bare"):
                    runs[what, side].append(sides.measure(tools / "load", side, targets[side], str(SECONDS)))
        share = len(begun) // rounds
        for number in range(rounds):
            part = begun[number * share:(number + 1) * share]
            for side in ("service", "bare"):
                runs[SUBMIT, side].append(
                    sides.measure(tools / "load", side, submissions(side, part), "60", "once"))
        return runs


class Compared:
    """One thing that both sides were asked for."""

    def __init__(self, what, service, bare):
        self.what, self.service, self.bare = what, service, bare
        self.ratios = [ours["per_second"] / plain["per_second"] for ours, plain in zip(service, bare)]
        self.ratio = self.median(service, "per_second") / self.median(bare, "per_second")

    @staticmethod
    def median(runs, figure):
        return statistics.median(run[figure] for run in runs)

    def row(self):
        cells = [self.what]
        for runs in (self.service, self.bare):
            cells += [f"{self.median(runs, 'per_second'):,.0f}", f"{self.median(runs, 'p99_ms'):.1f} ms",
                      f"{self.median(runs, 'bytes'):,.0f}"]
        return (*cells, f"{self.ratio:.2f}")


def compared(binary, tools, rounds):
    runs = measured(binary, tools, rounds)
    return [Compared(what, runs[what, "service"], runs[what, "bare"]) for what in (PAGE, SUBMIT, OFFERS)]


if __name__ == "__main__":
    from service import TARGET
    chosen = Path(sys.argv[1] if len(sys.argv) > 1 else TARGET / "release/rongqiao").resolve()
    for one in compared(chosen, TARGET / "http/release", int(os.environ.get("ROUNDS", "3"))):
        print(*one.row(), sep=" | ")
