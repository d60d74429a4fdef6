-- One plain view for each entity of the language; a column is named as the field. Views cost nothing for the columns
-- a statement does not name: what is dear stands in a subselect of its own.

create view query_runs as
select r.id, r.project_id, r.id as run_id, r.name, r.description, s.name as status, r.total_cells as cells,
  r.completed_cells as completed, r.failed_cells as failed, r.estimated_gpu_hours, r.estimated_disk_gb,
  u.name as created_by, r.created_at, r.started_at, r.completed_at, r.updated_at
from production_runs r
join job_statuses s on s.id = r.status_id
left join users u on u.id = r.created_by_id;

create view query_cells as
select c.id, r.project_id, c.run_id, r.name as run, c.character_id, p.name as character, c.scene_type_id,
  y.name as scene_type, c.variant_type_id as variant_id, w.name as variant, c.status, c.submitted, c.stale, c.held,
  c.skipped, c.skip_reason,
  case when c.status = 'blocked' then (select t.blocked_by from cell_truth t where t.id = c.id) end as blocked_by,
  t.number as take, s.current_take_id as take_id, c.priority, c.tags, c.segments_done, c.segments_total as segments,
  case when c.segments_total > 0 then c.segments_done::double precision / c.segments_total end as progress,
  (select sum(greatest(a.number, 1))::integer from segments g
    join jobs j on j.kind = 'segment' and j.subject_id = g.id
    join lateral (select max(x.number) as number from attempts x where x.job_id = j.id) a on true
    where g.take_id = t.id) as attempts,
  (select sum(g.gpu_seconds) from segments g where g.take_id = t.id) as gpu_seconds,
  y.segments * y.estimated_gpu_seconds as estimated_gpu_seconds,
  coalesce(t.qa_reason, (select g.error from segments g where g.take_id = t.id and g.error is not null
    order by g.number limit 1)) as error,
  (select u.name from users u where u.id = t.reviewer_id) as reviewer,
  coalesce(t.note, c.skip_reason) as note,
  c.submitted_at as queued_at,
  (select min(g.started_at) from segments g where g.take_id = t.id) as started_at,
  (select max(g.finished_at) from segments g where g.take_id = t.id
    and c.status in ('qa_review', 'approved', 'rejected', 'failed')) as finished_at,
  c.updated_at
from cells c
join production_runs r on r.id = c.run_id
join characters p on p.id = c.character_id
join scene_types y on y.id = c.scene_type_id
join variant_types w on w.id = c.variant_type_id
join scenes s on s.id = c.scene_id
left join takes t on t.id = s.current_take_id;

create view query_characters as
select p.id, p.project_id, p.name, p.position, i.qa_status as source_status,
  (select count(*) from cells c where c.character_id = p.id) as cells,
  (select count(*) from cells c where c.character_id = p.id and c.status = 'approved') as approved,
  p.created_at, p.updated_at
from characters p
left join source_images i on i.character_id = p.id;

create view query_scene_types as
select y.id, y.project_id, y.name, y.position, y.segments, y.segment_seconds as seconds, y.width, y.height, y.fps,
  g.name as generator, y.estimated_gpu_seconds, y.prompt, y.updated_at
from scene_types y
join generators g on g.id = y.generator_id;

create view query_variant_types as
select w.id, w.project_id, w.name, w.position, w.width, w.height, g.name as generator, w.estimated_gpu_seconds,
  w.prompt, w.updated_at
from variant_types w
join generators g on g.id = w.generator_id;

create view query_variants as
select v.id, v.project_id, v.character_id, p.name as character, v.variant_type_id as variant_id, w.name as variant,
  v.status, v.generation,
  v.status in ('review', 'approved') and v.source_sha256 is distinct from i.sha256 as stale,
  v.path, v.sha256, v.error, u.name as reviewer, v.note,
  (select max(a.number)::integer from jobs j join attempts a on a.job_id = j.id
    where j.kind = 'variant' and j.subject_id = v.id and j.generation = v.generation) as attempts,
  v.generated_at, v.reviewed_at, v.updated_at
from variants v
join characters p on p.id = v.character_id
join variant_types w on w.id = v.variant_type_id
join source_images i on i.character_id = v.character_id
left join users u on u.id = v.reviewer_id;

create view query_sources as
select i.id, i.project_id, i.character_id, p.name as character, i.qa_status as status, i.path, i.sha256, i.width,
  i.height, i.bytes, i.qa_reason as reason, u.name as waived_by, i.note, i.checked_at, i.updated_at
from source_images i
join characters p on p.id = i.character_id
left join users u on u.id = i.reviewer_id;

