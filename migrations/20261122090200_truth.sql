-- The one definition of truth: what a take and a cell are, computed from the facts; and the triggers that keep
-- cells.status, stale and the counts as copies of it, whoever changes the facts.

create view take_truth as
select t.id, t.scene_id, t.number, s.total as segments, s.done as segments_done, s.running as segments_running,
  s.failed as segments_failed,
  case
    when t.cancelled_at is not null then 'cancelled'
    when t.review = 'approved' then 'approved'
    when t.review = 'rejected' then 'rejected'
    when s.failed > 0 or t.qa_status = 'failed' then 'failed'
    when s.done = s.total and t.qa_status in ('passed', 'waived') then 'review'
    when s.done = s.total then 'qa'
    when s.done > 0 or s.running > 0 then 'generating'
    else 'queued'
  end::take_status as status,
  -- Made from a picture that is not the approved one any more.
  t.cancelled_at is null and (v.status <> 'approved' or v.sha256 is distinct from t.input_sha256
    or v.source_sha256 is distinct from i.sha256) as stale
from takes t
join variants v on v.id = t.variant_id
join source_images i on i.character_id = v.character_id
cross join lateral (
  select count(*) as total, count(*) filter (where g.status_id = 4) as done,
    count(*) filter (where g.status_id = 2) as running, count(*) filter (where g.status_id = 5) as failed
  from segments g where g.take_id = t.id) s;

-- One row for every unmet dependency of a submitted cell that has no take. The subject is the row that has to change:
-- a source image, a variant, a budget, the run or the cell.
create view cell_blockers as
select c.id as cell_id, c.run_id, b.cause, b.subject_id, b.since
from cells c
join scenes s on s.id = c.scene_id
join scene_types y on y.id = c.scene_type_id
join variant_types w on w.id = c.variant_type_id
join production_runs r on r.id = c.run_id
join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
join source_images i on i.character_id = c.character_id
cross join lateral (
  select case i.qa_status when 'failed' then 'source_qa_failed' else 'source_qa' end as cause, i.id as subject_id,
    coalesce(i.checked_at, i.updated_at) as since
  where i.qa_status not in ('passed', 'waived')
  union all
  select case
      when v.status = 'review' then 'variant_approval'
      when v.status = 'rejected' then 'variant_rejected'
      when v.status = 'failed' then 'variant_failed'
      when v.status = 'approved' then 'variant_stale'
      else 'variant_generation'
    end, v.id, coalesce(v.reviewed_at, v.generated_at, v.updated_at)
  where v.status <> 'approved' or v.source_sha256 is distinct from i.sha256
  union all
  select case l.resource when 'gpu_hours' then 'gpu_budget' else 'disk_budget' end, l.id, l.updated_at
  from budgets l
  where l.project_id = r.project_id and (l.run_id is null or l.run_id = r.id)
    and l.allowed - l.reserved - l.spent < greatest(
      y.segments * case l.resource
        when 'gpu_hours' then y.estimated_gpu_seconds else y.estimated_disk_bytes::double precision end,
      case when v.status in ('not_started', 'rejected', 'failed') or v.source_sha256 is distinct from i.sha256 then
        case l.resource when 'gpu_hours' then w.estimated_gpu_seconds else w.estimated_disk_bytes::double precision end
      end)
  union all
  select 'run_paused', r.id, r.updated_at where r.status_id = 3
  union all
  select 'held', c.id, c.updated_at where c.held
) b
where c.submitted and not c.skipped and s.current_take_id is null;

create view cell_truth as
select c.id, c.run_id,
  case
    when c.skipped then 'skipped'
    when t.id is null then case when c.submitted then 'blocked' else 'not_started' end
    else case t.status
      when 'queued' then 'queued'
      when 'generating' then 'generating'
      when 'qa' then 'generating'
      when 'review' then 'qa_review'
      when 'approved' then 'approved'
      when 'rejected' then 'rejected'
      when 'failed' then 'failed'
      when 'cancelled' then 'not_started'
    end
  end::cell_status as status,
  coalesce(t.stale and not c.skipped and t.status not in ('failed', 'rejected'), false) as stale,
  coalesce(t.segments_done, 0)::smallint as segments_done,
  coalesce(t.segments, 0)::smallint as segments_total,
  (select array_agg(distinct b.cause order by b.cause) from cell_blockers b where b.cell_id = c.id) as blocked_by
from cells c
join scenes s on s.id = c.scene_id
left join take_truth t on t.id = s.current_take_id;

