"""Philox against the known answers of its authors' distribution and a second writing of the cipher in whole numbers."""

import numpy as np
import pytest

from cellnn.devices.variability.philox import philox4x32

# Random123, tests/kat_vectors, philox4x32 with 10 rounds; TensorFlow's and others' tests carry the same three
ANSWERS = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def ours(counter, key):
    return tuple(int(word) for word in philox4x32(*map(np.uint64, (*counter, *key))))


def by_the_paper(counter, key):
    """Salmon et al. (2011), section 3.3: S-P network of multiplications, in Python's unbounded whole numbers."""
    left0, right0, left1, right1 = counter[0], counter[1], counter[2], counter[3]
    for n in range(10):
        keys = [(k + n * weyl) % 2**32 for k, weyl in zip(key, (0x9E3779B9, 0xBB67AE85), strict=True)]
        high0, low0 = divmod(0xD2511F53 * left0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * left1, 2**32)
        left0, right0, left1, right1 = high1 ^ right0 ^ keys[0], low1, high0 ^ right1 ^ keys[1], low0
    return left0, right0, left1, right1


@pytest.mark.parametrize("counter, key, answer", ANSWERS)
def test_known_answers(counter, key, answer):
    assert ours(counter, key) == answer
    assert by_the_paper(counter, key) == answer


def test_any_counter_and_key():
    rng = np.random.default_rng(0)
    for words in rng.integers(0, 2**32, (200, 6)).tolist():
        assert ours(words[:4], words[4:]) == by_the_paper(words[:4], words[4:])
