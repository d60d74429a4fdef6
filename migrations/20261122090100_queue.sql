-- The queue. Job rows are insert-only; what changes stays in narrow tables. A job is in exactly one of ready_jobs,
-- leased_jobs and job_results, and in live_jobs as long as it is not in job_results. The narrow tables carry no foreign
-- keys: they are the hot path, and whoever removes a job removes it from them in the same statement.

create table workers (
  id bigserial primary key,
  name text not null,
  host text not null,
  pid integer not null,
  kinds job_kind[] not null,
  slots smallint not null check (slots > 0),
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  stopped_at timestamptz
) with (fillfactor = 50);

create table jobs (
  id bigserial primary key,
  project_id bigint references projects on delete cascade on update cascade,
  run_id bigint,
  kind job_kind not null,
  subject_id bigint not null,
  -- Which generation of the subject the work is for: queueing the same work again inserts nothing.
  generation integer not null default 1,
  priority smallint not null default 50,
  max_attempts smallint not null default 2,
  queued_at timestamptz not null default now(),
  unique (kind, subject_id, generation)
);
create index on jobs (project_id);
create index on jobs (run_id, kind);

-- At most one live job per kind and subject.
create table live_jobs (
  kind job_kind not null,
  subject_id bigint not null,
  job_id bigint not null,
  primary key (kind, subject_id)
);

-- rank is the priority turned round, so that one index scan meets the highest priority first. attempts numbers the tries
-- and only ever goes up: it is the fencing token and names an attempt's files. failures counts those tries that use up
-- max_attempts; one that was handed back does not.
create table ready_jobs (
  kind job_kind not null,
  rank smallint not null,
  run_at timestamptz not null,
  job_id bigint not null,
  run_id bigint,
  attempts smallint not null default 0,
  failures smallint not null default 0,
  primary key (kind, rank, run_at, job_id)
);
create unique index on ready_jobs (job_id);

-- leased_until is not indexed, so that a renewal stays a heap-only update; only work in hand is here. Whoever cancels
-- a job removes its lease: the worker learns it at its next heartbeat and its result is refused.
create table leased_jobs (
  job_id bigint primary key,
  worker_id bigint not null,
  run_id bigint,
  kind job_kind not null,
  rank smallint not null,
  attempt smallint not null,
  failures smallint not null default 0,
  leased_until timestamptz not null,
  -- What the generator last reported, from 0 to 1.
  progress real,
  claimed_at timestamptz not null default now()
) with (fillfactor = 70);

create table job_results (
  job_id bigint primary key,
  status_id bigint not null check (status_id in (4, 5, 6)),
  attempt smallint not null,
  worker_id bigint,
  gpu_seconds double precision not null default 0,
  error text,
  finished_at timestamptz not null default now()
);

create table attempts (
  job_id bigint not null references jobs on delete cascade on update cascade,
  number smallint not null,
  worker_id bigint,
  outcome text not null check (outcome in ('completed', 'failed', 'cancelled', 'handed_back', 'lost')),
  exit_code integer,
  error text,
  log text,
  gpu_seconds double precision not null default 0,
  started_at timestamptz not null,
  finished_at timestamptz not null default now(),
  primary key (job_id, number)
);

alter table ready_jobs set
  (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
alter table leased_jobs set
  (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
alter table live_jobs set
  (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- The bus. Readers go by (xid, id) below the oldest running transaction, so that one that commits late is not missed.
create table events (
  id bigserial primary key,
  xid xid8 not null default pg_current_xact_id(),
  project_id bigint,
  run_id bigint,
  kind text not null,
  entity text not null,
  ids bigint[] not null default '{}',
  count integer not null default 1,
  detail jsonb not null default '{}',
  at timestamptz not null default clock_timestamp()
);
create index on events (xid, id);
create index on events (run_id, id);
