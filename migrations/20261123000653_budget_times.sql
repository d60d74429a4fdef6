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
  select source_cause(i.qa_status) as cause, i.id as subject_id, coalesce(i.checked_at, i.updated_at) as since
  where source_cause(i.qa_status) is not null
  union all
  select look_cause(v.status, v.source_sha256, i.sha256), v.id, coalesce(v.reviewed_at, v.generated_at, v.updated_at)
  where look_cause(v.status, v.source_sha256, i.sha256) is not null
  union all
  select case l.resource when 'gpu_hours' then 'gpu_budget' else 'disk_budget' end, l.id, null
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
