-- Cells that were submitted with fit=true begin only when budgets hold their whole takes, which are set aside then.

-- reserved_*: set aside in the budgets for the cell's next take until that take is begun; null: nothing is.
alter table cells add column fit boolean not null default false;
alter table cells add column reserved_gpu_seconds double precision;
alter table cells add column reserved_disk_bytes double precision;
alter table cells add check ((reserved_gpu_seconds is null) = (reserved_disk_bytes is null));
alter table cells add check (reserved_gpu_seconds is null or fit);

-- As before; what is set aside for a cell itself is not in its way.
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
        when 'gpu_hours' then y.estimated_gpu_seconds else y.estimated_disk_bytes::double precision end
        - coalesce(case l.resource when 'gpu_hours' then c.reserved_gpu_seconds else c.reserved_disk_bytes end, 0),
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

drop view cells_as_facts;
alter type cell_facts add attribute fit boolean;
create view cells_as_facts as
select c.id, c.scene_id, c.run_id, row(
    c.submitted, c.submitted_at, c.held, c.skipped, c.skip_reason, c.skipped_by_id, c.priority, c.tags,
    s.current_take_id, c.status, c.segments_done, c.fit)::cell_facts as facts
from cells c
join scenes s on s.id = c.scene_id;
