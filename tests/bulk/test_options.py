"""Options of jobs that are written down in more than one place."""

import ast
import inspect
from pathlib import Path
from typing import get_type_hints

from aiotalonone import bulk
from aiotalonone.bulk.job import Job, JobOptions

FOLDER = Path(bulk.__file__).parent


def test_a_catalog_job_takes_the_options_of_every_job():
    """`CatalogSync`, whose options are a TypedDict, takes those of the others, of the same types and as optional."""
    parameters = list(inspect.signature(Job).parameters.values())[1:]
    types = get_type_hints(Job.__init__)
    assert get_type_hints(JobOptions) == {one.name: types[one.name] for one in parameters}
    assert JobOptions.__required_keys__ == {one.name for one in parameters if one.default is one.empty}


def options_of(module):
    """Return the types and defaults of a function's options, as its source has them: Ray and Spark are not needed."""
    functions = [node for node in ast.parse(module.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    [arguments] = [one.args for one in functions if one.name == "sync_profiles"]
    told = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {one.arg: (ast.unparse(one.annotation), default and ast.unparse(default)) for one, default in told}


def test_jobs_on_ray_and_on_spark_have_the_same_options():
    """Besides what belongs to one kind of cluster, options have the same names, types and defaults, in one order."""
    ray, spark = options_of(FOLDER / "ray" / "sync.py"), options_of(FOLDER / "spark.py")
    shared = [name for name in ray if name in spark]
    assert ray.keys() - spark.keys() == {"min_workers", "max_workers", "actor_options"}
    assert spark.keys() - ray.keys() == {"order_by", "tasks"}
    assert shared == [name for name in spark if name in ray]
    assert [ray[name] for name in shared] == [spark[name] for name in shared]
