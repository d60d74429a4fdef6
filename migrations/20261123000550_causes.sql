-- What blocks a cell depends on few things beside the cell: its character's source, its look, its scene type, its run and
-- that run's budgets. Each of them is judged once and joined, where a look at each cell by itself took fifty times as long;
-- no copy is kept of it, since a budget that runs out would have to change a million of them.

-- Inlined by the planner: one definition, and the price of an expression.
create function source_cause(p_status qa_status) returns text language sql immutable parallel safe as $$
  select case when p_status in ('passed', 'waived') then null
    when p_status = 'failed' then 'source_qa_failed' else 'source_qa' end
$$;

create function look_cause(p_status variant_status, p_made_from text, p_source text) returns text
language sql immutable parallel safe as $$
  select case p_status when 'approved' then case when p_made_from is distinct from p_source then 'variant_stale' end
    when 'review' then 'variant_approval' when 'rejected' then 'variant_rejected'
    when 'failed' then 'variant_failed' else 'variant_generation' end
$$;

-- The look has to be paid for, too, before there can be a take.
create function look_is_due(p_status variant_status, p_made_from text, p_source text) returns boolean
language sql immutable parallel safe as $$
  select p_status in ('not_started', 'rejected', 'failed') or p_made_from is distinct from p_source
$$;

-- What the budgets of each run, its own and its project's, leave at the most; null: no limit.
create view run_limits as
select r.id as run_id, r.status_id = 3 as is_paused,
  min(l.allowed - l.reserved - l.spent) filter (where l.resource = 'gpu_hours') as gpu_left,
  min(l.allowed - l.reserved - l.spent) filter (where l.resource = 'disk_gb') as disk_left
from production_runs r
left join budgets l on l.project_id = r.project_id and (l.run_id is null or l.run_id = r.id)
group by r.id;

-- As before, in the words above; what is set aside for a cell itself is not in its way.
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
  select source_cause(i.qa_status) as cause, i.id as subject_id, coalesce(i.checked_at, i.updated_at) as since
  where source_cause(i.qa_status) is not null
  union all
  select look_cause(v.status, v.source_sha256, i.sha256), v.id, coalesce(v.reviewed_at, v.generated_at, v.updated_at)
  where look_cause(v.status, v.source_sha256, i.sha256) is not null
  union all
  select case l.resource when 'gpu_hours' then 'gpu_budget' else 'disk_budget' end, l.id,
    greatest(c.submitted_at, v.reviewed_at)
  from budgets l
  where l.project_id = r.project_id and (l.run_id is null or l.run_id = r.id)
    and l.allowed - l.reserved - l.spent < case l.resource
      when 'gpu_hours' then greatest(y.segments * y.estimated_gpu_seconds - coalesce(c.reserved_gpu_seconds, 0),
        case when look_is_due(v.status, v.source_sha256, i.sha256) then w.estimated_gpu_seconds end)
      else greatest(y.segments * y.estimated_disk_bytes - coalesce(c.reserved_disk_bytes, 0),
        case when look_is_due(v.status, v.source_sha256, i.sha256) then w.estimated_disk_bytes end)::double precision end
  union all
  select 'run_paused', r.id, r.updated_at where r.status_id = 3
  union all
  select 'held', c.id, c.updated_at where c.held
  union all
  select 'scene_type_held', y.id, y.tripped_at where y.tripped_at is not null
) b
where c.submitted and not c.skipped and s.current_take_id is null;

-- The causes in the order of their names, as before.
create or replace view query_cells as
select c.id, r.project_id, c.run_id, r.name as run, c.character_id, p.name as character, c.scene_type_id,
  y.name as scene_type, c.variant_type_id as variant_id, w.name as variant, c.status, c.submitted, c.stale, c.held,
  c.skipped, c.skip_reason,
  case when c.status = 'blocked' then nullif(array_remove(array[
    case when m.disk_left < greatest(y.segments * y.estimated_disk_bytes - coalesce(c.reserved_disk_bytes, 0),
      case when look_is_due(v.status, v.source_sha256, i.sha256) then w.estimated_disk_bytes end) then 'disk_budget' end,
    case when m.gpu_left < greatest(y.segments * y.estimated_gpu_seconds - coalesce(c.reserved_gpu_seconds, 0),
      case when look_is_due(v.status, v.source_sha256, i.sha256) then w.estimated_gpu_seconds end) then 'gpu_budget' end,
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

-- The name of the file that a project was applied from, in its folder.
alter table projects add column file text not null default 'production.yaml';
