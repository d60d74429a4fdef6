-- What an action found and what it left, so that it can be taken back; and what the queue needs beside it.

-- An action outlives the run that it was about: the undo of its creation is a record like any other.
alter table actions drop constraint actions_run_id_fkey;
alter table actions add foreign key (run_id) references production_runs on delete set null on update cascade;
-- The action that this one takes back, and the one that took it back. Taking back an undo puts the first in force again.
alter table actions add column undoes_id bigint references actions on delete set null on update cascade;
alter table actions add column undone_by_id bigint references actions on delete set null on update cascade;
create index on actions (undoes_id);
create index on actions (undone_by_id);

-- What people decide about a cell, its current take, and how far the work on it was.
create type cell_facts as (
  submitted boolean, submitted_at timestamptz, held boolean, skipped boolean, skip_reason text, skipped_by_id bigint,
  priority smallint, tags text[], take_id bigint, status cell_status, segments_done smallint
);
create type take_facts as (review review_decision, reviewer_id bigint, reviewed_at timestamptz, note text);
create type variant_facts as (
  status variant_status, generation integer, error text, reviewer_id bigint, reviewed_at timestamptz, note text,
  gpu_seconds double precision
);
create type source_facts as (
  qa_status qa_status, generation integer, qa_reason text, reviewer_id bigint, reviewed_at timestamptz, note text
);
create type run_facts as (status_id bigint, name text, matrix_config jsonb);

create view cells_as_facts as
select c.id, c.scene_id, c.run_id, row(
    c.submitted, c.submitted_at, c.held, c.skipped, c.skip_reason, c.skipped_by_id, c.priority, c.tags,
    s.current_take_id, c.status, c.segments_done)::cell_facts as facts
from cells c
join scenes s on s.id = c.scene_id;

create view takes_as_facts as
select t.id, row(t.review, t.reviewer_id, t.reviewed_at, t.note)::take_facts as facts from takes t;

create view variants_as_facts as
select v.id, row(v.status, v.generation, v.error, v.reviewer_id, v.reviewed_at, v.note, v.gpu_seconds)::variant_facts
  as facts
from variants v;

create view sources_as_facts as
select i.id, row(i.qa_status, i.generation, i.qa_reason, i.reviewer_id, i.reviewed_at, i.note)::source_facts as facts
from source_images i;

create view runs_as_facts as
select r.id, row(r.status_id, r.name, r.matrix_config)::run_facts as facts
from production_runs r;

-- What each row was before an action and what the action left it as. No foreign keys: they would cost more than all the
-- rest of an action on ten thousand cells, and a run that is taken back takes its cells with it, of which it must still be
-- known what they were.
create table action_cells (
  action_id bigint not null, cell_id bigint not null, was cell_facts, became cell_facts, primary key (action_id, cell_id)
);
create table action_takes (
  action_id bigint not null, take_id bigint not null, was take_facts, became take_facts, primary key (action_id, take_id)
);
create table action_variants (
  action_id bigint not null, variant_id bigint not null, was variant_facts, became variant_facts,
  primary key (action_id, variant_id)
);
create table action_sources (
  action_id bigint not null, source_id bigint not null, was source_facts, became source_facts,
  primary key (action_id, source_id)
);
-- was is null for a run that the action made, became for one that it took back.
create table action_runs (
  action_id bigint not null, run_id bigint not null, was run_facts, became run_facts, primary key (action_id, run_id)
);

drop view query_actions;
create view query_actions as
select a.id, a.project_id, a.run_id, r.name as run, a.verb, u.name as user, a.entity, a.statement, a.selected,
  a.changed, a.undone_by_id is not null as undone, a.created_at as at
from actions a
left join production_runs r on r.id = a.run_id
left join users u on u.id = a.user_id;

-- How long what is over is kept, and the position up to which events are gone: a reader that comes from before it has
-- missed some and has to look at the tables themselves.
create table retention (
  subject text primary key check (subject in ('events', 'jobs')),
  kept interval not null check (kept > interval '0'),
  dropped_xid xid8 not null default '0',
  dropped_id bigint not null default 0
);
insert into retention (subject, kept) values ('events', '30 days'), ('jobs', '90 days');
create index on events (at);
