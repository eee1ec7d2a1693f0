"""The page on deployment has numbers that fit together, and the words of the code."""

import re
from pathlib import Path

import yaml

from aiotalonone import ClientStateError, Outcome
from aiotalonone.client import DEFAULT_MAX_CONNECTIONS
from aiotalonone.pipeline.lifecycle import _State
from aiotalonone.transport.connection import KEEP_ALIVE_SECONDS

PAGE = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_a_pod_has_more_time_than_its_parts_take():
    """The grace period of the example is longer than the hook, the server's own time and the client's grace."""
    [text] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    pod = yaml.safe_load(text)["spec"]["template"]["spec"]
    [container] = pod["containers"]
    hook = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    server = int(container["command"][container["command"].index("--timeout-graceful-shutdown") + 1])
    assert pod["terminationGracePeriodSeconds"] > hook + server + 5
    assert f"# more than {hook} + {server} + 5" in text


def test_each_layer_waits_longer_than_the_one_within_it():
    """The examples of the table of timeouts rise from the inside out; a load balancer's idle timeout may be longer."""
    [table] = re.findall(r"^\| layer \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    seconds = [float(text) for text in re.findall(r"\| ([\d.]+) s \|$", table, re.MULTILINE)]
    attempt, calls, own_work, nginx, envoy, _alb, browser = seconds
    assert attempt < calls
    assert calls + own_work < nginx == envoy < browser


def test_the_connections_of_the_example_are_those_of_the_formula():
    """The numbers of the example follow from each other."""
    calls, seconds, in_flight = re.search(
        r"^([\d.]+) calls per second that take ([\d.]+) s\w+ are (\d+)", PAGE, re.MULTILINE
    ).groups()
    processes, each, peaks, in_all = re.search(
        r"With (\d+) processes these are (\d+) for each, (\d+) at peaks, and (\d+)", PAGE
    ).groups()
    assert float(calls) * float(seconds) == int(in_flight) == int(processes) * int(each)
    assert (int(peaks), int(in_all)) == (int(each) * 3, int(peaks) * int(processes))
    assert f"at most `max_connections` ({DEFAULT_MAX_CONNECTIONS})" in PAGE
    assert f"closes them after {KEEP_ALIVE_SECONDS:.0f} seconds without use" in PAGE


def test_the_error_after_a_fork_is_quoted():
    """The line that a call of a forked child raises is that of the code."""
    error = ClientStateError(_State.FORKED.value, "updateCustomerSessionV2", Outcome.NOT_SENT)
    assert f"ClientStateError: {error}" in " ".join(PAGE.split())
