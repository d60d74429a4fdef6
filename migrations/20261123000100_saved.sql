-- What producers keep by name: macros and scripts with every version they ever had, and plans that wait to be applied.

-- Insert-only: a definition that changes is the next version, and one that is dropped is a version without a text. So the
-- number of a project's rows is the version of its library, and grows with every change that anybody commits.
create table macros (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  -- In lower case.
  name text not null check (name <> '' and name = lower(name)),
  version integer not null check (version > 0),
  -- `save @name(...) = ...` in canonical form; null: dropped.
  definition text,
  -- The parameters as written, without brackets.
  parameters text not null default '',
  documentation text,
  created_by_id bigint references users on delete set null on update cascade,
  created_at timestamptz not null default now(),
  unique (project_id, name, version)
);
create index on macros (created_by_id);

create table scripts (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  name text not null check (name <> '' and name = lower(name)),
  version integer not null check (version > 0),
  -- The statements; null: dropped.
  body text,
  parameters text not null default '',
  -- What its own includes are relative to; null: it came from no file.
  folder text,
  created_by_id bigint references users on delete set null on update cascade,
  created_at timestamptz not null default now(),
  unique (project_id, name, version)
);
create index on scripts (created_by_id);

-- An action on rows as they were: it is carried out on exactly these or not at all.
create table plans (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  run_id bigint references production_runs on delete cascade on update cascade,
  user_id bigint references users on delete set null on update cascade,
  name text not null check (name <> '' and name = lower(name)),
  statement text not null,
  entity text not null,
  -- With its options, as the language spells it.
  action text not null,
  subject_ids bigint[] not null,
  -- What a fact is called, and for each subject in the same order a JSON array of its facts.
  fact_names text[] not null,
  facts text[] not null check (cardinality(facts) = cardinality(subject_ids)),
  -- What was promised.
  changed integer not null,
  jobs_queued integer not null,
  left_alone jsonb not null,
  not_done jsonb not null,
  gpu_seconds double precision not null,
  disk_bytes double precision not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  applied_at timestamptz,
  action_id bigint references actions on delete set null on update cascade,
  unique (project_id, name),
  check ((applied_at is null) <= (action_id is null))
);
create index on plans (run_id);
create index on plans (user_id);
create index on plans (action_id);

create view query_macros as
select m.id, m.project_id, m.name, m.version, m.parameters, m.documentation, m.definition, u.name as created_by,
  m.created_at
from macros m
left join users u on u.id = m.created_by_id
where m.definition is not null and not exists (
  select 1 from macros o where o.project_id = m.project_id and o.name = m.name and o.version > m.version);

create view query_scripts as
select s.id, s.project_id, s.name, s.version, s.parameters, s.body, u.name as created_by, s.created_at
from scripts s
left join users u on u.id = s.created_by_id
where s.body is not null and not exists (
  select 1 from scripts o where o.project_id = s.project_id and o.name = s.name and o.version > s.version);
