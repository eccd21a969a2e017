"""The mean of two readers' weights, which reads better than either (Wortsman et al. 2022, model soups).

    python training/average_readers.py ONE.safetensors OTHER.safetensors MEAN.safetensors

The other must have gone on from the one: means of weights that were never close mean nothing. Tensors that
only one of them has are taken as they are.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file


def main() -> None:
    """Write the mean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("mean", type=Path)
    arguments = parser.parse_args()
    one, other = load_file(arguments.one), load_file(arguments.other)
    mean = {
        name: (one[name].float() + other[name].float()) / 2 for name in one.keys() & other.keys()
    }
    save_file({n: t.half().contiguous() for n, t in (one | other | mean).items()}, arguments.mean)


if __name__ == "__main__":
    main()
