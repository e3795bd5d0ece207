"""The commands of `understudy`, one module each; benches are the modules `bench_*` with `run() -> dict`."""
