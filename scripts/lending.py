"""Clients that borrow and lend through the API, each with one write under way at a time, and what must be there of it.

A deal is a generator of steps. A step says what is asked for, and what the database holds once it was done: values,
lines of the audit, messages. What was answered with 2xx stands in the journal; what had no answer when the service
died happened wholly or not at all, and goes on from there as a careful client does: with its Idempotency-Key where it
has one, and by looking where it has none.
"""
import collections
import dataclasses
import datetime
import http.client
import json
import random
import socket
import socketserver
import threading
import time
import uuid
import zoneinfo

DISTRICT = "410106"
USCCS = ["91410184674976798B", "914101846726102315", "91410106845109729R", "914101025449618032"]
BANKS = ("east", "west")
MONEY = 100_000_000


def today(days=0):
    now = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Shanghai"))
    return (now.date() + datetime.timedelta(days=days)).isoformat()


def seed(service):
    """Organisations, a product of each bank, enterprises that both fit, a user of each: their tokens come later."""
    organisations = [
        {"code": "centre", "kind": "centre", "name": "示例中心", "district_code": DISTRICT},
        {"code": "tax", "kind": "department", "name": "示例税务局", "district_code": DISTRICT},
    ]
    organisations += [{"code": bank, "kind": "bank", "name": f"示例{bank}银行", "district_code": DISTRICT}
                      for bank in BANKS]
    organisations += [{"code": f"firm{place}", "kind": "enterprise", "name": f"示例企业{place}有限公司",
                       "district_code": DISTRICT, "uscc": uscc} for place, uscc in enumerate(USCCS)]
    products = [{
        "code": f"{bank}-credit", "bank": bank, "name": "示例信用贷", "kind": "specialised", "status": "open",
        "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
        "purposes": ["working_capital"], "guarantees": ["credit"], "repayment": ["interest_only"],
        "rate": {"base": "lpr_1y", "spread_bp": 50}, "fees": [],
        "criteria": [{"fact": "tier", "op": "at_least", "value": "innovative"}],
    } for bank in BANKS]
    enterprises = [{"uscc": uscc, "name": f"示例企业{place}有限公司", "established_on": "2015-02-22",
                    "facts": {"tier": {"value": "specialised", "verified": False}}}
                   for place, uscc in enumerate(USCCS)]
    service.command("migrate")
    service.import_rows("organisations", organisations)
    service.import_rows("products", products)
    service.import_rows("enterprises", enterprises)
    lpr = service.folder / "lpr.csv"
    lpr.write_text("date,1y,5y\n2025-05-20,3.00,3.50\n")
    service.command("import", "lpr", lpr)
    roles = {"centre": "officer", "tax": "department_user"} | dict.fromkeys(BANKS, "bank_user")
    roles |= {f"firm{place}": "owner" for place in range(len(USCCS))}
    return {code: (f"{code}@example.com", service.add_user(code, f"{code}@example.com", code, role))
            for code, role in roles.items()}


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server that remembers the Message-ID of each mail that it took."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        self.taken = collections.Counter()
        super().__init__(("127.0.0.1", 0), Conversation)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def settings(self):
        return {"RONGQIAO__MAIL__HOST": "127.0.0.1", "RONGQIAO__MAIL__PORT": str(self.server_address[1]),
                "RONGQIAO__MAIL__TLS": "none", "RONGQIAO__MAIL__FROM": "rong@example.com",
                "RONGQIAO__MAIL__TIMEOUT_SECONDS": "1"}

    def handle_error(self, request, client_address):
        """The other side was killed in the middle."""


