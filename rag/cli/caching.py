"""``rag cache``: what can be recomputed and is shared by all indexes."""

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
    "What can be recomputed and is shared by all indexes: compiled models, evaluation sets.",
)


@command("fill", cache)
def cache_fill_command(
    model: ModelOption = None,
    reader: ReaderOption = None,
    precision: PrecisionOption = None,
    json: JsonOption = False,
) -> None:
    """Compile the models beforehand, so that the first build and question are as fast as any other."""
    loaded = settings(model=model, reader=reader, precision=precision).values
    from rag.models import cache_folder, load_embedder, load_reader
    from rag.stores.size import bytes_below

    embeds = load_embedder(loaded.model, loaded.precision).info.id
    reads = load_reader(loaded.reader, loaded.precision).id
    folder = cache_folder()
    size = bytes_below(folder)
    if json:
        names = {"model": embeds, "reader": reads}
        console.out(safe_json({"folder": str(folder), "bytes": size} | names))
    else:
        ready = f"{embeds} and {reads} are ready in {folder} ({size_text(size)})"
        console.out(printable(ready))


@command("clear", cache)
def cache_clear_command(json: JsonOption = False) -> None:
    """Empty the user's cache folder; what is needed again is made again.

    Indexes are not touched.
    """
    from rag.models import cache_folder, clear_cache
    from rag.stores.size import bytes_below

    freed = bytes_below(cache_folder())
    clear_cache()
    if json:
        console.out(safe_json({"folder": str(cache_folder()), "freed_bytes": freed}))
    else:
        console.out(printable(f"emptied {cache_folder()} ({size_text(freed)})"))
