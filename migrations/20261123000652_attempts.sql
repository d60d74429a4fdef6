-- How many tries a segment took stays with it when its job is dropped.

-- null: it is not over, or was over before this was kept and its job is gone.
alter table segments add column attempts integer check (attempts > 0);

alter table segments disable trigger user;
update segments g set attempts = x.attempt
from jobs j join job_results x on x.job_id = j.id
where j.kind = 'segment' and j.subject_id = g.id and g.status_id in (4, 5) and x.attempt > 0;
alter table segments enable trigger user;

create or replace view segment_attempts as
select g.take_id, g.id as segment_id,
  greatest(g.attempts, sum(coalesce(x.attempt, l.attempt, q.attempts, 0)))::bigint as attempts
from segments g
left join jobs j on j.kind = 'segment' and j.subject_id = g.id
left join ready_jobs q on q.job_id = j.id
left join leased_jobs l on l.job_id = j.id
left join job_results x on x.job_id = j.id
group by g.take_id, g.id;
