"""Writes a dataset: users, startups, pairs with sampled negatives, and the manifest that makes them one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from accounts.models import User
from contracts.dataset import (
    EMBEDDING_DIM,
    SCHEMA_VERSION,
    DatasetManifest,
    DatasetPaths,
    LabelPolicy,
    NegativeSampling,
)
from contracts.interactions import LABELS, SAMPLED_NEGATIVE, WEIGHTS, InteractionType
from imports.progress import ProgressReporter, SilentProgress
from recommendations.data_errors import DatasetExportError
from recommendations.datasets.arrow_schemas import STARTUP_SCHEMA, USER_SCHEMA
from recommendations.datasets.catalogue import Lifetimes, LifetimesReader
from recommendations.datasets.moments import moment_of
from recommendations.datasets.negative_sampling import NegativeSampler
from recommendations.datasets.pair_blocks import act_count, event_rows, pair_blocks
from recommendations.datasets.pair_files import PairFile
from recommendations.datasets.preconditions import (
    explained_write_errors,
    nothing_in_window,
    require_embeddings,
    require_interactions,
    require_target,
)
from recommendations.datasets.proposals import PopularityProposal, Proposal, UniformProposal, monthly_acts
from recommendations.datasets.request import DatasetRequest, NegativeStrategy
from recommendations.datasets.staging import publish, sealed_entry, staging_folder
from recommendations.datasets.startups import startup_batches
from recommendations.datasets.summary import DatasetSummary
from recommendations.datasets.tally import RowTally
from recommendations.datasets.users import user_batches

BLOCK_ROWS = 100_000
"""About how many rows, negatives included, are held at once."""


@dataclass(slots=True)
class _Entities:
    """One entities file as it was written.

    Attributes:
        row_of: Row of each id.
        ids: The ids in order of their rows.
    """

    row_of: dict[UUID, int] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    without_embedding: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        for key in batch.column(0).to_pylist():
            self.row_of[UUID(key)] = len(self.ids)
            self.ids.append(key)
        self.without_embedding += batch["embedding"].null_count


def dataset_export(request: DatasetRequest, *, progress: ProgressReporter | None = None) -> DatasetSummary:
    """Write the dataset that is asked for; an older one of that name stays whole until the new one is.

    Pairs lie in order of user and startup, each block followed by its negatives. Memory holds the ids of all users and
    startups, but only a block of the pairs.

    Raises:
        DatasetExportError: If there is nothing to write or it cannot be written; nothing is left behind then.
        EmbeddingError: If a stored embedding is broken.
    """
    started = time.monotonic()
    require_target(request.paths)
    require_interactions()
    with explained_write_errors(request.output.parent), staging_folder(request.paths) as staged:
        writer = _DatasetWriter(request, staged, progress or SilentProgress())
        manifest = writer.write()
        publish(staged, request.paths)
    return DatasetSummary(
        path=request.output,
        manifest=manifest,
        rows_by_type=writer.tally.by_type,
        missing_negatives=writer.missing_negatives,
        inactive_users=User.objects.filter(is_active=False).count(),
        seconds=time.monotonic() - started,
    )


class _DatasetWriter:
    """Writes the four files of one dataset into the staging folder."""

    def __init__(self, request: DatasetRequest, staged: DatasetPaths, progress: ProgressReporter) -> None:
        self._request = request
        self._staged = staged
        self._progress = progress
        self._users = _Entities()
        self._startups = _Entities()
        self._lifetimes = LifetimesReader(self._users.row_of)
        self.tally = RowTally()
        self.missing_negatives = 0

    def write(self) -> DatasetManifest:
        """Write everything, the manifest last."""
        self._write_entities()
        pair_rows = self._write_pairs()
        if not pair_rows:
            raise DatasetExportError(nothing_in_window(self._request.since, self._request.until))
        manifest = self._manifest(pair_rows)
        self._staged.manifest.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return manifest

    def _write_entities(self) -> None:
        model = self._request.embedding_model
        with pq.ParquetWriter(self._staged.users, USER_SCHEMA) as file:
            for batch in self._progress.track(user_batches(model), description="Users"):
                file.write_batch(batch)
                self._users.add(batch)
        with pq.ParquetWriter(self._staged.startups, STARTUP_SCHEMA) as file:
            for batch in self._progress.track(startup_batches(model), description="Startups"):
                file.write_batch(batch)
                self._startups.add(batch)
                self._lifetimes.read(batch)
        require_embeddings(self._entities, self._without_embedding, model)

    @property
    def _entities(self) -> int:
        return len(self._users.ids) + len(self._startups.ids)

    @property
    def _without_embedding(self) -> int:
        return self._users.without_embedding + self._startups.without_embedding

    def _write_pairs(self) -> int:
        sampler = self._sampler()
        until = self._request.until
        events = self._progress.track(event_rows(until), description="Events", total=act_count(until))
        blocks = pair_blocks(
            events,
            users=self._users.row_of,
            startups=self._startups.row_of,
            since=self._request.since,
            size=max(1, BLOCK_ROWS // (1 + self._request.negatives_per_positive)),
        )
        user_ids, startup_ids = pa.array(self._users.ids), pa.array(self._startups.ids)
        with PairFile(self._staged.pairs, user_ids=user_ids, startup_ids=startup_ids) as file:
            for block in blocks:
                for rows in (block.pairs, sampler.draw(block)):
                    file.write(rows)
                    self.tally.add(rows)
        self.missing_negatives = sampler.missing
        return file.rows

    def _sampler(self) -> NegativeSampler:
        lifetimes = self._lifetimes.lifetimes()
        return NegativeSampler(
            lifetimes=lifetimes,
            proposal=self._proposal(lifetimes),
            per_positive=self._request.negatives_per_positive,
            rng=np.random.default_rng(self._request.seed),
        )

    def _proposal(self, lifetimes: Lifetimes) -> Proposal:
        if self._request.strategy is NegativeStrategy.UNIFORM:
            return UniformProposal()
        acts = monthly_acts(lifetimes, self._startups.row_of, self._request.until)
        return PopularityProposal(acts, len(lifetimes))

    def _manifest(self, pair_rows: int) -> DatasetManifest:
        request, by_type = self._request, self.tally.by_type
        return DatasetManifest(
            schema_version=SCHEMA_VERSION,
            created_at=datetime.now(UTC),
            generator=request.generator,
            pairs=sealed_entry(self._staged.pairs, pair_rows),
            users=sealed_entry(self._staged.users, len(self._users.ids)),
            startups=sealed_entry(self._staged.startups, len(self._startups.ids)),
            positives=self.tally.positives,
            dislikes=by_type[InteractionType.DISLIKE],
            sampled_negatives=by_type[SAMPLED_NEGATIVE],
            window_start=None if self.tally.first is None else moment_of(self.tally.first),
            window_end=None if self.tally.last is None else moment_of(self.tally.last),
            since=request.since,
            until=request.until,
            label_policy=LabelPolicy(labels=dict(LABELS), weights=dict(WEIGHTS)),
            negatives=NegativeSampling(
                per_positive=request.negatives_per_positive, strategy=request.strategy, seed=request.seed
            ),
            embedding_model=request.embedding_model,
            embedding_dim=EMBEDDING_DIM,
            users_without_embedding=self._users.without_embedding,
            startups_without_embedding=self._startups.without_embedding,
        )
