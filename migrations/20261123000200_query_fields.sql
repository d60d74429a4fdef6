-- The views of the language anew: every field a producer asks for. A join that a statement does not use has to fall away,
-- so everything beside the entity's own table is joined from the left on a unique key, or is an aggregate that is
-- joined from the left on true; the rest stands in a subselect of its own and costs what it costs where it is named.

-- The message of the server for a pattern that is no regular expression, else null. It does not fail, so that a
-- transaction that asks goes on.
create function query_regex_error(p_pattern text) returns text language plpgsql stable as $$
begin
  perform '' ~ p_pattern;
  return null;
exception when invalid_regular_expression then
  return sqlerrm;
end $$;

-- Who worked last on the segments of a take.
create view take_workers as
select distinct on (g.take_id) g.take_id, w.id as worker_id, w.name as worker
from segments g
join jobs j on j.kind = 'segment' and j.subject_id = g.id
left join leased_jobs l on l.job_id = j.id
left join job_results x on x.job_id = j.id
join workers w on w.id = coalesce(l.worker_id, x.worker_id)
order by g.take_id, g.number desc, j.id desc;

-- How often somebody has begun with the segments of a take, and with each one.
create view segment_attempts as
select g.take_id, g.id as segment_id, sum(coalesce(x.attempt, l.attempt, q.attempts, 0))::bigint as attempts
from segments g
join jobs j on j.kind = 'segment' and j.subject_id = g.id
left join ready_jobs q on q.job_id = j.id
left join leased_jobs l on l.job_id = j.id
left join job_results x on x.job_id = j.id
group by g.take_id, g.id;

drop view query_runs;
create view query_runs as
select r.id, r.project_id, r.id as run_id, r.name, r.description, s.name as status, r.total_cells as cells,
  r.completed_cells as completed, r.failed_cells as failed,
  coalesce((select k.count from run_status_counts k where k.run_id = r.id and k.status = 'qa_review'), 0) as in_review,
  case when r.total_cells > 0 then r.completed_cells::double precision / r.total_cells end as progress,
  (select coalesce(sum(g.gpu_seconds), 0) from takes t join segments g on g.take_id = t.id where t.run_id = r.id)
    + (select coalesce(sum(v.gpu_seconds), 0) from variants v where v.run_id = r.id) as gpu_seconds,
  r.estimated_gpu_hours, r.estimated_disk_gb, u.name as created_by, r.created_at, r.started_at, r.completed_at,
  r.updated_at
from production_runs r
left join job_statuses s on s.id = r.status_id
left join users u on u.id = r.created_by_id;

drop view query_cells;
create view query_cells as
select c.id, r.project_id, c.run_id, r.name as run, c.character_id, p.name as character, c.scene_type_id,
  y.name as scene_type, c.variant_type_id as variant_id, w.name as variant, c.status, c.submitted, c.stale, c.held,
  c.skipped, c.skip_reason,
  case when c.status = 'blocked' then (
    select array_agg(distinct b.cause order by b.cause) from cell_blockers b where b.cell_id = c.id) end as blocked_by,
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
left join users u on u.id = t.reviewer_id;

drop view query_characters;
create view query_characters as
select p.id, p.project_id, p.name, p.position, i.qa_status as source_status,
  (select count(*) from cells c where c.character_id = p.id) as cells,
  (select count(*) from cells c where c.character_id = p.id and c.status = 'approved') as approved,
  (select count(*) from cells c where c.character_id = p.id and c.status = 'failed') as failed, p.created_at,
  p.updated_at
from characters p
left join source_images i on i.character_id = p.id;

drop view query_scene_types;
create view query_scene_types as
select y.id, y.project_id, y.name, y.position, y.segments, y.segment_seconds as seconds, y.width, y.height, y.fps,
  g.name as generator, y.estimated_gpu_seconds, y.prompt, y.created_at, y.updated_at
from scene_types y
left join generators g on g.id = y.generator_id;

drop view query_variant_types;
create view query_variant_types as
select w.id, w.project_id, w.name, w.position, w.width, w.height, g.name as generator, w.estimated_gpu_seconds,
  w.prompt, w.created_at, w.updated_at
from variant_types w
left join generators g on g.id = w.generator_id;

