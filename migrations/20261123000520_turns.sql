-- Runs of one priority take turns: a run that comes later does not wait until one that came before is through.

-- Jobs of one kind and rank stand in line by turn. A run's jobs have turns of their own, one after the other; those of a run
-- that joins begin where the line is now, so that the runs go on side by side. A claim is still one scan of one index.
alter table ready_jobs add column turn bigint not null default 0;
alter table leased_jobs add column turn bigint not null default 0;
update ready_jobs r set turn = n.turn
from (
  select job_id, row_number() over (partition by kind, run_id, rank order by run_at, job_id) as turn from ready_jobs) n
where n.job_id = r.job_id;

drop index ready_jobs_in_line;
-- run_at stands in the index so that jobs that wait for their time are passed over without looking at them.
create index ready_jobs_in_line on ready_jobs (kind, rank, turn, job_id, run_at) where run_at < 'infinity';
drop index ready_jobs_run_id_idx;
create index ready_jobs_of_run on ready_jobs (run_id, kind, rank, turn);

-- How far a line has come: just before its first job that can be claimed, else where those in hand were.
create function line_front(p_kind job_kind, p_rank smallint) returns bigint language plpgsql stable
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare front bigint;
begin
  select turn - 1 into front from ready_jobs
  where kind = p_kind and rank = p_rank and run_at < 'infinity' and run_at <= now() order by turn, job_id limit 1;
  if front is null then
    select max(turn) into front from leased_jobs where kind = p_kind and rank = p_rank;
  end if;
  return coalesce(front, 0);
end $$;

-- Behind which turn a run's next job joins the line: its own last one, or the front when it has none there.
create function line_end(p_kind job_kind, p_rank smallint, p_run bigint) returns bigint language plpgsql stable
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare last bigint;
begin
  if p_run is null then
    select max(turn) into last from ready_jobs where run_id is null and kind = p_kind and rank = p_rank;
  else
    select max(turn) into last from ready_jobs where run_id = p_run and kind = p_kind and rank = p_rank;
  end if;
  return greatest(coalesce(last, 0), line_front(p_kind, p_rank));
end $$;
