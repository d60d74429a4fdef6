-- What shells know of themselves.

-- The history lives in a file of each user's own. A session that asks for it puts its rows into a temporary table of this name,
-- which stands before the view; elsewhere there is none.
create view query_history as
select null::bigint as id, null::bigint as project_id, null::timestamptz as at, null::text as statement,
  null::text as project, null::text as run, null::double precision as took, null::text as result,
  null::bigint as action, null::boolean as here
where false;

-- Which connection recorded an action: when one is lost in the middle, its shell looks whether the action happened.
alter table actions add column token text default nullif(current_setting('callsheet.token', true), '');
create index on actions (token, id) where token is not null;
