"""What an attacker would give as the id of an article, to read something else."""

from itertools import product

UPWARDS = (
    "../", "..\\", "....//", "./../", "%2e%2e/", "..%2f", "..%5c", "%252e%252e%252f", "..;/", "a/../../",
    "\u2025/", "..%c0%af", "deep/../../", "/",
)  # fmt: skip
TARGETS = (
    "secret.txt", "etc/passwd", "index/CURRENT", "%00", "secret.txt%00.txt", "secret.txt?x",
    "secret.txt#x",
)  # fmt: skip


def payloads(folder):
    """Some three hundred ids that lead out of ``folder``, in which ``secret.txt`` is no article."""
    relative = [up * times + name for up, name in product(UPWARDS, TARGETS) for times in (1, 3, 8)]
    return [*relative, str(folder / "secret.txt"), f"file://{folder}/secret.txt", "~", "C:\\"]
