"""Tokens for `X-Auth-Token`."""

import json
import subprocess
import sys
from hashlib import sha256


def test_a_token_is_new_each_time_and_has_the_digest_that_is_told_beside_it() -> None:
    command = [sys.executable, "-m", "busyout", "--json", "password", "token"]
    made = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(2)]
    assert all(sha256(one["token"].encode()).hexdigest() == one["sha256"] for one in made)
    assert made[0]["token"] != made[1]["token"]