-- Brings the kept copies of these cells up to the truth. Locks in id order, so that two of them never wait in a ring.
-- Plans are kept for the session and may be made when the tables are still empty: without sequential scans they stay
-- right when the tables grow.
create function keep_cells(p_ids bigint[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if p_ids is null or cardinality(p_ids) = 0 then return; end if;
  perform 1 from cells where id = any (p_ids) order by id for no key update;
  update cells c
  set status = t.status, stale = t.stale, segments_done = t.segments_done, segments_total = t.segments_total
  from cell_truth t
  where t.id = c.id and c.id = any (p_ids)
    and (c.status, c.stale, c.segments_done, c.segments_total)
      is distinct from (t.status, t.stale, t.segments_done, t.segments_total);
end $$;

create function keep_after_segments() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
  perform keep_cells(array(
    select distinct c.id from new_rows n
    join scenes s on s.current_take_id = n.take_id
    join cells c on c.scene_id = s.id));
  return null;
end $$;

create function keep_after_takes() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
  perform keep_cells(array(
    select distinct c.id from new_rows n
    join scenes s on s.current_take_id = n.id
    join cells c on c.scene_id = s.id));
  return null;
end $$;

-- What changed is found with EXCEPT: a join of the two transition tables is planned for the number of rows of the
-- session's first call, and a nested loop over ten thousand rows each takes minutes.
create function keep_after_scenes() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
  perform keep_cells(array(
    select distinct c.id from (
      select id, current_take_id from new_rows except select id, current_take_id from old_rows) n
    join cells c on c.scene_id = n.id));
  return null;
end $$;

create function keep_after_variants() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
  perform keep_cells(array(
    select distinct c.id from (
      select character_id, variant_type_id, status, sha256, source_sha256 from new_rows
      except select character_id, variant_type_id, status, sha256, source_sha256 from old_rows) n
    join cells c on c.character_id = n.character_id and c.variant_type_id = n.variant_type_id
    join scenes s on s.id = c.scene_id and s.current_take_id is not null));
  return null;
end $$;

create function keep_after_sources() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
  perform keep_cells(array(
    select distinct c.id from (
      select character_id, sha256 from new_rows except select character_id, sha256 from old_rows) n
    join cells c on c.character_id = n.character_id
    join scenes s on s.id = c.scene_id and s.current_take_id is not null));
  return null;
end $$;

-- Counts follow the statuses of cells; p_delta is +1 for rows that came, -1 for rows that went.
create function keep_counts(p_run bigint[], p_status cell_status[], p_delta integer[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan as $$
begin
  if cardinality(p_run) = 0 then return; end if;
  insert into run_status_counts as k (run_id, status, count)
  select run_id, status, delta from unnest(p_run, p_status, p_delta) as x (run_id, status, delta)
  order by run_id, status
  on conflict (run_id, status) do update set count = k.count + excluded.count;
  update production_runs r
  set total_cells = r.total_cells + x.total, completed_cells = r.completed_cells + x.completed,
    failed_cells = r.failed_cells + x.failed
  from (
    select run_id, sum(delta) as total, coalesce(sum(delta) filter (where status = 'approved'), 0) as completed,
      coalesce(sum(delta) filter (where status = 'failed'), 0) as failed
    from unnest(p_run, p_status, p_delta) as x (run_id, status, delta) group by run_id) x
  where r.id = x.run_id and (x.total, x.completed, x.failed) <> (0, 0, 0);
end $$;

create function keep_after_cells_insert() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
declare runs bigint[]; statuses cell_status[]; deltas integer[];
begin
  select array_agg(run_id), array_agg(status), array_agg(delta) into runs, statuses, deltas
  from (select run_id, status, count(*)::integer as delta from new_rows group by 1, 2) d;
  if runs is not null then perform keep_counts(runs, statuses, deltas); end if;
  perform keep_cells(array(
    select n.id from new_rows n join scenes s on s.id = n.scene_id
    where s.current_take_id is not null or n.submitted or n.skipped));
  return null;
end $$;

create function keep_after_cells_update() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
declare runs bigint[]; statuses cell_status[]; deltas integer[];
begin
  select array_agg(run_id), array_agg(status), array_agg(delta) into runs, statuses, deltas
  from (
    select run_id, status, sum(delta)::integer as delta from (
      select run_id, status, -1 as delta from old_rows union all select run_id, status, 1 from new_rows) x
    group by 1, 2 having sum(delta) <> 0) d;
  if runs is not null then perform keep_counts(runs, statuses, deltas); end if;
  perform keep_cells(array(
    select x.id from (
      select id, submitted, skipped, scene_id from new_rows
      except select id, submitted, skipped, scene_id from old_rows) x));
  return null;
end $$;

create function keep_after_cells_delete() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
declare runs bigint[]; statuses cell_status[]; deltas integer[];
begin
  select array_agg(run_id), array_agg(status), array_agg(delta) into runs, statuses, deltas
  from (
    select o.run_id, o.status, -count(*)::integer as delta from old_rows o
    join production_runs r on r.id = o.run_id group by 1, 2) d;
  if runs is not null then perform keep_counts(runs, statuses, deltas); end if;
  return null;
end $$;

create trigger keep_insert after insert on segments referencing new table as new_rows
  for each statement execute function keep_after_segments();
create trigger keep_update after update on segments referencing new table as new_rows
  for each statement execute function keep_after_segments();
create trigger keep_update after update on takes referencing new table as new_rows
  for each statement execute function keep_after_takes();
create trigger keep_update after update on scenes referencing old table as old_rows new table as new_rows
  for each statement execute function keep_after_scenes();
create trigger keep_update after update on variants referencing old table as old_rows new table as new_rows
  for each statement execute function keep_after_variants();
create trigger keep_update after update on source_images referencing old table as old_rows new table as new_rows
  for each statement execute function keep_after_sources();
create trigger keep_insert after insert on cells referencing new table as new_rows
  for each statement execute function keep_after_cells_insert();
create trigger keep_update after update on cells referencing old table as old_rows new table as new_rows
  for each statement execute function keep_after_cells_update();
create trigger keep_delete after delete on cells referencing old table as old_rows
  for each statement execute function keep_after_cells_delete();