drop view query_variants;
create view query_variants as
select v.id, v.project_id, v.character_id, p.name as character, v.variant_type_id as variant_id, w.name as variant,
  v.run_id, r.name as run, v.status, v.generation,
  v.status in ('review', 'approved') and v.source_sha256 is distinct from i.sha256 as stale,
  v.path, v.sha256, v.bytes, v.gpu_seconds, v.error, u.name as reviewer, v.note,
  coalesce((select coalesce(x.attempt, l.attempt, q.attempts)::bigint from jobs j
    left join ready_jobs q on q.job_id = j.id left join leased_jobs l on l.job_id = j.id
    left join job_results x on x.job_id = j.id
    where j.kind = 'variant' and j.subject_id = v.id and j.generation = v.generation), 0) as attempts,
  v.generated_at, v.reviewed_at, v.created_at, v.updated_at
from variants v
left join characters p on p.id = v.character_id
left join variant_types w on w.id = v.variant_type_id
left join source_images i on i.character_id = v.character_id
left join production_runs r on r.id = v.run_id
left join users u on u.id = v.reviewer_id;

drop view query_sources;
create view query_sources as
select i.id, i.project_id, i.character_id, p.name as character, i.qa_status as status, i.generation, i.path, i.sha256,
  i.width, i.height, i.bytes, i.qa_reason as reason, case when i.qa_status = 'waived' then u.name end as waived_by,
  u.name as reviewer, i.note, i.checked_at, i.reviewed_at, i.created_at, i.updated_at
from source_images i
left join characters p on p.id = i.character_id
left join users u on u.id = i.reviewer_id;

-- The status and the staleness of a take are those of take_truth, computed anew only where they are named.
drop view query_takes;
create view query_takes as
select t.id, s.project_id, t.run_id, r.name as run, s.character_id, p.name as character, s.scene_type_id,
  y.name as scene_type, s.variant_type_id as variant_id, w.name as variant, t.number,
  (select k.status from take_truth k where k.id = t.id) as status, s.current_take_id = t.id is true as current,
  (select k.stale from take_truth k where k.id = t.id) as stale, t.qa_status, t.qa_reason, t.review,
  u.name as reviewer, t.note, coalesce(t.qa_reason, g.error) as error,
  coalesce((select sum(a.attempts) from segment_attempts a where a.take_id = t.id), 0)::bigint as attempts,
  (select k.worker_id from take_workers k where k.take_id = t.id) as worker_id,
  (select k.worker from take_workers k where k.take_id = t.id) as worker, g.segments, g.segments_done,
  case when g.segments > 0 then g.segments_done::double precision / g.segments end as progress, g.gpu_seconds,
  g.bytes, t.seed, t.created_at as queued_at, g.started_at, g.finished_at, t.checked_at, t.reviewed_at,
  t.cancelled_at, t.created_at, t.updated_at
from takes t
left join scenes s on s.id = t.scene_id
left join production_runs r on r.id = t.run_id
left join characters p on p.id = s.character_id
left join scene_types y on y.id = s.scene_type_id
left join variant_types w on w.id = s.variant_type_id
left join users u on u.id = t.reviewer_id
left join lateral (
  select count(*) as segments, count(*) filter (where g.status_id = 4) as segments_done,
    coalesce(sum(g.gpu_seconds), 0) as gpu_seconds, sum(g.bytes)::bigint as bytes, min(g.started_at) as started_at,
    case when bool_and(g.finished_at is not null) then max(g.finished_at) end as finished_at,
    (array_agg(g.error order by g.number) filter (where g.error is not null))[1] as error
  from segments g where g.take_id = t.id) g on true;

drop view query_segments;
create view query_segments as
select g.id, s.project_id, t.run_id, r.name as run, g.take_id, t.number as take, s.character_id, p.name as character,
  s.scene_type_id, y.name as scene_type, s.variant_type_id as variant_id, w.name as variant, g.number,
  z.name as status,
  coalesce((select a.attempts from segment_attempts a where a.segment_id = g.id), 0)::bigint as attempts,
  (select l.progress::double precision from live_jobs j join leased_jobs l on l.job_id = j.job_id
    where j.kind = 'segment' and j.subject_id = g.id) as progress,
  g.path, g.last_frame_path as last_frame, g.sha256, g.bytes, y.segment_seconds as seconds, g.gpu_seconds, g.error,
  g.started_at, g.finished_at, g.updated_at
from segments g
left join takes t on t.id = g.take_id
left join scenes s on s.id = t.scene_id
left join production_runs r on r.id = t.run_id
left join characters p on p.id = s.character_id
left join scene_types y on y.id = s.scene_type_id
left join variant_types w on w.id = s.variant_type_id
left join job_statuses z on z.id = g.status_id;

