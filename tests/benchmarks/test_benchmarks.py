import dataclasses
import json

import pytest

from benchmarks import payloads
from benchmarks.__main__ import main, parsed, report, selected
from benchmarks.figures import FIGURES, Figure
from benchmarks.results import Results, Spread, Term
from benchmarks.runner import Effort
from benchmarks.table import Table, figures_table
from benchmarks.workloads import all_workloads
from benchmarks.workloads.workload import TOGETHER, Job

TINY = Effort(rounds=2, share=0.01)
TERMS = [term for figure in FIGURES for term in (figure.top, figure.bottom) if term]


def workload(name, *contenders):
    """Return a workload with a few of its contenders, each of which runs once in a round."""
    (found,) = (known for known in all_workloads() if known.name == name)
    return dataclasses.replace(found, contenders={name: found.contenders[name] for name in contenders}, turns=1)


def test_a_run_prints_tables_and_writes_all_samples(tmp_path, capsys):
    """A run of two contenders prints a table for each workload and writes every sample of every round."""
    workloads = [workload("session-1", "ours", "raw"), workload("structure", "orjson.loads", "structure")]
    assert report(workloads, TINY, tmp_path) == 0
    printed = capsys.readouterr().out
    assert "session-1: Session updates, 1 caller" in printed
    assert "Figures:" in printed
    written = json.loads((tmp_path / "results.json").read_text())
    assert [set(samples) for samples in written["rounds"]["session-1"]] == [{"ours", "raw"}] * 2
    assert written["rounds"]["structure"][0]["structure"]["cpu"] > 0
    assert written["machine"]["libraries"]["httpx"]
    assert "| raw | bytes |" in (tmp_path / "tables.md").read_text()


@pytest.mark.parametrize("known", [known for known in all_workloads() if known.together], ids=lambda known: known.name)
def test_what_one_process_measures_has_a_sample_of_each_contender(known):
    """Each workload that is measured by one process measures all of its contenders."""
    job = Job(known.subject, known.name, TOGETHER, share=0.01, urls={}, folder="", core=None)
    assert known.measure(job).keys() == known.contenders.keys()


def test_contender_that_cannot_take_part_is_reported(tmp_path, capsys):
    """A contender that is not supported has its reason below the table, and the run succeeds."""
    assert report([workload("first-call", "ours", "ours_warmed_up")], TINY._replace(rounds=1), tmp_path) == 0
    written = json.loads((tmp_path / "results.json").read_text())
    measured = {name for samples in written["rounds"]["first-call"] for name in samples}
    missing = set(written["missing"]["first-call"])
    assert measured | missing == {"ours", "ours_warmed_up"}
    assert all(f"{name}: " in capsys.readouterr().out for name in missing)


def test_contender_that_breaks_off_makes_the_run_fail(tmp_path, capsys):
    """A contender that raises is named with the last line of its traceback, and the run's status is 1."""
    broken = dataclasses.replace(workload("session-1", "raw"), contenders={"unknown": "typed"})
    assert report([broken], TINY, tmp_path) == 1
    assert "unknown: failed: KeyError: 'unknown'" in capsys.readouterr().out


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_figures_are_made_of_what_is_measured(term):
    """Every figure names a workload, a contender and a metric that exist."""
    (found,) = (known for known in all_workloads() if known.name == term.workload)
    assert term.contender in found.contenders
    assert term.metric in {metric.key for metric in found.metrics}


def test_the_list_names_every_workload(capsys):
    """The option --list prints every workload and runs none of them."""
    assert main(["--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(all_workloads())


def test_the_short_form_measures_each_figure_and_nothing_else():
    """The short form runs exactly the contenders of which a figure is made."""
    workloads = selected(parsed(["--short"]))
    chosen = {(known.name, contender) for known in workloads for contender in known.contenders}
    assert chosen == {(term.workload, term.contender) for term in TERMS}


def test_payloads_have_the_sizes_that_are_published():
    """The request has 954 bytes, the response 2,096, and the large state 31 KiB."""
    sizes = [len(content) for content in (payloads.REQUEST, payloads.RESPONSE, payloads.STATE)]
    assert sizes == [954, 2096, 31 * 1024]


def test_ratios_are_taken_within_each_round():
    """A ratio is the median of the rounds' ratios, and a round that lacks one of the two does not count."""
    top, bottom = Term("w", "a", "cpu"), Term("w", "b", "cpu")
    pairs = [(10.0, 5.0), (9.0, 3.0), (100.0, 100.0)]
    rounds = [{"a": {"cpu": above}, "b": {"cpu": below}} for above, below in pairs]
    results = Results(rounds={"w": [*rounds, {"a": {"cpu": 1.0}}]})
    assert results.ratio(top, bottom) == Spread(2.0, 1.0, 3.0)


@pytest.mark.parametrize(("value", "reached"), [(1.0, "aim"), (1.5, "must"), (2.5, "no")])
def test_a_figure_says_which_goal_is_reached(value, reached):
    """A value at a goal reaches it, in the direction in which the figure is better."""
    term = Term("w", "a", "cpu")
    assert Figure("lower", must=2.0, aim=1.0, top=term).reached(value) == reached
    assert Figure("higher", must=-2.0, aim=-1.0, top=term, is_lower_better=False).reached(-value) == reached


def test_tables_are_aligned():
    """The first column is aligned to the left, and the others to the right."""
    table = Table("Heading", [["name", "value"], ["a", "1"], ["long name", "100"]], ["note"])
    assert table.aligned().splitlines() == [
        "Heading",
        "",
        "name       value",
        "----------------",
        "a              1",
        "long name    100",
        "note",
    ]


def test_figures_without_samples_have_an_empty_cell():
    """A figure whose contenders did not run has no value and reaches no goal."""
    rows = figures_table(Results()).rows[1:]
    assert {tuple(row[-3:]) for row in rows} == {("-", "-", "-")}
