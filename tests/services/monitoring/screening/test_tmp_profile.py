import time
from sqlalchemy import event
from tests.services.monitoring.screening.test_runs import *
import tests.services.monitoring.screening.test_runs as t

async def test_profile(monitoring, chen, capsys):
    log=[]
    eng=monitoring.database.engine.sync_engine
    @event.listens_for(eng,'before_cursor_execute')
    def b(conn,cur,stmt,p,ctx,many): conn.info['t']=time.perf_counter()
    @event.listens_for(eng,'after_cursor_execute')
    def a(conn,cur,stmt,p,ctx,many): log.append((time.perf_counter()-conn.info['t'], ' '.join(stmt.split())[:110]))
    batch = await county.submission(monitoring, SELF_PAY, "2024-04")
    async with monitoring.database.transaction(Area.of(county.COUNTY)) as connection:
        await connection.execute(text(MANY), {"n": 4000, "batch": batch})
    began=time.perf_counter()
    run = await county.ask(monitoring)
    async with county.working(monitoring):
        try: await county.ended(monitoring, run.job_id, seconds=40)
        except TimeoutError: pass
    with capsys.disabled():
        print('total', time.perf_counter()-began)
        for s,q in sorted(log,reverse=True)[:14]: print(f'{s:.2f}',q)
