"""How good the rankings are, beside every peer in the same run, on data where anyone can check.

    make bench-quality                              every data set, into benchmarks/results/quality.json
    make bench-quality BENCH_ARGS=--quick           a reduced set in minutes, into var/quality_quick.json
    make bench-quality BENCH_ARGS="--only cb2013"   one data set anew; the other rows of the file stay

Raw data -> the product's own commands -> data sets -> peers tuned on the validation window -> one look at the test
window per table. `--window validation` judges one window earlier, for development.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path

# Read once, when the libraries are imported: threads that spin starve each other, and progress bars are not ours.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TQDM_DISABLE", "1")

import quality_cb2013
import quality_ml100k
import quality_simulated
import quality_yelp2018
from quality_document import merge_part
from quality_part import PartResult, QualityOptions

REPOSITORY = Path(__file__).resolve().parents[1]
PARTS: Mapping[str, Callable[[QualityOptions], PartResult]] = {
    "simulated": quality_simulated.measure,
    "ml100k": quality_ml100k.measure,
    "cb2013": quality_cb2013.measure,
    "yelp2018": quality_yelp2018.measure,
}


def main() -> None:
    """Measure part by part; each is written as soon as it is done."""
    arguments = _arguments()
    options = QualityOptions(
        data=arguments.data,
        work=arguments.work,
        on_validation=arguments.window == "validation",
        quick=arguments.quick,
        seeds=arguments.seeds[:1] if arguments.quick else arguments.seeds,
    )
    for name in arguments.only:
        result = PARTS[name](options)
        print(f"written to {merge_part(arguments.output, name, result, seeds=options.seeds)}", flush=True)


def _arguments() -> argparse.Namespace:
    data = Path(os.environ.get("LAUNCHMATCH_DATA") or REPOSITORY.parent / "shared" / "data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_parts, default=list(PARTS), help=f"of {', '.join(PARTS)}, with commas")
    parser.add_argument("--quick", action="store_true", help="one seed, no tuning of peers, small models")
    parser.add_argument("--window", choices=["test", "validation"], default="test", help="which window is judged")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--data", type=Path, default=data, help="folder of the raw data sets (LAUNCHMATCH_DATA)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "quality", help="for data sets made of them")
    parser.add_argument("--output", type=Path, help="default: benchmarks/results/quality.json, or var/ for trials")
    arguments = parser.parse_args()
    if arguments.output is None:
        arguments.output = _output(arguments)
    if not arguments.data.is_dir():
        parser.error(f"there is no folder {arguments.data}; name the one that holds crunchbase2013/ and ml100k/")
    return arguments


def _parts(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    return names


def _output(arguments: argparse.Namespace) -> Path:
    """Only a whole run on the test window is published."""
    if arguments.quick or arguments.window == "validation":
        kinds = ["quick"] * arguments.quick + ["validation"] * (arguments.window == "validation")
        return REPOSITORY / "var" / f"quality_{'_'.join(kinds)}.json"
    return REPOSITORY / "benchmarks" / "results" / "quality.json"


if __name__ == "__main__":
    main()
