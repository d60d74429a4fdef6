"""Drains no-op jobs with another queue on the same server and prints jobs a second, a line each
time: peers.py pgqueuer|procrastinate URL JOBS TIMES"""

import asyncio
import sys
import time

name, url, count, times = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


async def pgqueuer() -> None:
    import asyncpg
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries
    from pgqueuer.types import QueueExecutionMode

    connection = await asyncpg.connect(url)
    driver = AsyncpgDriver(connection)
    if not await Queries(driver).has_table("pgqueuer"):
        await Queries(driver).install()
    for _ in range(times):
        queue = PgQueuer(driver)

        @queue.entrypoint("noop")
        async def noop(job):
            pass

        for start in range(0, count, 10_000):
            size = min(10_000, count - start)
            await queue.qm.queries.enqueue(["noop"] * size, [None] * size, [0] * size)
        await connection.execute("vacuum analyze pgqueuer")
        began = time.perf_counter()
        await queue.qm.run(batch_size=100, mode=QueueExecutionMode.drain)
        print(count / (time.perf_counter() - began), flush=True)


async def procrastinate_() -> None:
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="noop")
    async def noop():
        pass

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        size = min(count, 2_000)  # it is orders slower
        for _ in range(times):
            await noop.configure().batch_defer_async(*({} for _ in range(size)))
            began = time.perf_counter()
            await app.run_worker_async(wait=False, concurrency=10, listen_notify=False, install_signal_handlers=False)
            print(size / (time.perf_counter() - began), flush=True)


asyncio.run(pgqueuer() if name == "pgqueuer" else procrastinate_())
