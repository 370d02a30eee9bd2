import time
from domain.dossier.acts import AddAddendum
from tests.api.server import block
def test_it(site):
    t=time.time()
    d=site.caller("o-1").open_detention()
    print(time.time()-t)
    print(site.caller("o-1").record(d.id, AddAddendum(**block(), text="x")))
    for p in ("/v1/cases?position=99999", "/v1/audit?position=99999"):
        r=site.caller(None).get(p); print(p, r.status_code, r.text)
    a=site.caller("a-1")
    for u in ("/v1/cases?kind=%00","/v1/audit?actor=%00","/v1/audit?type=%00","/v1/cases?kind=%ED%A0%80","/v1/cases/%s/timeline?happened_from=0001-01-01T00:00:00%%2B14:00"%d.id,"/v1/cases/%s/timeline?happened_to=9999-12-31T23:59:59-14:00"%d.id,"/v1/cases/%s?known_at=0001-01-01T00:00:00%%2B14:00"%d.id,"/v1/cases/%s?true_at=9999-12-31T23:59:59-14:00"%d.id,"/v1/cases/%s?known_at=9999-12-31T23:59:59-14:00"%d.id,"/v1/cases/%s?known_at=inf"%d.id,"/v1/cases/%s?known_at=1e300"%d.id,"/v1/cases/%s?known_at=2026-01-01T00:00:00"%d.id,"/v1/cases/%s/timeline?cursor=abc"%d.id,"/v1/cases/%s/timeline?cursor=MTrCsg&type=nope"%d.id,"/v1/cases?cursor=%s"%__import__('base64').urlsafe_b64encode("1:²".encode()).decode(),"/v1/cases/xx","/v1/detentions","/v1/cases?kind=a&kind=b","/v1/cases/%s/diff?from=2&to=1"%d.id,"/v1/cases/%s/diff?from_true_at=0001-01-01T00:00:00Z&to_true_at=9999-12-31T00:00:00Z"%d.id,"/docs","/redoc","/openapi.json","/metrics","/static-offline-docs/x"):
        r=a.get(u); print(u, r.status_code, r.text[:150].replace("\n"," "))
