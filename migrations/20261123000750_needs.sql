-- What a cell needs of a budget, and since when what it waits for is as it is: each in one place. Inlined by the planner.

-- The take, beyond what is set aside for it already; as the other two in GPU seconds or bytes.
create function take_need(p_take double precision, p_set_aside double precision) returns double precision
language sql immutable parallel safe as $$
  select p_take - coalesce(p_set_aside, 0)
$$;

-- The look, when it is to be generated first; else null.
create function look_need(p_look double precision, p_status variant_status, p_made_from text, p_source text)
returns double precision language sql immutable parallel safe as $$
  select case when look_is_due(p_status, p_made_from, p_source) then p_look end
$$;

-- What there has to be room for at once: they are set aside one after the other.
create function cell_need(p_take double precision, p_set_aside double precision, p_look double precision,
  p_status variant_status, p_made_from text, p_source text)
returns double precision language sql immutable parallel safe as $$
  select greatest(take_need(p_take, p_set_aside), look_need(p_look, p_status, p_made_from, p_source))
$$;

-- A person may decide about a source after its check, and a replaced one is checked anew.
create function source_since(p_checked_at timestamptz, p_reviewed_at timestamptz, p_updated_at timestamptz)
returns timestamptz language sql immutable parallel safe as $$
  select coalesce(greatest(p_checked_at, p_reviewed_at), p_updated_at)
$$;

-- The times of a former picture say nothing about one that was ordered since.
create function look_since(p_status variant_status, p_generated_at timestamptz, p_reviewed_at timestamptz,
  p_updated_at timestamptz)
returns timestamptz language sql immutable parallel safe as $$
  select coalesce(case when p_status = 'review' then p_generated_at
    when p_status in ('approved', 'rejected') then p_reviewed_at end, p_updated_at)
$$;

-- Since when a budget is too small for a cell is not known: it may have been so before the cell was submitted, or only after.
create or replace view cell_blockers as
select c.id as cell_id, c.run_id, b.cause, b.subject_id, b.since
from cells c
join scenes s on s.id = c.scene_id
join scene_types y on y.id = c.scene_type_id
join variant_types w on w.id = c.variant_type_id
join production_runs r on r.id = c.run_id
join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
join source_images i on i.character_id = c.character_id
cross join lateral (
  select source_cause(i.qa_status) as cause, i.id as subject_id, source_since(i.checked_at, i.reviewed_at, i.updated_at) as since
  where source_cause(i.qa_status) is not null
  union all
  select look_cause(v.status, v.source_sha256, i.sha256), v.id, look_since(v.status, v.generated_at, v.reviewed_at, v.updated_at)
  where look_cause(v.status, v.source_sha256, i.sha256) is not null
  union all
  select case l.resource when 'gpu_hours' then 'gpu_budget' else 'disk_budget' end, l.id, null
  from budgets l
  where l.project_id = r.project_id and (l.run_id is null or l.run_id = r.id)
    and l.allowed - l.reserved - l.spent < case l.resource
      when 'gpu_hours' then cell_need(y.segments * y.estimated_gpu_seconds, c.reserved_gpu_seconds,
        w.estimated_gpu_seconds, v.status, v.source_sha256, i.sha256)
      else cell_need(y.segments * y.estimated_disk_bytes, c.reserved_disk_bytes,
        w.estimated_disk_bytes, v.status, v.source_sha256, i.sha256) end
  union all
  select 'run_paused', r.id, r.updated_at where r.status_id = 3
  union all
  select 'held', c.id, c.updated_at where c.held
  union all
  select 'scene_type_held', y.id, y.tripped_at where y.tripped_at is not null
) b
where c.submitted and not c.skipped and s.current_take_id is null;

-- As before, in the words above.
create or replace view query_cells as
select c.id, r.project_id, c.run_id, r.name as run, c.character_id, p.name as character, c.scene_type_id,
  y.name as scene_type, c.variant_type_id as variant_id, w.name as variant, c.status, c.submitted, c.stale, c.held,
  c.skipped, c.skip_reason,
  case when c.status = 'blocked' then nullif(array_remove(array[
    case when m.disk_left < cell_need(y.segments * y.estimated_disk_bytes, c.reserved_disk_bytes,
      w.estimated_disk_bytes, v.status, v.source_sha256, i.sha256) then 'disk_budget' end,
    case when m.gpu_left < cell_need(y.segments * y.estimated_gpu_seconds, c.reserved_gpu_seconds,
      w.estimated_gpu_seconds, v.status, v.source_sha256, i.sha256) then 'gpu_budget' end,
    case when c.held then 'held' end,
    case when m.is_paused then 'run_paused' end,
    case when y.tripped_at is not null then 'scene_type_held' end,
    source_cause(i.qa_status),
    look_cause(v.status, v.source_sha256, i.sha256)], null), '{}') end as blocked_by,
  t.number as take, s.current_take_id as take_id,
  coalesce((select sum(a.attempts) from segment_attempts a where a.take_id = s.current_take_id), 0)::bigint as attempts,
  c.priority, c.tags, c.segments_done, c.segments_total as segments,
  case when c.segments_total > 0 then c.segments_done::double precision / c.segments_total end as progress,
  (select coalesce(sum(g.gpu_seconds), 0) from segments g where g.take_id = s.current_take_id) as gpu_seconds,
  y.segments * y.estimated_gpu_seconds as estimated_gpu_seconds,
  (select sum(g.bytes)::bigint from segments g where g.take_id = s.current_take_id) as bytes,
  t.qa_status,
  coalesce(t.qa_reason, case when c.status = 'failed' then (
    select g.error from segments g where g.take_id = s.current_take_id and g.error is not null
    order by g.number limit 1) end) as error,
  (select k.worker_id from take_workers k where k.take_id = s.current_take_id) as worker_id,
  (select k.worker from take_workers k where k.take_id = s.current_take_id) as worker,
  u.name as reviewer, coalesce(t.note, c.skip_reason) as note, c.submitted_at, t.created_at as queued_at,
  (select min(g.started_at) from segments g where g.take_id = s.current_take_id) as started_at,
  case when c.status in ('qa_review', 'approved', 'rejected', 'failed') then (
    select max(g.finished_at) from segments g where g.take_id = s.current_take_id) end as finished_at,
  t.reviewed_at, c.created_at, c.updated_at
from cells c
left join production_runs r on r.id = c.run_id
left join characters p on p.id = c.character_id
left join scene_types y on y.id = c.scene_type_id
left join variant_types w on w.id = c.variant_type_id
left join scenes s on s.id = c.scene_id
left join takes t on t.id = s.current_take_id
left join users u on u.id = t.reviewer_id
left join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
left join source_images i on i.character_id = c.character_id
left join run_limits m on m.run_id = c.run_id;
