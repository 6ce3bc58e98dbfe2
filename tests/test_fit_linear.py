"""Fitting the linear head: what is learned, chosen and held back."""

import hashlib
import os

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from cutouts.encoders.tokenizer import join
from cutouts.heads import machines
from cutouts.heads.fit_linear import Sizes, candidates, fit_linear
from cutouts.heads.folds import Evidence, quality
from cutouts.heads.machines import fit_machines
from cutouts.heads.settings import Settings, best_settings, gains
from cutouts.heads.words import SINGLE
from cutouts.training import gather_evidence
from tests.tiny import corpus_of, several_labels, three_labels, tiny_static


def evidence_of(texts: int = 120) -> Evidence:
    return gather_evidence(tiny_static(), three_labels(texts // 3))


def separable(rows: int = 200, columns: int = 30) -> tuple[sparse.csr_array, np.ndarray]:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(rows, columns))
    truth = matrix @ random.normal(size=(columns, 4)) > 0.5
    return sparse.csr_array(matrix), truth


def test_what_was_learned_is_right_on_texts_that_were_held_out() -> None:
    evidence = evidence_of()
    fitted = fit_linear(evidence)
    assert quality(fitted.scores, evidence.truth, multiple=False) > 0.95
    scores = fitted.head.scores(evidence.pieces, evidence.vectors)
    assert quality(scores, evidence.truth, multiple=False) == 1


def test_held_out_scores_do_not_know_the_label_of_their_text() -> None:
    random = np.random.default_rng(3)
    ids = random.integers(5, 60, (150, 4)).astype(np.uint32)
    truth = np.eye(2, dtype=bool)[random.integers(0, 2, 150)]  # labels that mean nothing
    vectors = random.normal(size=(150, 8)).astype(np.float32)
    evidence = Evidence(join(list(ids)), vectors, truth, multiple=False)
    fitted = fit_linear(evidence)
    assert quality(fitted.scores, truth, multiple=False) < 0.65
    seen = fitted.head.scores(evidence.pieces, vectors)
    assert quality(seen, truth, multiple=False) > 0.7


def test_settings_are_those_that_did_best() -> None:
    said: list[str] = []
    fitted = fit_linear(evidence_of(), stage=said.append)
    chosen = f"vector weight {fitted.settings['vector_weight']:g}, cost {fitted.settings['cost']:g}"
    others = [value for name, value in fitted.tried.items() if name != chosen]
    assert fitted.tried[chosen] > max(others) - 0.05  # better, or by less than chance may give
    assert [f"cross-validating {name}" for name in fitted.tried] == [
        line for line in said if line.startswith("cross-validating")
    ]


def test_a_weight_is_looked_at_again_at_the_cost_that_was_chosen() -> None:
    def reached(settings: Settings) -> float:
        if settings.cost < 4:  # a low cost likes a heavy vector
            return settings.cost + settings.vector_weight / 100
        return 10 - abs(settings.vector_weight - 0.25) - abs(settings.cost - 4)

    best = best_settings(lambda one, other: reached(one) > reached(other))
    assert best == Settings(vector_weight=0.25, cost=4.0)


def test_a_lead_within_one_standard_error_is_no_gain() -> None:
    before = np.zeros(100, bool)
    assert not gains(before, before)
    one, other = before.copy(), before.copy()
    one[:20], other[20:35] = True, True  # 20 texts won, 15 lost: 5 of 35
    assert not gains(one, other)
    other[25:35] = False  # 20 won, 5 lost: 15 of 25
    assert gains(one, other)
    assert not gains(other, one)


def test_the_same_evidence_gives_the_same_head() -> None:
    one, other = fit_linear(evidence_of()), fit_linear(evidence_of())
    assert (one.scores == other.scores).all()
    for name, tensor in one.head.tensors().items():
        assert (tensor == other.head.tensors()[name]).all(), name


@pytest.mark.parametrize("head_bytes", [1_500, 2_500, 100_000])
def test_a_head_keeps_to_its_bytes(head_bytes: int) -> None:
    fitted = fit_linear(evidence_of(), head_bytes=head_bytes)
    size = sum(tensor.nbytes for tensor in fitted.head.tensors().values())
    assert size <= head_bytes
    assert fitted.settings["word_features"] == len(fitted.head.tensors()["keys"])


def test_a_head_without_room_for_words_goes_by_the_vector() -> None:
    evidence = evidence_of()
    fitted = fit_linear(evidence, head_bytes=1)
    assert fitted.settings["word_features"] == 0
    assert quality(fitted.scores, evidence.truth, multiple=False) > 0.6


def test_more_room_is_not_worse() -> None:
    evidence = evidence_of()
    sizes = Sizes(evidence)
    large, small = (sizes.quality(evidence, size) for size in (100_000, 1_300))
    assert large >= small - 0.05


def test_words_are_single_pieces_and_pairs_in_two_texts() -> None:
    corpus = corpus_of(("apple pear", "a"), ("apple pear plum", "a"), ("motor oil", "b"))
    encoder = tiny_static()
    features = candidates(gather_evidence(encoder, corpus))
    singles = [key for key in features.keys.tolist() if key >> 16 == SINGLE]
    pairs = [key for key in features.keys.tolist() if key >> 16 != SINGLE]
    apple, pear = encoder.tokenizer.id_of("apple"), encoder.tokenizer.id_of("pear")
    assert len(singles) == 5
    assert pairs == [apple << 16 | pear]


def test_several_labels_and_texts_without_any_are_learned_from() -> None:
    evidence = gather_evidence(tiny_static(), several_labels())
    fitted = fit_linear(evidence)
    assert quality(fitted.scores, evidence.truth, multiple=True) > 0.85


def test_machines_are_those_of_liblinear() -> None:
    matrix, truth = separable()
    weights, bias = fit_machines(matrix, truth, 0.5)
    exact = [LinearSVC(C=0.5, dual=False, tol=1e-8).fit(matrix, truth[:, i]) for i in range(4)]
    scores = matrix @ weights + bias
    reference = np.stack([machine.decision_function(matrix) for machine in exact], axis=1)
    assert np.corrcoef(scores.ravel(), reference.ravel())[0, 1] > 0.999
    assert ((scores > 0) == (reference > 0)).mean() > 0.98


def test_a_label_that_is_nowhere_or_everywhere_is_answered_so() -> None:
    matrix, _ = separable(rows=20)
    truth = np.stack([np.zeros(20, bool), np.ones(20, bool)], axis=1)
    weights, bias = fit_machines(matrix, truth, 1.0)
    assert not weights.any()
    assert bias[0] < 0 < bias[1]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has nobody to share with")
def test_sharing_the_labels_between_processes_changes_no_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matrix, truth = separable(rows=600)
    alone = fit_machines(matrix, truth, 0.5)
    monkeypatch.setattr(machines, "WORTH_SHARING", 0)
    digests = set()
    for weights, bias in (alone, *(fit_machines(matrix, truth, 0.5) for _ in range(3))):
        digests.add(hashlib.sha256(weights.tobytes() + bias.tobytes()).hexdigest())
    assert len(digests) == 1
