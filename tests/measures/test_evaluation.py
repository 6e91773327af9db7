"""All measures together: the data's own pictures score as they do; what is worse scores worse, in the right figure."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures.classifier import load_classifier
from cellnn.diffusion.measures.evaluation import evaluate_images

COUNT = 300


@pytest.fixture(scope="module")
def data():
    """A third of mnist-5k, for speed: every third picture."""
    whole = load_images("mnist-5k")
    return replace(whole, images=whole.images[::3], labels=whole.labels[::3])


@pytest.fixture(scope="module")
def unseen():
    return load_images("mnist-5k", "test")


@pytest.fixture(scope="module")
def some(data):
    """Indices of random pictures of the data."""
    return torch.randperm(len(data), generator=torch.Generator().manual_seed(0))[:COUNT]


@pytest.fixture(scope="module")
def evaluate(data, unseen):
    return lambda images, **options: evaluate_images(images, data, unseen, resamples=100, **options)


@pytest.fixture(scope="module")
def real(evaluate, unseen):
    """Pictures of the test split in place of samples."""
    index = torch.randperm(len(unseen), generator=torch.Generator().manual_seed(1))[:COUNT]
    return evaluate(unseen.normalised(index), labels=unseen.labels[index].numpy())


def test_real_pictures_score_as_real_pictures_do(real):
    for name in ("precision", "recall", "density", "coverage", "confident", "label_agreement"):
        figure = real[name]
        reach = 0.25 if name == "density" else 0.12  # no share: a picture adds 0 to 4 and more
        assert figure.value == pytest.approx(figure.own, abs=reach), name
    assert real["nearest_ssim"].value == pytest.approx(real["nearest_ssim"].own, abs=0.02)
    assert real["pair_ssim"].value == pytest.approx(real["pair_ssim"].own, abs=0.04)
    assert real["class_entropy"].value == pytest.approx(math.log2(10), abs=0.02)
    assert real["class_distance"].value < 2 * real["class_distance"].own
    assert real["frechet"].value < 2 * real["frechet"].own


def test_counts_are_those_of_what_was_compared(real, data):
    frechet = real["frechet"]
    assert (frechet.count, frechet.against) == (COUNT, len(data))
    assert frechet.more["floor_own_count"]["count"] == COUNT
    assert (frechet.more["floor_half"]["count"], frechet.more["floor_half"]["against"]) == (750, 750)
    assert (real["precision"].count, real["precision"].against) == (COUNT, COUNT)
    assert real["frechet_infinity"].more["stable"] is False  # 300 samples are too few
    assert real["frechet_infinity"].value < frechet.value
    assert "300 samples are few" in real.notes[0]


def test_every_figure_lies_in_its_interval(real):
    for name, figure in real.figures.items():
        if figure.interval is not None:
            assert figure.interval[0] <= figure.value <= figure.interval[1], name
    assert sum(figure.interval is None for figure in real.figures.values()) == 2


def test_noise_is_nothing_like_the_data(evaluate, real):
    noise = torch.rand(COUNT, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    found = evaluate(noise)
    assert found["frechet"].value > 20 * real["frechet"].value
    assert found["kernel"].interval[0] > real["kernel"].interval[1]
    # not precision: noise has small features, and falls into the wide sphere of one unusual digit (docs/evaluate.md)
    assert found["recall"].value == 0 and found["coverage"].value < 0.05
    assert found["confident"].value < 0.5
    assert found["nearest_ssim"].value < 0.2
    assert "label_agreement" not in found.figures


def test_copies_of_the_data_are_found_out(evaluate, data, some):
    found = evaluate(data.normalised(some))
    assert found["nearest_ssim"].value == pytest.approx(1.0, abs=1e-5)
    assert found["nearest_ssim"].own < 0.8
    assert found["frechet"].value < 1.5 * found["frechet"].own


def test_one_class_only_is_a_lack_of_variety(evaluate, data, real):
    ones = torch.nonzero(data.labels == 1)[:COUNT, 0]
    found = evaluate(data.normalised(ones), labels=np.full(len(ones), 7))
    assert found["class_entropy"].value < 0.1
    assert found["class_distance"].value > 0.88
    assert found["precision"].value > 0.7 and found["recall"].value < 0.2
    assert found["pair_ssim"].value > found["pair_ssim"].own + 0.1
    assert found["label_agreement"].value < 0.02
    assert found["frechet"].value > 5 * real["frechet"].value
    assert found.classes["1"]["samples"] > 0.98 and found.classes["1"]["data"] == pytest.approx(0.1)


def test_labels_of_no_class_do_not_count():
    digits = load_images("digits")
    images, labels = digits.normalised(slice(0, 200)), digits.labels[:200].numpy().copy()
    labels[50:] = 10
    found = evaluate_images(images, digits, labels=labels, resamples=20)
    assert found["label_agreement"].count == 50 and found["label_agreement"].value > 0.9
    labels[:] = 10
    assert "label_agreement" not in evaluate_images(images, digits, labels=labels, resamples=20).figures


def test_the_seed_decides_and_nothing_else():
    digits = load_images("digits")
    images = digits.normalised(slice(0, 200))
    evaluate = lambda images, seed: evaluate_images(images, digits, seed=seed, resamples=20)  # noqa: E731
    first, again, other = evaluate(images, 3), evaluate(images.numpy(), 3), evaluate(images, 4)
    assert first == again
    assert first["frechet"].value == other["frechet"].value
    assert first["frechet"].interval != other["frechet"].interval


def test_the_report_is_json_and_names_what_it_depends_on(real, data):
    text = json.loads(json.dumps(real.as_dict(), allow_nan=False))
    assert text["classifier"]["sha256"] == load_classifier("mnist-5k").description.sha256
    assert text["data"]["files"] == data.files and text["seed"] == 0
    assert {"cellnn", "torch", "numpy", "torchmetrics", "python"} == set(text["versions"])
    assert text["figures"]["frechet_inception"]["value"] is None
    assert "one-channel" in text["figures"]["frechet_inception"]["note"]


def test_without_unseen_pictures_the_report_says_so(data, some):
    found = evaluate_images(data.normalised(some), data, resamples=20)
    assert any("not from unseen ones" in text for text in found.notes)
    assert found["nearest_ssim"].own < 0.8  # a picture is not compared with itself


def test_more_samples_than_half_of_the_data():
    digits = load_images("digits")
    found = evaluate_images(digits.normalised(), digits, load_images("digits", "test"), resamples=20)
    assert found["precision"].count == len(digits) // 2
    assert found["frechet"].value == pytest.approx(0.0, abs=1e-6 * found["frechet"].own)


def test_what_does_not_fit_is_refused(data, some):
    with pytest.raises(InputError, match=r"images: got .*expected shape \(n, 1, 28, 28\)"):
        evaluate_images(np.zeros((200, 1, 8, 8), np.float32), data)
    with pytest.raises(InputError, match=r"a LeNet for pictures \(1, 28, 28\) of the classes 0, 1, "):
        evaluate_images(data.normalised(some), data, classifier=load_classifier("digits"))


def test_a_classifier_of_other_classes_is_refused(data):
    """Clothes and digits have the same size and as many classes: only the names tell them apart."""
    with pytest.raises(InputError, match="classifier: got .*T-shirt.*; expected a LeNet for pictures .* 0, 1, 2"):
        evaluate_images(data.normalised(slice(0, 100)), data, classifier=load_classifier("fashion-mnist"))
