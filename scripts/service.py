"""Starting, stopping and killing the real binary over a database of its own: what bench and the crash drills share."""
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

# Everybody signs in with one step, as often as needed, and whoever is signed in may do as much as the machine can. The
# keys are those that PostgreSQL has no place for.
UNBOUNDED = {
    "RONGQIAO__AUTH__JWT_KEY": "a long text that signs on this machine only",
    "RONGQIAO__AUTH__FACTOR_KEY": "a long text that seals on this machine only",
    "RONGQIAO__AUTH__SECOND_FACTOR_BANKS": "false",
    "RONGQIAO__AUTH__SECOND_FACTOR_OFFICERS": "false",
    "RONGQIAO__AUTH__FREE_TRIES": "1000",
    "RONGQIAO__AUTH__FREE_TRIES_TOGETHER": "1000",
    "RONGQIAO__AUTH__ACCESS_MINUTES": "600",
    "RONGQIAO__LIMITS__ADDRESS_PER_MINUTE": "0",
    "RONGQIAO__LIMITS__ACCOUNT_PER_MINUTE": "0",
    "RONGQIAO__LIMITS__ENTRY_PER_MINUTE": "0",
    "RONGQIAO__DESK__OPEN_PER_PURPOSE": "1000000",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sqlite:
    """A database in a folder, read beside the service."""

    name = "sqlite"

    def __init__(self, folder):
        self.file = Path(folder, "rongqiao.db")
        self.url = f"sqlite://{self.file}"

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as database:
            return [tuple("" if cell is None else str(cell) for cell in row) for row in database.execute(sql)]

    def settle(self):
        """A process that is dead holds nothing of a file."""

    def keep(self):
        """A copy of what is committed now."""
        with contextlib.closing(sqlite3.connect(self.file)) as database, \
                contextlib.closing(sqlite3.connect(f"{self.file}.kept")) as copy:
            database.backup(copy)

    def put_back(self):
        """The copy in the place of the database, while nobody has it open."""
        for end in ("-wal", "-shm"):
            Path(f"{self.file}{end}").unlink(missing_ok=True)
        Path(f"{self.file}.kept").replace(self.file)

    def destroy(self):
        """Everything that stands there under its name, the keys too."""
        for file in self.left():
            file.unlink()

    def left(self):
        """What stands there under its name."""
        return sorted(self.file.parent.glob(f"{self.file.name}*"))

    def change(self, sql):
        """By hand, as whoever has the file may."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as database:
            database.executescript(sql)

    def drop(self):
        """Goes with its folder."""


class Postgres:
    """A database of its own on the server of RONGQIAO_TEST_POSTGRES, read through psql."""

    name = "postgres"

    def __init__(self, _folder):
        self.server = os.environ["RONGQIAO_TEST_POSTGRES"]
        self.database = f"drill_{uuid.uuid4().hex[:12]}"
        self.url = f"{self.server.rsplit('/', 1)[0]}/{self.database}"
        self.psql(self.server, f"CREATE DATABASE {self.database}")

    @staticmethod
    def psql(url, sql):
        command = ["psql", "-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", sql, url]
        done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
        return [tuple(line.split("\x1f")) for line in done.stdout.split("\n") if line]

    def rows(self, sql):
        return self.psql(self.url, sql)

    def settle(self):
        """A commit that was on its way when its client died may still arrive: until nobody is connected."""
        others = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.database}'"
        for _ in range(600):
            if self.psql(self.server, others) == [("0",)]:
                return
            time.sleep(0.02)
        sys.exit("the dead service's connections do not end")

    def destroy(self):
        self.drop()
        self.psql(self.server, f"CREATE DATABASE {self.database}")

    def left(self):
        """The tables that are there."""
        return self.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")

    def change(self, sql):
        self.psql(self.url, sql)

    def drop(self):
        self.psql(self.server, f"DROP DATABASE {self.database} WITH (FORCE)")


class Service:
    """The binary in a folder of its own. `settings` override what everybody gets."""

    def __init__(self, binary, folder, url, settings=()):
        self.binary, self.folder = Path(binary).resolve(), Path(folder)
        self.address = f"127.0.0.1:{free_port()}"
        self.base = f"http://{self.address}"
        self.settings = os.environ | {
            "RONGQIAO__SERVER__LISTEN": self.address,
            "RONGQIAO__SERVER__BASE_URL": self.base,
            "RONGQIAO__DATABASE__URL": url,
            "RONGQIAO__LOG__LEVEL": "warn",
        } | dict(settings)
        self.log = self.folder / "service.log"
        self.process = None

    def command(self, *words, may_fail=False):
        """What a command prints."""
        done = subprocess.run([self.binary, *map(str, words)], cwd=self.folder, env=self.settings, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0 and not may_fail:
            sys.exit(f"{' '.join(map(str, words))}: {done.stdout}")
        return done.stdout.strip()

    def import_rows(self, what, rows, *words):
        file = self.folder / f"{what}.jsonl"
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return self.command("import", what, file, *words)

    def add_user(self, organisation, email, name, role):
        """The password that the command made up is the last word that it prints."""
        made = self.command("user", "add", "--organisation", organisation, "--email", email, "--name", name,
                            "--role", role)
        return made.split()[-1]

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.base}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def start(self, patience=60):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve"], cwd=self.folder, env=self.settings,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        give_up = time.monotonic() + patience
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > give_up:
                self.kill()
                sys.exit(f"serve did not get ready\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def kill(self):
        """kill -9: nothing is tidied up."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                pass
            self.kill()

    def resident(self):
        """VmRSS in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def call(self, path, body=None, token=None):
        """GET, or POST of JSON: the JSON that comes back."""
        request = urllib.request.Request(f"{self.base}{path}", method="GET" if body is None else "POST")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def sign_in(self, email, password):
        return self.call("/api/v1/sessions", {"email": email, "password": password})["access_token"]
