-- What the kept copies cost an action on ten thousand cells: each cell is compared with the truth once, not three times.

-- As before, with the names of statuses as what they are: a text that is turned into one for each row costs as much as a look
-- into a table.
create or replace view take_truth as
select t.id, t.scene_id, t.number, s.total as segments, s.done as segments_done, s.running as segments_running,
  s.failed as segments_failed,
  case
    when t.cancelled_at is not null then 'cancelled'::take_status
    when t.review = 'approved' then 'approved'::take_status
    when t.review = 'rejected' then 'rejected'::take_status
    when s.failed > 0 or t.qa_status = 'failed' then 'failed'::take_status
    when s.done = s.total and t.qa_status in ('passed', 'waived') then 'review'::take_status
    when s.done = s.total then 'qa'::take_status
    when s.done > 0 or s.running > 0 then 'generating'::take_status
    else 'queued'::take_status
  end as status,
  t.cancelled_at is null and (v.status <> 'approved' or v.sha256 is distinct from t.input_sha256
    or v.source_sha256 is distinct from i.sha256) as stale
from takes t
join variants v on v.id = t.variant_id
join source_images i on i.character_id = v.character_id
cross join lateral (
  select count(*) as total, count(*) filter (where g.status_id = 4) as done,
    count(*) filter (where g.status_id = 2) as running, count(*) filter (where g.status_id = 5) as failed
  from segments g where g.take_id = t.id) s;

-- is_kept: the cell's copies are this truth.
create or replace view cell_truth as
select x.id, x.run_id, x.status, x.stale, x.segments_done, x.segments_total, x.blocked_by,
  (x.kept_status, x.kept_stale, x.kept_done, x.kept_total)
    is not distinct from (x.status, x.stale, x.segments_done, x.segments_total) as is_kept
from (
  select c.id, c.run_id,
    case
      when c.skipped then 'skipped'::cell_status
      when t.id is null then case when c.submitted then 'blocked'::cell_status else 'not_started'::cell_status end
      else case t.status
        when 'queued' then 'queued'::cell_status
        when 'generating' then 'generating'::cell_status
        when 'qa' then 'generating'::cell_status
        when 'review' then 'qa_review'::cell_status
        when 'approved' then 'approved'::cell_status
        when 'rejected' then 'rejected'::cell_status
        when 'failed' then 'failed'::cell_status
        when 'cancelled' then 'not_started'::cell_status
      end
    end as status,
    coalesce(t.stale and not c.skipped and t.status not in ('failed', 'rejected'), false) as stale,
    coalesce(t.segments_done, 0)::smallint as segments_done,
    coalesce(t.segments, 0)::smallint as segments_total,
    (select array_agg(distinct b.cause order by b.cause) from cell_blockers b where b.cell_id = c.id) as blocked_by,
    c.status as kept_status, c.stale as kept_stale, c.segments_done as kept_done, c.segments_total as kept_total
  from cells c
  join scenes s on s.id = c.scene_id
  left join take_truth t on t.id = s.current_take_id) x;

create or replace function keep_cells(p_ids bigint[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare differing bigint[];
begin
  if p_ids is null or cardinality(p_ids) = 0 then return; end if;
  differing := array(select t.id from cell_truth t where t.id = any (p_ids) and not t.is_kept);
  if cardinality(differing) = 0 then return; end if;
  perform 1 from cells where id = any (differing) order by id for no key update;
  update cells c
  set status = t.status, stale = t.stale, segments_done = t.segments_done, segments_total = t.segments_total
  from cell_truth t
  where t.id = c.id and c.id = any (differing) and not t.is_kept;
end $$;

-- A take that this very statement made or changed is left to the trigger of the statement's change of its scene or of the
-- take: the foreign key lets no scene point at it sooner. cmin tells one statement of a transaction from another.
create function keep_after_segments_insert() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
declare here xid; now_at cid;
begin
  select g.xmin, g.cmin into here, now_at from segments g where g.id = (select id from new_rows limit 1);
  perform keep_cells(array(
    select distinct c.id from (select distinct take_id from new_rows) n
    join takes t on t.id = n.take_id and not (t.xmin = here and t.cmin = now_at)
    join scenes s on s.current_take_id = t.id
    join cells c on c.scene_id = s.id));
  return null;
end $$;
drop trigger keep_insert on segments;
create trigger keep_insert after insert on segments referencing new table as new_rows
  for each statement execute function keep_after_segments_insert();

-- That a cell is submitted says nothing of one that has a take.
create or replace function keep_after_cells_update() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan as $$
declare runs bigint[]; statuses cell_status[]; deltas integer[];
begin
  select array_agg(run_id), array_agg(status), array_agg(delta) into runs, statuses, deltas
  from (
    select run_id, status, sum(delta)::integer as delta from (
      select run_id, status, -1 as delta from old_rows union all select run_id, status, 1 from new_rows) x
    group by 1, 2 having sum(delta) <> 0) d;
  if runs is not null then perform keep_counts(runs, statuses, deltas); end if;
  if exists (
    select id, submitted, skipped, scene_id from new_rows except select id, submitted, skipped, scene_id from old_rows)
  then
    perform keep_cells(array(
      select id from (select id, skipped, scene_id from new_rows except select id, skipped, scene_id from old_rows) x
      union
      select x.id from (select id, submitted, scene_id from new_rows except select id, submitted, scene_id from old_rows) x
      join scenes s on s.id = x.scene_id and s.current_take_id is null));
  end if;
  return null;
end $$;

-- What an action left is written behind what it found, on the same page.
alter table action_cells set (fillfactor = 50);
