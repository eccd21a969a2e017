"""Average the weights of several readers: better than each alone (Wortsman et al. 2022, model soups).

    python training/average_readers.py MEAN.safetensors READER.safetensors [READER.safetensors ...]

Each reader must continue the training of the one before: the mean of unrelated weights is useless. A reader
named twice counts twice. A tensor that only some readers have is the mean over those.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file


def main() -> None:
    """Write the mean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("mean", type=Path)
    parser.add_argument("readers", type=Path, nargs="+")
    arguments = parser.parse_args()
    readers = [load_file(path) for path in arguments.readers]
    mean = {}
    for name in set().union(*readers):
        own = [reader[name].float() for reader in readers if name in reader]
        mean[name] = (sum(own[1:], own[0]) / len(own)).half().contiguous()
    save_file(mean, arguments.mean)


if __name__ == "__main__":
    main()
