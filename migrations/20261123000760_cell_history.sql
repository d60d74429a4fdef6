-- What happened to a cell, and why it was done. The events and actions of one thing are found by it; those of many, of which
-- there are few, are looked through.

alter table actions add column reason text;

create index events_of_one on events ((ids[1]), entity) where count = 1;
create index events_of_many on events (entity) where count > 1;
create index actions_of_one on actions ((subject_ids[1]), entity) where changed = 1;
create index actions_of_many on actions (entity) where changed > 1;

-- Everything that a cell consists of or is made from, in the words of events and actions.
create view cell_subjects as
select c.id as cell_id, 'cells'::text as entity, c.id as subject_id from cells c
union all
select c.id, 'takes', t.id from cells c join takes t on t.scene_id = c.scene_id
union all
select c.id, 'segments', g.id from cells c join takes t on t.scene_id = c.scene_id join segments g on g.take_id = t.id
union all
select c.id, 'variants', v.id
from cells c join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
union all
select c.id, 'sources', i.id from cells c join source_images i on i.character_id = c.character_id
union all
select c.id, 'scene_types', c.scene_type_id from cells c
union all
select c.id, 'jobs', j.id
from cells c join takes t on t.scene_id = c.scene_id join segments g on g.take_id = t.id
join jobs j on j.kind = 'segment' and j.subject_id = g.id
union all
select c.id, 'jobs', j.id
from cells c join takes t on t.scene_id = c.scene_id join jobs j on j.kind = 'scene_qa' and j.subject_id = t.id
union all
select c.id, 'jobs', j.id
from cells c join variants v on v.character_id = c.character_id and v.variant_type_id = c.variant_type_id
join jobs j on j.kind = 'variant' and j.subject_id = v.id
union all
select c.id, 'jobs', j.id
from cells c join source_images i on i.character_id = c.character_id
join jobs j on j.kind = 'source_qa' and j.subject_id = i.id;

-- The cell as it was typed: what is no number is the id of none.
create function subjects_of_cell(p_cell text) returns table (entity text, subject_id bigint) language sql stable as $$
  select s.entity, s.subject_id from cell_subjects s
  where s.cell_id = case when p_cell ~ '^[0-9]{1,18}$' then p_cell::bigint end
$$;

create function events_of_cell(p_cell text) returns setof bigint language sql stable as $$
  with subjects as materialized (select * from subjects_of_cell(p_cell))
  select e.id from subjects s join events e on e.count = 1 and e.ids[1] = s.subject_id and e.entity = s.entity
  union all
  select e.id from (select entity, array_agg(subject_id) as ids from subjects group by entity) s
  join events e on e.count > 1 and e.entity = s.entity and e.ids && s.ids
$$;

create function actions_of_cell(p_cell text) returns setof bigint language sql stable as $$
  with subjects as materialized (select * from subjects_of_cell(p_cell))
  select a.id from subjects s
  join actions a on a.changed = 1 and a.subject_ids[1] = s.subject_id and a.entity = s.entity
  union all
  select a.id from (select entity, array_agg(subject_id) as ids from subjects group by entity) s
  join actions a on a.changed > 1 and a.entity = s.entity and a.subject_ids && s.ids
$$;

create function cells_of(p_entity text, p_ids bigint[]) returns text[] language sql stable as $$
  select array_agg(x.cell_id::text order by x.cell_id) from (
    select distinct s.cell_id from cell_subjects s where s.entity = p_entity and s.subject_id = any (p_ids)) x
$$;

-- Of a take or a segment by itself: which it is, and what went wrong with it.
create or replace view query_events as
select e.id, e.project_id, e.run_id, r.name as run, e.kind, e.entity, e.count, e.ids::text[] as ids,
  case when e.detail <> '{}' then e.detail::text
    when e.count = 1 and e.entity = 'takes' then (
      select concat_ws(': ', 'take ' || t.number, case when e.kind = 'failed' then coalesce(t.qa_reason, (
        select g.error from segments g where g.take_id = t.id and g.error is not null order by g.number limit 1)) end)
      from takes t where t.id = e.ids[1])
    when e.count = 1 and e.entity = 'segments' then (
      select 'take ' || t.number || ', segment ' || g.number
      from segments g join takes t on t.id = g.take_id where g.id = e.ids[1]) end as detail,
  e.at, cells_of(e.entity, e.ids) as cell
from events e
left join production_runs r on r.id = e.run_id;

create or replace view query_actions as
select a.id, a.project_id, a.run_id, r.name as run, a.verb, u.name as user, a.entity, a.statement, a.selected,
  a.changed, array(select concat_ws(' ', x ->> 'count', x ->> 'reason') from jsonb_array_elements(a.left_alone) x)
    as left_alone,
  a.subject_ids::text[] as ids, a.undone_by_id is not null as undone, a.created_at as at, a.reason,
  cells_of(a.entity, a.subject_ids) as cell
from actions a
left join production_runs r on r.id = a.run_id
left join users u on u.id = a.user_id;
