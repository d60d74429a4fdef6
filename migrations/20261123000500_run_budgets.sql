-- What a run may spend is set by a statement, so it is among what an action finds and leaves.

drop view runs_as_facts;
alter type run_facts add attribute gpu_seconds_allowed double precision, add attribute disk_bytes_allowed double precision;
create view runs_as_facts as
select r.id, row(r.status_id, r.name, r.matrix_config, g.allowed, d.allowed)::run_facts as facts
from production_runs r
left join budgets g on g.run_id = r.id and g.resource = 'gpu_hours'
left join budgets d on d.run_id = r.id and d.resource = 'disk_gb';