class Conversation(socketserver.StreamRequestHandler):
    """RFC 5321 as far as one client needs it."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 drill")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.say("354 go on")
                # Else the client waits 40 ms for each mail: it sends the end only when the text was acknowledged.
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                name = None
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    if name is None and text.lower().startswith(b"message-id:"):
                        name = text.split(b"<")[1].split(b"@")[0].decode()
                if text:
                    self.server.taken[name] += 1
                    self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 good")


@dataclasses.dataclass
class Step:
    """One write. `{new}` in what follows stands for the id of what it makes."""

    kind: str
    who: str
    method: str
    path: str
    body: object = None
    # The table in which it makes a row; such a step has an Idempotency-Key.
    makes: str = None
    values: dict = dataclasses.field(default_factory=dict)
    audits: list = dataclasses.field(default_factory=list)
    mails: list = dataclasses.field(default_factory=list)
    headers: dict = dataclasses.field(default_factory=dict)
    key: str = None
    answer: tuple = None

    def of(self, new):
        """What it leaves behind, with the id of what it made."""
        def put(text):
            return text.replace("{new}", new or "")
        return ({(table, put(name), column): value for (table, name, column), value in self.values.items()},
                [(put(subject), action) for subject, action in self.audits],
                [(put(subject), topic) for subject, topic in self.mails])

    def made(self):
        return json.loads(self.answer[1])["id"] if self.makes else None


def consent():
    return {"text_version": 1, "until": today(90)}


def offer_of(bank, spread):
    start = datetime.date.fromisoformat(today(5))
    return {"product": f"{bank}-credit", "amount_fen": MONEY, "term_months": 12,
            "rate": {"base": "lpr_1y", "spread_bp": spread}, "repayment": "interest_only", "start_on": today(5),
            "due_every_months": 1, "due_day": min(start.day, 28), "day_count": "act/360", "guarantee": "credit",
            "early_repayment": "可提前还款", "late_repayment": "按合同利率上浮五成", "valid_until": today(40)}


def refer(owner, request, bank):
    path = f"/api/v1/requests/{request}/referrals"
    body = {"bank": bank, "products": [f"{bank}-credit"], "consent": consent()}
    return Step("referral with consent", owner, "POST", path, body, "referral",
                {("referral", "{new}", "state"): "pending"}, [("referral:{new}", "referral_sent")],
                [("referral:{new}", "referral_received")])


def on_offer(kind, who, offer, verb, body, state, audit, mails, **also):
    """`also` are values of other rows, by (table, id, column)."""
    return Step(kind, who, "POST", f"/api/v1/offers/{offer}/{verb}", body, None,
                {("offer", offer, "state"): state} | also.get("values", {}),
                [(f"offer:{offer}", audit), *also.get("audits", [])], [(f"offer:{offer}", topic) for topic in mails])


def on_loan(kind, bank, loan, path, body, values, audit, makes=None):
    return Step(kind, bank, "POST", f"/api/v1/loans/{loan}/{path}", body, makes,
                {("loan", loan, column): str(value) for column, value in values.items()},
                [(f"loan:{loan}", audit)],
                [(f"loan:{loan}", "loan_cancelled" if path == "cancel" else "loan_changed")])


def deal(place, chance):
    """From need to loan, or to one of its other ends. Each write that makes something gives its id."""
    owner, (bank, other) = f"firm{place}", chance.sample(BANKS, 2)
    need = {"amount_fen": MONEY, "term_months": 12, "purpose": "working_capital", "guarantees": ["credit"]}
    request = yield Step("draft", owner, "POST", "/api/v1/requests", need, "request",
                         {("request", "{new}", "state"): "draft"})
    yield Step("submission", owner, "POST", f"/api/v1/requests/{request}/submit", None, None,
               {("request", request, "state"): "open"}, [(f"request:{request}", "request_submitted")],
               [(f"request:{request}", "request_submitted")])
    referral = yield refer(owner, request, bank)
    waiting = None
    if chance.random() < 0.5:
        waiting = yield refer(owner, request, other)
        if chance.random() < 0.4:
            yield Step("decline", other, "POST", f"/api/v1/referrals/{waiting}/decline", {"reason": "term"}, None,
                       {("referral", waiting, "state"): "declined"},
                       [(f"referral:{waiting}", "referral_declined")], [(f"referral:{waiting}", "referral_declined")])
            waiting = None
    ended = {("referral", waiting, "state"): "cancelled"} if waiting else {}
    if chance.random() < 0.1:
        yield Step("request withdrawn", owner, "POST", f"/api/v1/requests/{request}/withdraw", None, None,
                   {("request", request, "state"): "closed", ("referral", referral, "state"): "cancelled"} | ended,
                   [(f"request:{request}", "request_closed")], [(f"referral:{referral}", "referral_ended")])
        return
    offer = yield Step("offer", bank, "POST", f"/api/v1/referrals/{referral}/offers", offer_of(bank, 40), "offer",
                       {("offer", "{new}", "state"): "submitted", ("referral", referral, "state"): "offered"},
                       [("offer:{new}", "offer_submitted"), (f"referral:{referral}", "referral_offered")],
                       [("offer:{new}", "offer_submitted")])
    revision = 1
    if chance.random() < 0.3:
        yield on_offer("return", "centre", offer, "return", {"revision": 1, "reason": "利率高"}, "returned",
                       "offer_returned", ["offer_returned"])
        revision = 2
        yield Step("revision", bank, "PUT", f"/api/v1/offers/{offer}", offer_of(bank, 30), None,
                   {("offer", offer, "state"): "submitted", ("offer", offer, "revision"): "2"},
                   [(f"offer:{offer}", "offer_revised")], [(f"offer:{offer}", "offer_submitted")], {"If-Match": "*"})
    yield on_offer("forward", "centre", offer, "forward", {"revision": revision}, "forwarded", "offer_forwarded",
                   ["offer_received"])
    end = chance.random()
    if end < 0.1:
        yield on_offer("offer declined", owner, offer, "decline", {}, "declined", "offer_declined", ["offer_declined"])
        return
    if end < 0.2:
        yield on_offer("offer withdrawn", bank, offer, "withdraw", {}, "withdrawn", "offer_withdrawn",
                       ["offer_withdrawn"])
        return
    yield on_offer("accept", owner, offer, "accept", {"revision": revision, "consent": consent()}, "accepted",
                   "offer_accepted", ["offer_accepted", "offer_taken"],
                   values={("request", request, "state"): "accepted"} | ended,
                   audits=[(f"request:{request}", "request_accepted")])
    if end < 0.3:
        yield on_offer("fall-through", bank, offer, "fall-through", {"reason": "材料不全"}, "fell_through",
                       "offer_fell_through", ["offer_fell_through"], values={("request", request, "state"): "open"},
                       audits=[(f"request:{request}", "request_reopened")])
        return
    contract = {"contract_number": f"HT-{offer[:18]}", "signed_on": today(), "is_first": False}
    loan = yield Step("contract", bank, "POST", f"/api/v1/offers/{offer}/contract", contract, "loan",
                      {("loan", "{new}", "state"): "registered", ("offer", offer, "state"): "signed",
                       ("request", request, "state"): "closed"},
                      [("loan:{new}", "loan_registered"), (f"offer:{offer}", "offer_signed")],
                      [("loan:{new}", "loan_registered")])
    if end < 0.4:
        yield on_loan("cancellation", bank, loan, "cancel", {"reason": "企业不再需要"}, {"state": "cancelled"},
                      "loan_cancelled")
        return
    first = MONEY * 2 // 5
    yield on_loan("disbursement", bank, loan, "disbursements", {"on": today(), "amount_fen": first},
                  {"state": "disbursing", "drawn_fen": first}, "loan_drawn", "disbursement")
    yield on_loan("disbursement", bank, loan, "disbursements", {"on": today(), "amount_fen": MONEY - first},
                  {"state": "outstanding", "drawn_fen": MONEY}, "loan_drawn", "disbursement")
    for repaid in (MONEY // 2, MONEY):
        body = {"on": today(), "principal_fen": MONEY // 2, "interest_fen": 12_345}
        yield on_loan("repayment", bank, loan, "repayments", body, {"repaid_fen": repaid}, "loan_repaid", "repayment")
    yield on_loan("settlement", bank, loan, "settle", {"on": today()}, {"state": "settled"}, "loan_settled")


def deals(place, chance):
    while True:
        yield from deal(place, chance)


def declarations(place, _chance):
    """An enterprise that says how many people it employs, again and again."""
    uscc = USCCS[place]
    for number in range(1, 1_000_000):
        yield Step("declared fact", f"firm{place}", "PUT", f"/api/v1/enterprises/{uscc}/facts/employees",
                   {"value": number}, None, {("declared", f"{uscc}:employees", "value"): str(number)},
                   [(f"fact:{uscc}:employees", "fact_declared")])


def feed(_place, _chance):
    """A department that hands in files; a file's rows are taken up together."""
    for number in range(1, 1_000_000):
        rows = "".join(f"{uscc},tax_paid_fen,{number},{today()}\n" for uscc in USCCS)
        yield Step("department's file", "tax", "POST", "/api/v1/facts", "uscc,fact,value,observed_on\n" + rows,
                   "fact_batch", {("verified", f"{uscc}:tax_paid_fen", "value"): str(number) for uscc in USCCS},
                   headers={"Content-Type": "text/csv"})


