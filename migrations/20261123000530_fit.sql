-- Cells that were submitted with fit=true begin only when budgets hold their whole takes, which are set aside then.

-- reserved_*: set aside in the budgets for the cell's next take until that take is begun; null: nothing is.
alter table cells add column fit boolean not null default false;
alter table cells add column reserved_gpu_seconds double precision;
alter table cells add column reserved_disk_bytes double precision;
alter table cells add check ((reserved_gpu_seconds is null) = (reserved_disk_bytes is null));
alter table cells add check (reserved_gpu_seconds is null or fit);

drop view cells_as_facts;
alter type cell_facts add attribute fit boolean;
create view cells_as_facts as
select c.id, c.scene_id, c.run_id, row(
    c.submitted, c.submitted_at, c.held, c.skipped, c.skip_reason, c.skipped_by_id, c.priority, c.tags,
    s.current_take_id, c.status, c.segments_done, c.fit)::cell_facts as facts
from cells c
join scenes s on s.id = c.scene_id;
