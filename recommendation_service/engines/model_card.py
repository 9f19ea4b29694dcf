"""The model card of a version: what it is, what it learned from, how good it is for whom, and where it fails.

Its headings are those of Mitchell et al. 2019 ("Model Cards for Model Reporting"); every figure and every limit is
computed, none is typed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.calibration import Reliability
from recommendation_service.engines.card_findings import known_limits
from recommendation_service.engines.evaluation_report import ALL, NO_HISTORY, EvaluationReport, SegmentReport
from recommendation_service.engines.losses import find_loss
from recommendation_service.engines.model_manifest import ModelManifest
from recommendation_service.engines.quality_gate import Verdict

_SHOWN = ("ndcg@10", "recall@10", "recall@50", "precision@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What a card is written from.

    Attributes:
        manifest: Of the saved version.
        verdict: Of the quality gate.
        validation: Beside the baselines on the validation window, by the engine that has not seen it.
        test: Beside the baselines on the test window; None when nothing relevant happened there.
        files: Names of what lies beside the model, with what each holds.
    """

    manifest: ModelManifest
    verdict: Verdict
    validation: EvaluationReport
    test: EvaluationReport | None
    files: Mapping[str, str]


def model_card(facts: CardFacts) -> str:
    """The card as Markdown."""
    sections = {
        "Model details": _details(facts),
        "Intended use": _intended_use(),
        "Factors and metrics": _factors(facts),
        "Training data": _training_data(facts.manifest),
        "Evaluation": _evaluation(facts),
        "Calibration": _calibration(facts),
        "Caveats and recommendations": _caveats(facts),
        "How to reproduce": _reproduction(facts),
        "Files": [f"- `{name}`: {content}" for name, content in facts.files.items()],
        "Configuration": [f"- `{name}`: `{json.dumps(value)}`" for name, value in facts.manifest.config.items()],
    }
    lines = [f"# Model card: {facts.manifest.version}"]
    for heading, content in sections.items():
        lines += ["", f"## {heading}", "", *content]
    return "\n".join(lines) + "\n"


def _details(facts: CardFacts) -> list[str]:
    manifest = facts.manifest
    numbers = sum(_size(entry.shape) for entry in manifest.tensors.values())
    widths = ", ".join(f"{name.replace('_', ' ')} {width}" for name, width in manifest.dims.items())
    state = f"refused: {facts.verdict.refused}" if facts.verdict.refused else "may serve once it is activated"
    return [
        f"- Engine `{manifest.engine}`, preset `{manifest.config.get('preset')}`: {numbers:,} numbers; {widths}.",
        f"- Loss `{manifest.config['loss']['name']}`, seed {manifest.config['seed']}; best epoch "
        f"{manifest.training.get('best_epoch')} of {manifest.training.get('epochs')}"
        + (f", then refitted for {manifest.training['refit_epochs']}" if manifest.training.get("refit_epochs") else "")
        + ".",
        f"- Written {manifest.created_at:%Y-%m-%d %H:%M} UTC with "
        + ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())
        + ".",
        f"- SHA-256 of the model file: `{manifest.sha256}`.",
        f"- State: {state}.",
    ]


def _intended_use() -> list[str]:
    return [
        "Ranks startups for the members of the platform it was trained on: students and developers, investors and "
        "entrepreneurs. Not for other platforms, and not for deciding about people: a score says what somebody with "
        "such a profile and history tends to look at, not who is suitable, creditworthy or worth funding.",
    ]


def _factors(facts: CardFacts) -> list[str]:
    report = facts.test or facts.validation
    names = ", ".join(f"`{segment.name}`" for segment in report.segments)
    return [
        f"Judged apart: {names}. Every engine ranks the full catalogue without what the person had acted on before; "
        f"relevant is what the person then did with a label above {report.label_above:g}. Figures are means over "
        f"people with {report.confidence:.0%} bootstrap intervals ({report.resamples:,} draws); differences are "
        "paired.",
    ]


def _training_data(manifest: ModelManifest) -> list[str]:
    cuts = {
        "learned from acts before": manifest.split.get("train_until"),
        "validated from": manifest.split.get("validation_from"),
        "tested until": manifest.split.get("test_until") or "the end of the data",
    }
    return [
        *(f"- {name.replace('_', ' ')}: `{value}`" for name, value in manifest.data.items()),
        *(f"- {name}: {value}" for name, value in cuts.items() if value),
        f"- features, text and profile, with the hash of their fitted schema: `{manifest.feature_schema_sha256}`",
    ]


