-- How many jobs of a kind run at a time, for how long what is over is kept, and the undo of both.

-- most null: no limit. A claim of a limited kind locks its row, so that no two of them count at once.
create table kind_limits (
  id bigserial primary key,
  kind job_kind not null unique,
  most integer check (most >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
create trigger set_updated_at before update on kind_limits for each row execute function set_updated_at();
insert into kind_limits (kind) select unnest(enum_range(null::job_kind));

-- Besides events and jobs, what undo needs of an action.
alter table retention drop constraint retention_subject_check;
alter table retention add check (subject in ('events', 'jobs', 'undo'));
alter table retention add column id bigserial unique;
insert into retention (subject, kept) values ('undo', '90 days');

-- Settings of the database that an action changed, by what they are called: `limit segment`, `keep events`. null: no limit.
create table action_settings (
  action_id bigint not null, name text not null, was text, became text, primary key (action_id, name)
);

-- What is dropped is found by its age.
create index on job_results (finished_at);
create index on actions (created_at);
