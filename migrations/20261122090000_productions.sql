-- The nouns of a production: who, what, and the facts of the pipeline.
-- Conventions: BIGSERIAL ids, TIMESTAMPTZ, an index on each foreign key, set_updated_at triggers.

create type cell_status as enum
  ('not_started', 'blocked', 'queued', 'generating', 'qa_review', 'approved', 'failed', 'rejected', 'skipped');
create type variant_status as enum ('not_started', 'queued', 'generating', 'review', 'approved', 'rejected', 'failed');
create type qa_status as enum ('pending', 'passed', 'failed', 'waived');
create type take_status as enum
  ('queued', 'generating', 'qa', 'review', 'approved', 'rejected', 'failed', 'cancelled');
create type review_decision as enum ('approved', 'rejected');
create type job_kind as enum ('source_qa', 'variant', 'segment', 'scene_qa', 'delivery', 'noop');
create type budget_resource as enum ('gpu_hours', 'disk_gb');

create function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

create table job_statuses (
  id bigserial primary key,
  name text not null unique
);
insert into job_statuses (id, name) values
  (1, 'pending'), (2, 'running'), (3, 'paused'), (4, 'completed'), (5, 'failed'), (6, 'cancelled');
select setval('job_statuses_id_seq', 6);

create table users (
  id bigserial primary key,
  name text not null unique check (name <> ''),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table projects (
  id bigserial primary key,
  name text not null unique check (name <> ''),
  description text not null default '',
  -- Where the production file lies: relative paths of generators start here.
  folder text not null,
  source_rules jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table project_members (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  user_id bigint not null references users on delete cascade on update cascade,
  role text not null check (role in ('producer', 'reviewer', 'viewer')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, user_id)
);
create index on project_members (user_id);

create table generators (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  name text not null,
  kind job_kind not null check (kind in ('variant', 'segment')),
  command text[] not null check (cardinality(command) > 0),
  environment jsonb not null default '{}',
  time_limit_seconds double precision not null check (time_limit_seconds > 0),
  max_attempts smallint not null default 2 check (max_attempts between 1 and 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name)
);

create table characters (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  name text not null,
  position integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name)
);

create table scene_types (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  generator_id bigint not null references generators on delete restrict on update cascade,
  name text not null,
  position integer not null,
  segments smallint not null check (segments between 1 and 1000),
  segment_seconds double precision not null check (segment_seconds > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  fps double precision not null check (fps > 0),
  prompt text not null default '',
  -- Per segment.
  estimated_gpu_seconds double precision not null default 0 check (estimated_gpu_seconds >= 0),
  estimated_disk_bytes bigint not null default 0 check (estimated_disk_bytes >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name)
);
create index on scene_types (generator_id);

create table variant_types (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  generator_id bigint not null references generators on delete restrict on update cascade,
  name text not null,
  position integer not null,
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  prompt text not null default '',
  estimated_gpu_seconds double precision not null default 0 check (estimated_gpu_seconds >= 0),
  estimated_disk_bytes bigint not null default 0 check (estimated_disk_bytes >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name)
);
create index on variant_types (generator_id);

create table source_images (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  character_id bigint not null unique references characters on delete cascade on update cascade,
  -- Where the producer keeps it, and our copy of exactly the bytes that were checked.
  path text not null,
  stored_path text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null check (bytes >= 0),
  -- Goes up with every replacement; a late check of older bytes is refused by it.
  generation integer not null default 1,
  qa_status qa_status not null default 'pending',
  qa_reason text,
  qa_report jsonb,
  width integer,
  height integer,
  checked_at timestamptz,
  reviewer_id bigint references users on delete set null on update cascade,
  reviewed_at timestamptz,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((qa_status = 'failed') <= (qa_reason is not null))
);
create index on source_images (project_id);
create index on source_images (reviewer_id);

create table variants (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  character_id bigint not null references characters on delete cascade on update cascade,
  variant_type_id bigint not null references variant_types on delete cascade on update cascade,
  status variant_status not null default 'not_started',
  -- The number of the newest generation; 0: none was ever asked for.
  generation integer not null default 0,
  path text,
  sha256 text,
  bytes bigint,
  -- The source image this generation was made from.
  source_sha256 text,
  error text,
  gpu_seconds double precision not null default 0,
  -- The run whose cells asked for this generation, and what is set aside in its budgets until it ends.
  run_id bigint,
  reserved_gpu_seconds double precision not null default 0,
  reserved_disk_bytes bigint not null default 0,
  generated_at timestamptz,
  reviewer_id bigint references users on delete set null on update cascade,
  reviewed_at timestamptz,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (character_id, variant_type_id),
  check (status not in ('review', 'approved', 'rejected') or (path is not null and sha256 is not null)),
  check ((status = 'failed') <= (error is not null)),
  check ((status = 'not_started') or generation > 0)
);
create index on variants (project_id);
create index on variants (variant_type_id);
create index on variants (reviewer_id);

create table production_runs (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  name text not null,
  description text not null default '',
  matrix_config jsonb not null,
  status_id bigint not null references job_statuses on delete restrict,
  total_cells integer not null default 0,
  completed_cells integer not null default 0,
  failed_cells integer not null default 0,
  estimated_gpu_hours double precision,
  estimated_disk_gb double precision,
  created_by_id bigint references users on delete cascade on update cascade,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name)
);
create index on production_runs (status_id);
create index on production_runs (created_by_id);

alter table variants add foreign key (run_id) references production_runs on delete set null on update cascade;
create index on variants (run_id);

-- What may be spent. Amounts in GPU seconds and bytes; run_id null: the limit of the whole project.
create table budgets (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  run_id bigint references production_runs on delete cascade on update cascade,
  resource budget_resource not null,
  allowed double precision not null check (allowed >= 0),
  reserved double precision not null default 0 check (reserved >= 0),
  spent double precision not null default 0 check (spent >= 0),
  -- Work was turned away for it: what is given back is offered to that work.
  is_short boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (project_id, run_id, resource)
);
create index on budgets (run_id);

create table scenes (
  id bigserial primary key,
  project_id bigint not null references projects on delete cascade on update cascade,
  character_id bigint not null references characters on delete cascade on update cascade,
  scene_type_id bigint not null references scene_types on delete cascade on update cascade,
  variant_type_id bigint not null references variant_types on delete cascade on update cascade,
  -- null: no take counts now (none was made, or the last was cancelled or set aside for the next).
  current_take_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (character_id, scene_type_id, variant_type_id)
);
create index on scenes (project_id);
create index on scenes (scene_type_id);
create index on scenes (variant_type_id);
create index on scenes (current_take_id);

create table takes (
  id bigserial primary key,
  scene_id bigint not null references scenes on delete cascade on update cascade,
  number integer not null check (number > 0),
  run_id bigint references production_runs on delete set null on update cascade,
  variant_id bigint not null references variants on delete cascade on update cascade,
  -- The approved picture the first segment starts from.
  input_path text not null,
  input_sha256 text not null,
  seed bigint not null,
  qa_status qa_status not null default 'pending',
  qa_reason text,
  qa_report jsonb,
  checked_at timestamptz,
  review review_decision,
  reviewer_id bigint references users on delete set null on update cascade,
  reviewed_at timestamptz,
  note text,
  cancelled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (scene_id, number),
  check ((review is null) = (reviewed_at is null)),
  check (review is null or qa_status in ('passed', 'waived')),
  check ((qa_status = 'failed') <= (qa_reason is not null))
);
create index on takes (variant_id);
create index on takes (run_id);
create index on takes (reviewer_id);
alter table scenes add foreign key (current_take_id) references takes on delete set null on update cascade;

create table segments (
  id bigserial primary key,
  take_id bigint not null references takes on delete cascade on update cascade,
  number smallint not null check (number > 0),
  status_id bigint not null default 1 references job_statuses on delete restrict,
  path text,
  last_frame_path text,
  sha256 text,
  bytes bigint,
  gpu_seconds double precision not null default 0,
  -- Set aside in the budgets until the segment ends.
  reserved_gpu_seconds double precision not null default 0,
  reserved_disk_bytes bigint not null default 0,
  error text,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  unique (take_id, number),
  check (status_id <> 4 or (path is not null and sha256 is not null)),
  check (status_id <> 5 or error is not null)
);

create table cells (
  id bigserial primary key,
  run_id bigint not null references production_runs on delete cascade on update cascade,
  scene_id bigint not null references scenes on delete cascade on update cascade,
  character_id bigint not null references characters on delete cascade on update cascade,
  scene_type_id bigint not null references scene_types on delete cascade on update cascade,
  variant_type_id bigint not null references variant_types on delete cascade on update cascade,
  -- Facts.
  submitted boolean not null default false,
  submitted_at timestamptz,
  held boolean not null default false,
  skipped boolean not null default false,
  skip_reason text,
  skipped_by_id bigint references users on delete set null on update cascade,
  priority smallint not null default 50 check (priority between 0 and 1000),
  tags text[] not null default '{}',
  -- Kept copies of cell_truth.
  status cell_status not null default 'not_started',
  stale boolean not null default false,
  segments_done smallint not null default 0,
  segments_total smallint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (run_id, scene_id)
);
create index on cells (run_id, status);
create index on cells (scene_id);
create index on cells (character_id, variant_type_id);
create index on cells (scene_type_id);
create index on cells (variant_type_id);
create index on cells (skipped_by_id);

-- Kept: how many cells of a run have each status.
create table run_status_counts (
  run_id bigint not null references production_runs on delete cascade on update cascade,
  status cell_status not null,
  count integer not null,
  primary key (run_id, status)
);

create table actions (
  id bigserial primary key,
  project_id bigint references projects on delete cascade on update cascade,
  run_id bigint references production_runs on delete cascade on update cascade,
  user_id bigint references users on delete set null on update cascade,
  verb text not null,
  entity text not null,
  statement text not null,
  selected integer not null,
  changed integer not null,
  left_alone jsonb not null default '[]',
  subject_ids bigint[] not null default '{}',
  created_at timestamptz not null default now()
);
create index on actions (project_id);
create index on actions (run_id);
create index on actions (user_id);

create table deliveries (
  id bigserial primary key,
  run_id bigint not null references production_runs on delete cascade on update cascade,
  status_id bigint not null default 1 references job_statuses on delete restrict,
  path text not null,
  -- What files_done counts; null before and after the packing.
  phase text check (phase in ('validating', 'joining', 'finishing')),
  files_done integer not null default 0,
  files_total integer not null default 0,
  bytes bigint not null default 0,
  error text,
  created_by_id bigint references users on delete set null on update cascade,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  updated_at timestamptz not null default now()
);
create index on deliveries (run_id);
create index on deliveries (status_id);
create index on deliveries (created_by_id);
-- Two deliveries of one run at once would pack the same folder.
create unique index deliveries_one_at_a_time on deliveries (run_id) where status_id in (1, 2);

do $$
declare name text;
begin
  foreach name in array array['users', 'projects', 'project_members', 'generators', 'characters', 'scene_types',
    'variant_types', 'source_images', 'variants', 'production_runs', 'budgets', 'scenes', 'takes', 'segments', 'cells',
    'deliveries']
  loop
    execute format('create trigger set_updated_at before update on %I for each row execute function set_updated_at()', name);
  end loop;
end $$;

-- What a delivery delivers, fixed when it was asked for. take_id null: the cell was skipped.
create table delivery_cells (
  delivery_id bigint not null references deliveries on delete cascade on update cascade,
  cell_id bigint not null references cells on delete cascade on update cascade,
  take_id bigint references takes on delete cascade on update cascade,
  primary key (delivery_id, cell_id)
);
create index on delivery_cells (cell_id);
create index on delivery_cells (take_id);