def _evaluation(facts: CardFacts) -> list[str]:
    lines = []
    if facts.test is None:
        lines += ["Nothing relevant happened after the training, so there are no figures of a test window.", ""]
    else:
        lines += ["### Test window", "", *_report(facts.test, facts.test.segments), ""]
    validation = facts.validation
    everybody = [segment for segment in validation.segments if segment.name in (ALL, NO_HISTORY)]
    return [*lines, "### Validation window", "", *_report(validation, everybody if facts.test else validation.segments)]


def _report(report: EvaluationReport, segments: Sequence[SegmentReport]) -> Iterator[str]:
    yield (
        f"{report.window_start[:10]} .. {report.window_end[:10] if report.window_end else 'the end of the data'}: "
        f"{report.relevant_pairs} relevant pairs of {report.users} people with history; {report.catalogue_size} "
        f"startups (`{report.catalogue_policy}`: {report.catalogue_rule})."
    )
    yield ""
    yield from _table(("segment (people)", "engine", *_SHOWN, f"{report.primary} minus it, ndcg@10"))
    for segment in segments:
        for engine, figures in segment.engines.items():
            cells = [_cell(figures[name]) if name in figures else "" for name in _SHOWN]
            difference = segment.differences.get(engine, {}).get("ndcg@10")
            against = "" if difference is None else f"{difference.mean:+.4f} ({_range(difference)})"
            yield _row((f"{segment.name} ({segment.users})", engine, *cells, against))
    yield ""
    shown = ", ".join(f"{engine} {values['coverage@10']:.1%}" for engine, values in report.coverage.items())
    yield f"Share of the catalogue that anybody sees among the first 10: {shown}."
    left_out = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in report.left_out.items() if count)
    yield f"Left out: {left_out or 'nothing'}."


def _calibration(facts: CardFacts) -> list[str]:
    found = facts.validation.calibration.get(facts.validation.primary)
    if found is None:
        return ["The rows of the validation window all have one label, so probabilities cannot be judged."]
    return [_origin_of_probabilities(facts.manifest.config), "", *_reliability(found)]


def _origin_of_probabilities(config: Mapping[str, Any]) -> str:
    loss = config["loss"]["name"]
    if find_loss(loss).uses_negatives:
        return f"The loss `{loss}` learns probabilities: it compares them with the labels."
    if config["towers"] == "history":
        return (
            f"The loss `{loss}` learns an order; a curve fitted to the last episode of the training makes "
            "probabilities of the scores."
        )
    return (
        f"The loss `{loss}` learns an order, no probabilities: what the sigmoid makes of its scores was fitted to no "
        "label. Do not read it as a probability; the figures say how far off it is."
    )


def _reliability(found: Reliability) -> list[str]:
    return [
        f"On {found.pairs:,} labelled pairs of the validation window: expected calibration error {found.ece:.4f}, "
        f"Brier score {found.brier:.4f}; mean probability {found.probability:.3f}, mean label {found.label:.3f}. The "
        "dataset's sampled negatives are among the pairs, so a probability is relative to their share.",
        "",
        *_table(("probability", "pairs", "mean probability", "mean label")),
        *(
            _row((f"{bin.low:.1f} .. {bin.high:.1f}", f"{bin.count:,}", f"{bin.probability:.3f}", f"{bin.label:.3f}"))
            for bin in found.bins
        ),
    ]


def _caveats(facts: CardFacts) -> list[str]:
    limits = [limit for limit in (facts.verdict.refused, facts.verdict.warning) if limit]
    limits += known_limits(facts.test or facts.validation)
    return [
        *(f"- {limit}" for limit in limits),
        "- The figures are of one platform and one window of time; train and judge again as people and startups "
        "change.",
        "- It learns from what people were shown and did: what was never shown could not be liked, and the model "
        "repeats that. Look at the share of the catalogue above before it replaces an engine.",
        "- It holds no names and no texts of people, but numbers derived from their profiles and acts: treat its files "
        "as personal data.",
    ]


def _reproduction(facts: CardFacts) -> list[str]:
    manifest = facts.manifest
    cuts = [
        f"--{name.replace('_', '-')} {moment}"
        for name in ("train_until", "validation_from", "test_until")
        if (moment := manifest.split.get(name))
    ]
    command = [
        "python train_two_tower.py",
        f"--data {manifest.data.get('path', 'DATASET')}",
        f"--config {manifest.version}.config.json",
        *cuts,
        f"--catalogue {facts.validation.catalogue_policy}",
    ]
    return [
        "```text",
        " \\\n    ".join(command),
        "```",
        "",
        "On the same kind of machine, with the same libraries and number of threads, the weights are identical.",
    ]


def _table(headings: Sequence[str]) -> list[str]:
    return [_row(headings), _row(["---"] * len(headings))]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Interval) -> str:
    return f"{value.mean:.4f} ({_range(value)})"


def _range(value: Interval) -> str:
    return f"{value.low:.4f} .. {value.high:.4f}"


def _size(shape: Sequence[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