create view query_takes as
select t.id, s.project_id, t.run_id, s.character_id, p.name as character, s.scene_type_id, y.name as scene_type,
  s.variant_type_id as variant_id, w.name as variant, t.number, k.status, s.current_take_id = t.id is true as current,
  k.stale, u.name as reviewer, t.note,
  coalesce(t.qa_reason, (select g.error from segments g where g.take_id = t.id and g.error is not null
    order by g.number limit 1)) as error,
  t.qa_status, t.qa_reason, k.segments, k.segments_done, t.created_at, t.checked_at, t.reviewed_at, t.updated_at
from takes t
join take_truth k on k.id = t.id
join scenes s on s.id = t.scene_id
join characters p on p.id = s.character_id
join scene_types y on y.id = s.scene_type_id
join variant_types w on w.id = s.variant_type_id
left join users u on u.id = t.reviewer_id;

create view query_segments as
select g.id, s.project_id, t.run_id, g.take_id, t.number as take, s.character_id, p.name as character,
  s.scene_type_id, y.name as scene_type, s.variant_type_id as variant_id, w.name as variant, g.number,
  z.name as status, g.path, g.sha256, g.bytes, y.segment_seconds as seconds, g.gpu_seconds, g.error, g.started_at,
  g.finished_at, g.updated_at
from segments g
join takes t on t.id = g.take_id
join scenes s on s.id = t.scene_id
join characters p on p.id = s.character_id
join scene_types y on y.id = s.scene_type_id
join variant_types w on w.id = s.variant_type_id
join job_statuses z on z.id = g.status_id;

create view query_jobs as
select j.id, j.project_id, j.run_id, r.name as run, j.kind,
  case when l.job_id is not null then 'running'
    when q.job_id is not null then case when q.run_at = 'infinity' then 'paused' else 'pending' end
    else z.name end as status,
  j.subject_id, coalesce(x.attempt, l.attempt, q.attempts, 0)::integer as attempts, j.max_attempts,
  coalesce(-q.rank, -l.rank, j.priority)::smallint as priority,
  coalesce(l.worker_id, x.worker_id) as worker_id, w.name as worker,
  coalesce(x.error, (select a.error from attempts a where a.job_id = j.id order by a.number desc limit 1)) as error,
  (select sum(a.gpu_seconds) from attempts a where a.job_id = j.id) as gpu_seconds,
  (select a.log from attempts a where a.job_id = j.id order by a.number desc limit 1) as log,
  l.progress::double precision as progress, nullif(q.run_at, 'infinity') as run_at, j.queued_at,
  coalesce(l.claimed_at, (select min(a.started_at) from attempts a where a.job_id = j.id)) as started_at, x.finished_at,
  greatest(j.queued_at, l.claimed_at, x.finished_at) as updated_at
from jobs j
left join ready_jobs q on q.job_id = j.id
left join leased_jobs l on l.job_id = j.id
left join job_results x on x.job_id = j.id
left join job_statuses z on z.id = x.status_id
left join production_runs r on r.id = j.run_id
left join workers w on w.id = coalesce(l.worker_id, x.worker_id);

create view query_workers as
select w.id, null::bigint as project_id, w.name, w.host, w.pid, w.kinds::text[] as kinds, w.slots,
  (select count(*) from leased_jobs l where l.worker_id = w.id) as busy,
  w.stopped_at is null and w.seen_at > now() - interval '30 seconds' as live,
  w.seen_at, w.started_at, w.stopped_at
from workers w;

create view query_events as
select e.id, e.project_id, e.run_id, r.name as run, e.kind, e.entity, e.count, e.ids, e.detail::text as detail, e.at
from events e
left join production_runs r on r.id = e.run_id;

create view query_actions as
select a.id, a.project_id, a.run_id, r.name as run, a.verb, u.name as user, a.entity, a.statement, a.selected,
  a.changed, false as undone, a.created_at as at
from actions a
left join production_runs r on r.id = a.run_id
left join users u on u.id = a.user_id;

create view query_deliveries as
select d.id, r.project_id, d.run_id, r.name as run, z.name as status, d.path, d.files_done, d.files_total as files,
  d.bytes, case when d.files_total > 0 then d.files_done::double precision / d.files_total end as progress, d.error,
  u.name as created_by, d.created_at, d.started_at, d.completed_at
from deliveries d
join production_runs r on r.id = d.run_id
join job_statuses z on z.id = d.status_id
left join users u on u.id = d.created_by_id;

create view query_budgets as
select b.id, b.project_id, b.run_id, r.name as run, b.resource,
  b.allowed / x.unit as "limit", b.reserved / x.unit as reserved, b.spent / x.unit as spent,
  (b.allowed - b.reserved - b.spent) / x.unit as available, b.updated_at
from budgets b
cross join lateral (select case b.resource when 'gpu_hours' then 3600 else 1e9 end::double precision as unit) x
left join production_runs r on r.id = b.run_id;

create view query_users as
select u.id, m.project_id, u.name, m.role, u.created_at
from users u
left join project_members m on m.user_id = u.id;
