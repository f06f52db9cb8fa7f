"""How long a change of one product takes to reach a second node on the same PostgreSQL."""
import gzip
import json
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from service import ROOT, UNBOUNDED, Postgres, Service

WORKLOAD = ROOT / "benches/workload"
DISTRICT = "410106"
TIMES = 20
# More than the five seconds after which a node asks by itself.
PATIENCE = 10
EXPLAINED = f"""Two nodes on one PostgreSQL, the products of `benches/workload` in it; a bank suspends and resumes one of them,
{TIMES} times, through the first node. The second is told by NOTIFY and compiles; its log says when it had the new catalogue.
Both nodes, PostgreSQL (no flush to disk) and the client share the machine."""


class Arrived:
    """Milliseconds from each answer to the other node's catalogue: 0 where that was faster than the answer."""

    def __init__(self, took):
        self.took = took

    def rows(self):
        return [("median", f"{statistics.median(self.took):.0f}"),
                ("least and most", f"{min(self.took):.0f} – {max(self.took):.0f}")]


def seed(service):
    """The catalogue, and a user of a bank that has products in it: the code of one of them, and how to sign in."""
    with gzip.open(WORKLOAD / "products.jsonl.gz", "rt") as lines:
        products = [json.loads(line) for line in lines]
    # The generator makes a few that end before they begin: a match reads them, a bank could not publish them.
    products = [product for product in products if product.get("from", "") <= product.get("to", "9999")]
    banks = sorted({product["bank"] for product in products})
    service.command("migrate")
    service.import_rows("organisations", [
        {"code": bank, "kind": "bank", "name": f"示例银行{bank}", "district_code": DISTRICT} for bank in banks])
    service.import_rows("products", products)
    service.command("import", "lpr", WORKLOAD / "lpr.csv")
    product = next(product for product in products if product["status"] == "open")
    email = "bank@example.com"
    return product["code"], (email, service.add_user(product["bank"], email, "王芳", "bank_user"))


def changes(log):
    """When a node had another catalogue than before, as seconds since 1970."""
    whole = log.read_text().rpartition("\n")[0].splitlines()
    return [datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
            for line in whole if "the catalogue has changed" in line]


def arrived(log, since):
    """When the next change after so many stands in the log."""
    give_up = time.monotonic() + PATIENCE
    while len(found := changes(log)) <= since:
        if time.monotonic() > give_up:
            raise TimeoutError("the other node did not hear of the change")
        time.sleep(0.05)
    return found[since]


def measured(binary):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        database = Postgres(one)
        settings = UNBOUNDED | {"RONGQIAO__LOG__LEVEL": "info", "RONGQIAO__LOG__FORMAT": "json"}
        nodes = [Service(binary, Path(folder), database.url, settings) for folder in (one, two)]
        try:
            code, account = seed(nodes[0])
            for node in nodes:
                node.start()
            token = nodes[0].sign_in(*account)
            arrived(nodes[1].log, 0)
            took = []
            for number in range(TIMES):
                known = len(changes(nodes[1].log))
                nodes[0].call(f"/api/v1/products/{code}/{('suspend', 'resume')[number % 2]}", {}, token)
                answered = time.time()
                took.append(max(0, arrived(nodes[1].log, known) - answered) * 1000)
            return Arrived(took)
        finally:
            for node in nodes:
                node.stop()
            database.drop()


if __name__ == "__main__":
    import os
    import sys
    if "RONGQIAO_TEST_POSTGRES" not in os.environ:
        os.environ.setdefault("RONGQIAO_TEST_WEBDRIVER", "none")
        os.execv(ROOT / "scripts/with-services", ["with-services", sys.executable, *sys.argv])
    for row in measured(Path(sys.argv[1])).rows():
        print(*row, sep="  ")
