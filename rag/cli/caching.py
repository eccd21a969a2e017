"""``rag cache``: files that all indexes share and that can be recomputed."""

from __future__ import annotations

from rag.cli.app import (
    JsonOption,
    ModelOption,
    PrecisionOption,
    ReaderOption,
    command,
    command_group,
    console,
    settings,
)
from rag.cli.console import safe_json, size_text
from rag.text.terminal import printable

cache = command_group(
    "cache",
    "Manage the cache that all indexes share: compiled models, evaluation sets.",
)


@command("fill", cache)
def cache_fill_command(
    model: ModelOption = None,
    reader: ReaderOption = None,
    precision: PrecisionOption = None,
    json: JsonOption = False,
) -> None:
    """Compile the models in advance.

    Then the first build and the first question are fast too.
    """
    loaded = settings(model=model, reader=reader, precision=precision).values
    from rag.files import bytes_below
    from rag.models import cache_folder, load_embedder, load_reader

    embedder_id = load_embedder(loaded.model, loaded.precision).info.id
    reader_id = load_reader(loaded.reader, loaded.precision).id
    folder = cache_folder()
    size = bytes_below(folder)
    if json:
        names = {"model": embedder_id, "reader": reader_id}
        console.out(safe_json({"folder": str(folder), "bytes": size} | names))
    else:
        text = f"{embedder_id} and {reader_id} are ready in {folder} ({size_text(size)})"
        console.out(printable(text))


@command("clear", cache)
def cache_clear_command(json: JsonOption = False) -> None:
    """Empty the cache folder. Files needed later are recomputed.

    Indexes do not change.
    """
    from rag.files import bytes_below
    from rag.models import cache_folder, clear_cache

    freed = bytes_below(cache_folder())
    clear_cache()
    if json:
        console.out(safe_json({"folder": str(cache_folder()), "freed_bytes": freed}))
    else:
        console.out(printable(f"emptied {cache_folder()} ({size_text(freed)})"))
