"""The real command line against a real server with a simulated element."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.server import Ran, Served, busyout, clean_environment

from busyout.cli.words import ELEMENT_TITLES

Run = Callable[..., Ran]

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_the_elements_are_listed_in_columns(run: Run) -> None:
    run("restore", "edge")
    ran = run("elements")
    assert ran.code == 0
    assert ran.lines[0].split() == list(ELEMENT_TITLES)
    assert ran.lines[1].split()[:6] == ["edge", "sbc", "unlocked", "idle", "0", "0"]


def test_one_element_is_shown_with_everything(run: Run) -> None:
    ran = run("elements", "edge")
    assert ran.code == 0
    assert {"name", "kind", "state", "calls", "engine", "running", "startup"} <= {line.split()[0] for line in ran.lines}
    assert run("elements", "edge", "--json").json["name"] == "edge"


def test_a_drain_is_followed_to_its_end_in_whole_lines_and_undone_by_restore(served: Served, run: Run) -> None:
    ran = served.run("drain", "edge")
    assert ran.code == 0, ran.error
    for line in ran.lines[:-1]:
        assert re.match(rf"{TIME} operation=\w+ element=edge state=\w+ step=(-|\"[^\"]+\")", line), line
    assert re.match(r"edge: drain until idle succeeded after .*; no call was cut, 0 new calls refused", ran.lines[-1])
    assert "locked" in run("elements").out
    assert run("restore", "edge").code == 0
    assert run("elements", "edge", "--json").json["administrative"] == "unlocked"


def test_a_restart_gives_the_engine_a_new_process(run: Run) -> None:
    before = run("--json", "elements", "edge").json["pid"]
    ran = run("restart", "edge", "--until-idle", "--json")
    assert (ran.code, ran.json["state"]) == (0, "succeeded")
    assert ran.json["steps"][0]["label"].startswith("save")
    assert run("elements", "edge", "--json").json["pid"] != before


def test_no_save_leaves_the_saving_out(run: Run) -> None:
    ran = run("restart", "edge", "--no-save", "--immediately", "--json")
    assert ran.json["command"] == {
        "type": "restart",
        "policy": {"type": "immediately"},
        "at_deadline": "force",
        "save": False,
    }


def test_within_and_at_deadline_are_told_to_the_server(run: Run) -> None:
    ran = run("drain", "edge", "--within", "60", "--at-deadline", "abort", "--no-follow", "--json")
    assert ran.json["command"] == {
        "type": "drain",
        "policy": {"type": "within", "seconds": 60.0},
        "at_deadline": "abort",
    }
    assert run("operations", "watch", ran.json["id"]).code == 0
    run("restore", "edge")


def test_operations_are_listed_shown_and_watched(run: Run) -> None:
    operation = run("restore", "edge", "--json").json["id"]
    listed = run("operations", "list", "--element", "edge", "--settled", "--limit", "3")
    assert listed.lines[0].startswith("ID")
    assert listed.lines[1].startswith(operation)
    shown = run("operations", "show", operation)
    assert shown.code == 0
    assert shown.lines[0] == f"operation  {operation}"
    assert any(line.strip().startswith("✓") for line in shown.lines)
    watched = run("operations", "watch", operation, "--json")
    assert watched.code == 0
    assert watched.json["id"] == operation
    assert len(run("operations", "list", "--limit", "2", "--json").json) == 2


def test_a_settled_operation_cannot_be_cancelled_but_done_again(run: Run) -> None:
    operation = run("restore", "edge", "--json").json["id"]
    refused = run("operations", "cancel", operation)
    assert (refused.code, refused.out) == (1, "")
    assert "settled" in refused.error
    again = run("operations", "retry", operation, "--json")
    assert (again.code, again.json["retry_of"]) == (0, operation)


def test_configuration_is_shown_compared_and_saved(run: Run) -> None:
    shown = run("config", "show", "edge")
    assert "[trunk]" in shown.lines
    assert run("config", "show", "edge", "--startup", "--json").json["trunk"][0]["port"] == 5080
    assert run("config", "diff", "edge").lines == ["edge: running and startup are the same"]
    assert run("config", "save", "edge").code == 0


def test_calls_trunks_alarms_and_the_audit_trail_are_shown(run: Run) -> None:
    assert run("calls", "edge").lines == ["no calls in progress"]
    assert run("calls", "edge", "end", "--all").lines == ["edge: 0 of 0 calls ended, 0 could not be"]
    assert run("trunks", "edge").lines[1].startswith("carrier/0")
    assert run("alarms", "--json").json == []
    assert re.match(r"the audit trail is intact: \d+ entr(y|ies)", run("audit", "verify").out)


def test_events_are_printed_one_a_line_as_they_happen(served: Served, run: Run) -> None:
    following = subprocess.Popen(
        [sys.executable, "-m", "busyout", "events", "--after", "0", "--element", "edge", "--data", str(served.data)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(BUSYOUT_SERVER=served.url),
    )
    bound = threading.Timer(60, following.kill)
    bound.start()
    operation = run("restore", "edge", "--json").json["id"]
    assert following.stdout is not None
    for line in following.stdout:
        assert re.match(rf"{TIME} \d+ [a-z]+\.[a-z]+ edge", line), line
        if f"operation.settled edge {operation}" in line:
            break
    else:
        pytest.fail("the end of the operation was not told")
    bound.cancel()
    following.terminate()
    following.wait()


REFUSED = {
    "an element that there is not": (("drain", "nowhere"), 1),
    "an operation that there is not": (("operations", "show", "01"), 1),
    "nothing to watch": (("operations", "watch"), 1),
    "a command that there is not": (("drian", "edge"), 2),
    "no element": (("drain",), 2),
    "two policies": (("drain", "edge", "--within", "5", "--immediately"), 2),
    "a wait that is none": (("drain", "edge", "--within", "0"), 2),
    "a deadline's end without a deadline": (("drain", "edge", "--at-deadline", "abort"), 2),
    "a deadline's end of a restart at once": (("restart", "edge", "--immediately", "--at-deadline", "force"), 2),
    "a choice that is none": (("drain", "edge", "--at-deadline", "shrug"), 2),
    "calls without names": (("calls", "edge", "end"), 2),
    "serve that does not come first": (("--json", "serve"), 2),
}


@pytest.mark.parametrize(("arguments", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_ends_with_its_own_code(run: Run, arguments: tuple[str, ...], code: int) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert ran.error
    assert "Traceback" not in ran.error


def test_wrong_credentials_end_with_seven(served: Served) -> None:
    ran = busyout("elements", "--json", BUSYOUT_SERVER=served.url, BUSYOUT_USER="mallory", BUSYOUT_PASSWORD="wrong")
    assert (ran.code, ran.out) == (7, "")
    assert '"exit":7' in ran.error


def test_an_operator_without_a_password_is_asked_for_one_by_the_server(served: Served, tmp_path: Path) -> None:
    ran = busyout("elements", "--server", served.url, "--data", str(tmp_path))
    assert (ran.code, ran.out) == (7, "")


def test_a_server_that_is_not_there_ends_with_six() -> None:
    ran = busyout("elements", "--server", "127.0.0.1:1")
    assert ran.code == 6
    assert ran.error == "busyout: the server at http://127.0.0.1:1 is not reachable: nothing listens there\n"


def test_a_password_is_hashed_from_standard_input() -> None:
    ran = busyout("password", "hash", given="correct horse\n")
    assert ran.code == 0
    assert ran.out.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert busyout("password", "hash", given="short\n").code == 2


def test_help_names_every_exit_code() -> None:
    ran = busyout("--help")
    text = " ".join(ran.out.split())
    assert ran.code == 0
    for code in ("0 done", "1 refused", "3 the operation failed", "6 the server is not reachable", "130 interrupted"):
        assert code in text


def test_the_help_loads_neither_store_nor_engine_nor_http_client() -> None:
    script = (
        "import sys\nfrom busyout.__main__ import main\nmain(['--help'])\n"
        "heavy = {'dbos', 'sqlalchemy', 'aiohttp', 'rich', 'argon2', 'falcon'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == "[]"


def test_help_is_plain_text(run: Run) -> None:
    ran = run("drain", "--help")
    assert (ran.code, "[default: follow]" in ran.out, "\\[" in ran.out) == (0, True, False)