class Client:
    """One thread's work. `pending` has been sent, or is to be sent next, and has no answer yet."""

    def __init__(self, address, tokens, steps, journal):
        self.address, self.tokens, self.steps, self.journal = address, tokens, steps, journal
        self.pending = self.ready(next(steps))
        # What may have reached the service before it died.
        self.is_under_way = False
        self.failure = None

    @staticmethod
    def ready(step):
        step.key = str(uuid.uuid4()) if step.makes else None
        return step

    def go_on(self, made):
        self.is_under_way = False
        self.pending = self.ready(self.steps.send(made))

    def send(self, connection, step):
        body = step.body if isinstance(step.body, str) or step.body is None else json.dumps(step.body)
        headers = {"Authorization": f"Bearer {self.tokens[step.who]}", "Content-Type": "application/json"}
        headers |= step.headers
        if step.key:
            headers["Idempotency-Key"] = step.key
        connection.request(step.method, step.path, body.encode() if body else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def run(self, ended):
        """Until the service is gone; from when `ended` is set it may fail."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            while True:
                self.is_under_way = True
                status, text = self.send(connection, self.pending)
                if status in (429, 503):
                    # Refused as a whole, by its own words; the same is asked for again.
                    time.sleep(0.02)
                elif 200 <= status < 300:
                    self.pending.answer = (status, text)
                    self.journal.append(self.pending)
                    self.go_on(self.pending.made())
                elif status == 500 and ended.is_set():
                    # Its disk is gone; whether it was done is not known.
                    return
                else:
                    self.failure = f"{self.pending.kind}: {status} {text}"
                    return
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()


def clients(address, tokens, journal, seed_of_chance, each=2, kind=Client):
    """Several threads of each enterprise that borrow, one that declares, and a department."""
    works = [deals] * each * len(USCCS) + [declarations, feed]
    return [kind(address, tokens, work(place % len(USCCS), random.Random(seed_of_chance * 1000 + place)), journal)
            for place, work in enumerate(works)]
