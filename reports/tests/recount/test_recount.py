import time
import pytest
from reports.tests.recount.histories import lived
from reports.tests.recount.world import build_world

@pytest.mark.django_db
@pytest.mark.parametrize("n", range(2))
def test_x(cast, n):
    t=time.process_time(); w=time.time()
    world = build_world(cast)
    print("world", time.process_time()-t, time.time()-w)
    h = lived(world, f"1/{n}")
    print("lived", time.process_time()-t, time.time()-w)
    print(dict(h.done)); print("REFUSED", {k:v for k,v in h.refused.items() if not h.done[k]})
    print(h.refused)
