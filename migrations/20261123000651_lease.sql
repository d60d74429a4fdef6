-- How long a lease lasts, and with it who counts as alive, is said in one place.

-- In seconds; `alter database ... set callsheet.lease_seconds = '2'` sets it for all who hold, charge and rescue.
create function lease_seconds() returns double precision language sql stable parallel safe as $$
  select coalesce(nullif(current_setting('callsheet.lease_seconds', true), '')::double precision, 30)
$$;

-- Workers that were heard of within a lease.
create view live_workers as
select w.* from workers w
where w.stopped_at is null and w.seen_at > now() - make_interval(secs => lease_seconds());

create or replace view query_workers as
select w.id, null::bigint as project_id, w.name, w.host, w.pid, w.kinds::text[] as kinds, w.slots,
  (select count(*) from leased_jobs l where l.worker_id = w.id) as busy,
  exists (select 1 from live_workers l where l.id = w.id) as live,
  w.seen_at, w.started_at, w.stopped_at
from workers w;
