-- A run of 180 cells for facts that are drawn by lot.
insert into users (id, name) values (1, 'mira'), (2, 'Ravi'), (3, 'o''hara');
insert into projects (id, name, folder) values (1, 'neon-city', '/');
insert into generators (id, project_id, name, kind, command, time_limit_seconds) values
  (1, 1, 'look', 'variant', '{x}', 9), (2, 1, 'clip', 'segment', '{x}', 9);
insert into characters (id, project_id, name, position)
select n, 1, name, n from unnest(array['Aria Vale', 'Bo Okafor', 'Cleo "%_" Marsh', 'dax', 'Dax Imani', 'Åsa', '12', 'x_y', 'xzy', 'Jun 田中',
  'Kit', 'kit-2']) with ordinality as x (name, n);
insert into scene_types (id, project_id, generator_id, name, position, segments, segment_seconds, width, height, fps,
  estimated_gpu_seconds)
select n, 1, 2, name, n, n, 5, 640, 360, 12, n * 30
from unnest(array['alley_chase', 'Alley walk', 'rooftop', 'r00ftop', 'pier']) with ordinality as x (name, n);
insert into variant_types (id, project_id, generator_id, name, position, width, height)
select n, 1, 1, name, n, 512, 512 from unnest(array['coat', 'suit', 'SUIT 2']) with ordinality as x (name, n);
insert into source_images (project_id, character_id, path, stored_path, sha256, bytes, qa_status)
select 1, id, '/x', '/x', repeat('a', 64), 1, 'passed' from characters;
insert into variants (id, project_id, character_id, variant_type_id)
select row_number() over (order by c.id, w.id), 1, c.id, w.id from characters c cross join variant_types w;
insert into production_runs (id, project_id, name, matrix_config, status_id) values (1, 1, 'spring', '{}', 2);
insert into scenes (id, project_id, character_id, scene_type_id, variant_type_id)
select row_number() over (order by c.id, y.id, w.id), 1, c.id, y.id, w.id
from characters c cross join scene_types y cross join variant_types w;
insert into cells (id, run_id, scene_id, character_id, scene_type_id, variant_type_id)
select id, 1, id, character_id, scene_type_id, variant_type_id from scenes order by id;
