-- The bus and the queue on a busy day: retention, lines without paused work, a breaker for scene types that keep failing.

drop view query_actions;
create view query_actions as
select a.id, a.project_id, a.run_id, r.name as run, a.verb, u.name as user, a.entity, a.statement, a.selected,
  a.changed, array(select concat_ws(' ', x ->> 'count', x ->> 'reason') from jsonb_array_elements(a.left_alone) x)
    as left_alone,
  a.subject_ids::text[] as ids, a.undone_by_id is not null as undone, a.created_at as at
from actions a
left join production_runs r on r.id = a.run_id
left join users u on u.id = a.user_id;

-- How long what is over is kept, and the position up to which events are gone: a reader that comes from before it has
-- missed some and has to look at the tables themselves.
create table retention (
  subject text primary key check (subject in ('events', 'jobs')),
  kept interval not null check (kept > interval '0'),
  dropped_xid xid8 not null default '0',
  dropped_id bigint not null default 0
);
insert into retention (subject, kept) values ('events', '30 days'), ('jobs', '90 days');
create index on events (at);

-- A claim meets only rows that may be claimed one day: the jobs of a paused run, however many, are not in its index.
alter table ready_jobs drop constraint ready_jobs_pkey;
create index ready_jobs_in_line on ready_jobs (kind, rank, run_at, job_id) where run_at < 'infinity';
create index on ready_jobs (run_id) where run_at = 'infinity';

-- A scene type whose takes fail one after the other starts no more of them until somebody releases it.
alter table scene_types add column failed_in_a_row integer not null default 0;
alter table scene_types add column tripped_at timestamptz;
alter table scene_types add column tripped_error text;
alter table scene_types add check ((tripped_at is null) = (tripped_error is null));

-- As before, and one cause more: the breaker of the cell's scene type.
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
  union all
  select 'scene_type_held', y.id, y.tripped_at where y.tripped_at is not null
) b
where c.submitted and not c.skipped and s.current_take_id is null;
