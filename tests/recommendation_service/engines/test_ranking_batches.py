from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.hard_negatives import HardNegatives
from recommendation_service.engines.ranking_batches import RankingBatches
from recommendation_service.engines.startup_lifetimes import StartupLifetimes
from recommendation_service.engines.timeline import done_by_people, from_microseconds
from recommendation_service.engines.training_config import NegativesConfig
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import TrainingData

CPU = torch.device("cpu")
IN_BATCH = NegativesConfig()
MIXED = NegativesConfig(uniform=6, popular=6)
HARD = NegativesConfig(uniform=3, hard=2, hard_pool=8)


def make_source(
    data: TrainingData, config: NegativesConfig, current_model: Callable[[], HardNegatives] | None = None
) -> RankingBatches:
    generator = torch.Generator().manual_seed(5)
    users, startups = (torch.randn((len(side), 4), generator=generator) for side in (data.users, data.startups))
    return RankingBatches(
        TrainingPairs.of(data.interactions, with_negatives=False, device=CPU),
        StartupLifetimes.of(data.startups, CPU),
        config,
        batch_size=32,
        users=len(users),
        startups=len(startups),
        hard_negatives=current_model
        or (lambda: HardNegatives(config, user_vectors=users, startup_vectors=startups, content=startups)),
    )


def epoch(data: TrainingData, config: NegativesConfig, seed: int = 0) -> list[TrainingBatch]:
    return list(make_source(data, config).batches(torch.Generator().manual_seed(seed)))


@pytest.fixture(params=[IN_BATCH, MIXED, HARD], ids=["in batch", "mixed", "hard"])
def config(request: pytest.FixtureRequest) -> NegativesConfig:
    chosen: NegativesConfig = request.param
    return chosen


def test_every_act_once_and_no_sampled_negative(platform: TrainingData, config: NegativesConfig) -> None:
    rows = platform.interactions.take(done_by_people(platform.interactions))
    batches = epoch(platform, config)
    seen = [
        (int(batch.users[row]), int(batch.startups[column]), round(float(label), 6))
        for batch in batches
        for row, column, label in zip(batch.row, batch.column, batch.label, strict=True)
    ]
    acts = zip(rows.user.tolist(), rows.startup.tolist(), rows.label.tolist(), strict=True)
    assert sorted(seen) == sorted((user, startup, round(label, 6)) for user, startup, label in acts)
    assert len(batches) == make_source(platform, config).steps


def test_columns_are_distinct_and_beyond_the_batch_where_negatives_are_drawn(
    platform: TrainingData, config: NegativesConfig
) -> None:
    for batch in epoch(platform, config):
        assert len(batch.startups) == len(torch.unique(batch.startups))
        others = len(batch.startups) - len(torch.unique(batch.column))
        assert others == 0 if config == IN_BATCH else others > 0


def test_nobody_is_taught_what_they_like_or_could_not_see(platform: TrainingData, config: NegativesConfig) -> None:
    """Every unmasked column was open at each act of its person in the batch, and never liked by them."""
    acts = platform.interactions.take(done_by_people(platform.interactions))
    liked = set(zip(acts.user[acts.label > 0].tolist(), acts.startup[acts.label > 0].tolist(), strict=True))
    time_of = {(u, s): t for u, s, t in zip(acts.user.tolist(), acts.startup.tolist(), acts.time.tolist(), strict=True)}
    masked_for_time = 0
    for batch in epoch(platform, config):
        for row, user in enumerate(batch.users.tolist()):
            own = batch.column[batch.row == row]
            times = [from_microseconds(time_of[user, int(batch.startups[column])]) for column in own]
            for column, startup in enumerate(batch.startups.tolist()):
                record = platform.startups[startup]
                was_there = record.opened_at <= min(times)
                was_there &= record.closed_at is None or record.closed_at > max(times)
                masked_for_time += not was_there
                assert bool(batch.known[row, column]) == ((user, startup) in liked or not was_there)
    assert masked_for_time


def test_log_q_is_the_probability_of_being_in_the_batch(platform: TrainingData) -> None:
    """Over many epochs a startup is in as many batches as its log q says."""
    source, generator = make_source(platform, MIXED), torch.Generator().manual_seed(0)
    seen, stated, full = torch.zeros(len(platform.startups)), torch.zeros(len(platform.startups)), 0
    for _ in range(60):
        for batch in source.batches(generator):
            if len(batch) == 32:
                seen[batch.startups] += 1
                stated[batch.startups] = batch.log_q.exp()
                full += 1
    assert float((seen - stated * full).abs().max()) < 5 * float(np.sqrt(full) / 2)


def test_epochs_repeat_under_a_seed_and_leave_the_global_generator_alone(
    platform: TrainingData, config: NegativesConfig
) -> None:
    state = torch.get_rng_state()
    first, again, other = epoch(platform, config, 1), epoch(platform, config, 1), epoch(platform, config, 2)
    assert all(torch.equal(one.startups, two.startups) for one, two in zip(first, again, strict=True))
    assert not all(torch.equal(one.startups, two.startups) for one, two in zip(first, other, strict=True))
    assert torch.equal(torch.get_rng_state(), state)


def test_hard_negatives_are_those_of_the_model_at_the_start_of_each_epoch(platform: TrainingData) -> None:
    asked = []

    def current_model() -> HardNegatives:
        asked.append(len(asked))
        vectors = torch.randn((60, 4)), torch.randn((40, 4))
        return HardNegatives(HARD, user_vectors=vectors[0], startup_vectors=vectors[1], content=vectors[1])

    source = make_source(platform, HARD, current_model=current_model)
    for seed in range(2):
        list(source.batches(torch.Generator().manual_seed(seed)))
    assert len(asked) == 2
