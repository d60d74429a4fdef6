-- Actions with what was left alone and what was changed, whether taken back or not.

drop view query_actions;
create view query_actions as
select a.id, a.project_id, a.run_id, r.name as run, a.verb, u.name as user, a.entity, a.statement, a.selected,
  a.changed, array(select concat_ws(' ', x ->> 'count', x ->> 'reason') from jsonb_array_elements(a.left_alone) x)
    as left_alone,
  a.subject_ids::text[] as ids, a.undone_by_id is not null as undone, a.created_at as at
from actions a
left join production_runs r on r.id = a.run_id
left join users u on u.id = a.user_id;
