-- A plan promises as well what it means for rows that it was not given, such as cells of another run that share their takes.

alter table plans add column remarks text[] not null default '{}';