-- What a job is for is found by its kind. The names stand in subselects: a join on a coalesce of several tables would
-- keep all of them.
drop view query_jobs;
create view query_jobs as
select j.id, j.project_id, j.run_id, r.name as run, j.kind,
  case when l.job_id is not null then 'running'
    when q.job_id is not null then case when q.run_at = 'infinity' then 'paused' else 'pending' end
    else z.name end as status,
  j.subject_id,
  coalesce(gs.character_id, ts.character_id, v.character_id, i.character_id) as character_id,
  (select p.name from characters p
    where p.id = coalesce(gs.character_id, ts.character_id, v.character_id, i.character_id)) as character,
  coalesce(gs.scene_type_id, ts.scene_type_id) as scene_type_id,
  (select y.name from scene_types y where y.id = coalesce(gs.scene_type_id, ts.scene_type_id)) as scene_type,
  coalesce(gs.variant_type_id, ts.variant_type_id, v.variant_type_id) as variant_id,
  (select w.name from variant_types w
    where w.id = coalesce(gs.variant_type_id, ts.variant_type_id, v.variant_type_id)) as variant,
  coalesce(gt.id, t.id) as take_id, coalesce(gt.number, t.number) as take, g.number::integer as segment,
  coalesce(x.attempt, l.attempt, q.attempts, 0)::integer as attempts, j.max_attempts,
  coalesce(-q.rank, -l.rank, j.priority)::integer as priority,
  coalesce(l.worker_id, x.worker_id) as worker_id,
  (select w.name from workers w where w.id = coalesce(l.worker_id, x.worker_id)) as worker,
  coalesce(x.error, a.error) as error, a.errors, a.outcomes, a.exit_code, a.log,
  coalesce(a.gpu_seconds, 0) as gpu_seconds, l.progress::double precision as progress, l.leased_until,
  nullif(q.run_at, 'infinity') as run_at, j.queued_at, coalesce(a.started_at, l.claimed_at) as started_at,
  x.finished_at, greatest(j.queued_at, l.claimed_at, x.finished_at) as updated_at
from jobs j
left join ready_jobs q on q.job_id = j.id
left join leased_jobs l on l.job_id = j.id
left join job_results x on x.job_id = j.id
left join job_statuses z on z.id = x.status_id
left join production_runs r on r.id = j.run_id
left join segments g on j.kind = 'segment' and g.id = j.subject_id
left join takes gt on gt.id = g.take_id
left join scenes gs on gs.id = gt.scene_id
left join takes t on j.kind = 'scene_qa' and t.id = j.subject_id
left join scenes ts on ts.id = t.scene_id
left join variants v on j.kind = 'variant' and v.id = j.subject_id
left join source_images i on j.kind = 'source_qa' and i.id = j.subject_id
left join lateral (
  select (array_agg(a.error order by a.number desc))[1] as error,
    array_agg(a.error order by a.number) filter (where a.error is not null) as errors,
    array_agg(a.outcome order by a.number) as outcomes, (array_agg(a.exit_code order by a.number desc))[1] as exit_code,
    (array_agg(a.log order by a.number desc))[1] as log, sum(a.gpu_seconds) as gpu_seconds,
    min(a.started_at) as started_at
  from attempts a where a.job_id = j.id) a on true;

drop view query_events;
create view query_events as
select e.id, e.project_id, e.run_id, r.name as run, e.kind, e.entity, e.count, e.ids::text[] as ids,
  e.detail::text as detail, e.at
from events e
left join production_runs r on r.id = e.run_id;

drop view query_actions;
create view query_actions as
select a.id, a.project_id, a.run_id, r.name as run, a.verb, u.name as user, a.entity, a.statement, a.selected,
  a.changed, array(select concat_ws(' ', x ->> 'count', x ->> 'reason') from jsonb_array_elements(a.left_alone) x)
    as left_alone,
  a.subject_ids::text[] as ids, false as undone, a.created_at as at
from actions a
left join production_runs r on r.id = a.run_id
left join users u on u.id = a.user_id;

drop view query_deliveries;
create view query_deliveries as
select d.id, r.project_id, d.run_id, r.name as run, z.name as status, d.phase, d.path, d.files_done,
  d.files_total as files,
  (select count(*) from delivery_cells c where c.delivery_id = d.id) as cells,
  (select count(*) from delivery_cells c where c.delivery_id = d.id and c.take_id is null) as skipped,
  d.bytes, case when d.files_total > 0 then d.files_done::double precision / d.files_total end as progress, d.error,
  u.name as created_by, d.created_at, d.started_at, d.completed_at, d.updated_at
from deliveries d
left join production_runs r on r.id = d.run_id
left join job_statuses z on z.id = d.status_id
left join users u on u.id = d.created_by_id;
