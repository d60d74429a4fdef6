-- Two small productions with a row of every sort. Cells of spring have the ids 1 to 12: character by scene type by look.
insert into users (id, name) values (1, 'mira'), (2, 'Ravi'), (3, 'o''hara'), (4, 'passer-by');
insert into projects (id, name, folder) values (1, 'neon-city', '/'), (2, 'other', '/');
insert into project_members (project_id, user_id, role) values
  (1, 1, 'producer'), (1, 2, 'reviewer'), (1, 3, 'viewer'), (2, 4, 'viewer');
insert into generators (id, project_id, name, kind, command, time_limit_seconds) values
  (1, 1, 'look', 'variant', '{x}', 9), (2, 1, 'clip', 'segment', '{x}', 9), (3, 2, 'look', 'variant', '{x}', 9),
  (4, 2, 'clip', 'segment', '{x}', 9);
insert into characters (id, project_id, name, position) values
  (1, 1, 'Aria Vale', 1), (2, 1, 'Bo Okafor', 2), (3, 1, 'Cleo "%_" Marsh', 3), (4, 2, 'Aria Vale', 1);
insert into scene_types (id, project_id, generator_id, name, position, segments, segment_seconds, width, height, fps,
  estimated_gpu_seconds, estimated_disk_bytes) values
  (1, 1, 2, 'alley_chase', 1, 2, 5, 640, 360, 12, 30, 1000000), (2, 1, 2, 'rooftop_walk', 2, 1, 4.5, 640, 360, 24, 90, 1),
  (3, 2, 4, 'alley_chase', 1, 1, 5, 640, 360, 12, 30, 1);
insert into variant_types (id, project_id, generator_id, name, position, width, height, estimated_gpu_seconds) values
  (1, 1, 1, 'coat', 1, 512, 512, 3), (2, 1, 1, 'suit', 2, 512, 768, 3), (3, 2, 3, 'coat', 1, 512, 512, 3);
insert into source_images (id, project_id, character_id, path, stored_path, sha256, bytes, qa_status, qa_reason, width, height,
  checked_at, reviewer_id, reviewed_at, note) values
  (1, 1, 1, '/aria.png', '/a', repeat('a', 64), 1000, 'passed', null, 600, 600, '2026-11-20 08:00Z', null, null, null),
  (2, 1, 2, '/bo.png', '/b', repeat('b', 64), 2000, 'waived', '500 x 500', 500, 500, '2026-11-20 08:01Z', 1,
    '2026-11-20 09:00Z', 'good enough'),
  (3, 1, 3, '/cleo.png', '/c', repeat('c', 64), 3000, 'failed', '61 x 61, at least 512 x 512 is needed', 61, 61,
    '2026-11-20 08:02Z', null, null, null),
  (4, 2, 4, '/aria.png', '/a', repeat('a', 64), 1000, 'passed', null, 600, 600, '2026-11-20 08:00Z', null, null, null);
insert into production_runs (id, project_id, name, matrix_config, status_id, estimated_gpu_hours, created_by_id) values
  (1, 1, 'spring', '{}', 2, 1.5, 1), (2, 1, 'autumn', '{}', 1, null, null), (3, 2, 'spring', '{}', 1, null, null);
insert into variants (id, project_id, character_id, variant_type_id, status, generation, path, sha256, bytes, source_sha256, error,
  gpu_seconds, run_id, generated_at, reviewer_id, reviewed_at, note) values
  (1, 1, 1, 1, 'approved', 1, '/v1.png', repeat('1', 64), 10, repeat('a', 64), null, 2, 1, '2026-11-20 10:00Z', 2,
    '2026-11-20 11:00Z', null),
  (2, 1, 1, 2, 'approved', 2, '/v2.png', repeat('2', 64), 20, repeat('a', 64), null, 4, 1, '2026-11-20 10:01Z', 2,
    '2026-11-20 11:01Z', 'lovely'),
  (3, 1, 2, 1, 'approved', 1, '/v3.png', repeat('3', 64), 30, repeat('b', 64), null, 2, 1, '2026-11-20 10:02Z', 1,
    '2026-11-20 11:02Z', null),
  (4, 1, 2, 2, 'review', 1, '/v4.png', repeat('4', 64), 40, repeat('b', 64), null, 2, 1, '2026-11-22 11:46Z', null, null, null),
  (5, 1, 3, 1, 'not_started', 0, null, null, null, null, null, 0, null, null, null, null, null),
  (6, 1, 3, 2, 'failed', 1, null, null, null, null, 'no face found', 1, 2, '2026-11-21 10:00Z', null, null, null),
  (7, 2, 4, 3, 'approved', 1, '/v7.png', repeat('7', 64), 10, repeat('a', 64), null, 2, 3, '2026-11-20 10:00Z', null, null, null);
insert into scenes (id, project_id, character_id, scene_type_id, variant_type_id)
select row_number() over (order by c.id, y.id, w.id), 1, c.id, y.id, w.id
from characters c cross join scene_types y cross join variant_types w
where c.project_id = 1 and y.project_id = 1 and w.project_id = 1;
insert into scenes (id, project_id, character_id, scene_type_id, variant_type_id) values (13, 2, 4, 3, 3);
insert into cells (id, run_id, scene_id, character_id, scene_type_id, variant_type_id)
select id, 1, id, character_id, scene_type_id, variant_type_id from scenes where id <= 12 order by id;
insert into cells (id, run_id, scene_id, character_id, scene_type_id, variant_type_id)
select 12 + row_number() over (order by id), 2, id, character_id, scene_type_id, variant_type_id
from scenes where id in (1, 2, 5, 6);
insert into cells (id, run_id, scene_id, character_id, scene_type_id, variant_type_id) values (17, 3, 13, 4, 3, 3);
insert into takes (id, scene_id, number, run_id, variant_id, input_path, input_sha256, seed, qa_status, qa_reason, checked_at,
  review, reviewer_id, reviewed_at, note, cancelled_at) values
  (1, 1, 1, 1, 1, '/v', repeat('1', 64), 11, 'passed', null, '2026-11-21 09:00Z', 'rejected', 2, '2026-11-21 10:00Z',
    'hand has six fingers', null),
  (2, 1, 2, 1, 1, '/v', repeat('1', 64), 12, 'passed', null, '2026-11-21 12:00Z', 'approved', 2, '2026-11-21 13:00Z', null, null),
  (3, 2, 1, 1, 2, '/v', repeat('0', 64), 21, 'passed', null, '2026-11-22 09:00Z', null, null, null, null, null),
  (4, 3, 1, 1, 1, '/v', repeat('1', 64), 31, 'pending', null, null, null, null, null, null, null),
  (5, 4, 1, 1, 2, '/v', repeat('2', 64), 41, 'passed', null, '2026-11-21 09:30Z', 'rejected', 1, '2026-11-22 00:00Z',
    'eyes off model', null),
  (6, 5, 1, 1, 3, '/v', repeat('3', 64), 51, 'pending', null, null, null, null, null, null, null),
  (7, 7, 1, 1, 3, '/v', repeat('3', 64), 71, 'pending', null, null, null, null, null, null, null),
  (8, 8, 1, 1, 3, '/v', repeat('3', 64), 81, 'pending', null, null, null, null, null, null, '2026-11-21 08:00Z'),
  (9, 13, 1, 3, 7, '/v', repeat('7', 64), 91, 'passed', null, '2026-11-21 09:00Z', null, null, null, null, null);
insert into segments (id, take_id, number, status_id, path, last_frame_path, sha256, bytes, gpu_seconds, error, started_at,
  finished_at) values
  (1, 1, 1, 4, '/s1', '/f1', repeat('d', 64), 100, 31, null, '2026-11-21 08:00Z', '2026-11-21 08:30Z'),
  (2, 1, 2, 4, '/s2', '/f2', repeat('d', 64), 100, 32, null, '2026-11-21 08:30Z', '2026-11-21 09:00Z'),
  (3, 2, 1, 4, '/s3', '/f3', repeat('d', 64), 100, 33, null, '2026-11-21 11:00Z', '2026-11-21 11:30Z'),
  (4, 2, 2, 4, '/s4', '/f4', repeat('d', 64), 101, 34, null, '2026-11-21 11:30Z', '2026-11-21 12:00Z'),
  (5, 3, 1, 4, '/s5', '/f5', repeat('d', 64), 102, 35.5, null, '2026-11-22 08:00Z', '2026-11-22 08:30Z'),
  (6, 3, 2, 4, '/s6', '/f6', repeat('d', 64), 103, 36, null, '2026-11-22 08:30Z', '2026-11-22 09:00Z'),
  (7, 4, 1, 5, null, null, null, null, 12, 'CUDA out of memory' || E'\n' || '50% [gpu_0]', '2026-11-22 10:00Z', '2026-11-22 10:10Z'),
  (8, 5, 1, 4, '/s8', '/f8', repeat('d', 64), 104, 80, null, '2026-11-21 08:00Z', '2026-11-21 09:30Z'),
  (9, 6, 1, 4, '/s9', '/f9', repeat('d', 64), 105, 30, null, '2026-11-22 11:00Z', '2026-11-22 11:30Z'),
  (10, 6, 2, 2, null, null, null, null, 0, null, '2026-11-22 11:30Z', null),
  (11, 7, 1, 1, null, null, null, null, 0, null, null, null),
  (12, 8, 1, 6, null, null, null, null, 0, null, null, '2026-11-21 08:00Z'),
  (13, 9, 1, 4, '/s13', '/f13', repeat('d', 64), 99, 30, null, '2026-11-21 08:00Z', '2026-11-21 09:00Z');
update scenes s set current_take_id = x.take from (values (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (7, 7), (13, 9)) as x (scene, take)
where s.id = x.scene;
update cells set submitted = true, submitted_at = '2026-11-21 07:00Z' where id in (1, 2, 3, 4, 5, 6, 7, 8, 9, 17);
update cells set submitted_at = '2026-11-22 11:46Z' where id in (6, 8);
update cells set skipped = true, skip_reason = 'recast', skipped_by_id = 1 where id = 11;
update cells set held = true, tags = '{hero,night shoot}' where id = 12;
update cells set tags = '{hero}', priority = 90 where id = 1;
update cells set priority = 10 where id = 7;
insert into workers (id, name, host, pid, kinds, slots, started_at, seen_at, stopped_at) values
  (1, 'gpu-1', 'rack', 100, '{segment,variant}', 4, '2026-11-20 07:00Z', '2026-11-22 11:59:50Z', null),
  (2, 'gpu-2', 'rack', 101, '{segment}', 1, '2026-11-20 07:00Z', '2026-11-21 07:00Z', '2026-11-21 07:00Z');
insert into jobs (id, project_id, run_id, kind, subject_id, max_attempts) select id, 1, 1, 'segment', id, 2 from segments where id < 13;
insert into jobs (id, project_id, run_id, kind, subject_id, max_attempts) values
  (21, 1, null, 'source_qa', 3, 3), (22, 1, 1, 'variant', 4, 2), (23, 1, 1, 'scene_qa', 3, 3), (24, 2, 3, 'segment', 13, 2);
insert into job_results (job_id, status_id, attempt, worker_id, gpu_seconds, error, finished_at) values
  (1, 4, 1, 1, 31, null, '2026-11-21 08:30Z'), (2, 4, 1, 2, 32, null, '2026-11-21 09:00Z'), (3, 4, 1, 1, 33, null, '2026-11-21 11:30Z'),
  (4, 4, 2, 2, 34, null, '2026-11-21 12:00Z'), (5, 4, 1, 1, 35.5, null, '2026-11-22 08:30Z'),
  (6, 4, 1, 1, 36, null, '2026-11-22 09:00Z'), (7, 5, 2, 1, 12, 'CUDA out of memory', '2026-11-22 10:10Z'),
  (8, 4, 1, 2, 80, null, '2026-11-21 09:30Z'), (9, 4, 1, 1, 30, null, '2026-11-22 11:30Z'), (12, 6, 0, null, 0, null, '2026-11-21 08:00Z'),
  (21, 4, 1, 1, 0, null, '2026-11-20 08:02Z'), (22, 4, 1, 1, 2, null, '2026-11-22 11:46Z'), (23, 4, 1, 1, 0, null, '2026-11-22 09:01Z'),
  (24, 4, 1, 1, 30, null, '2026-11-21 09:00Z');
insert into attempts (job_id, number, worker_id, outcome, exit_code, error, log, gpu_seconds, started_at, finished_at) values
  (4, 1, 1, 'lost', null, 'worker was not heard of', null, 3, '2026-11-21 11:30Z', '2026-11-21 11:40Z'),
  (4, 2, 2, 'completed', 0, null, 'done', 31, '2026-11-21 11:40Z', '2026-11-21 12:00Z'),
  (7, 1, 2, 'failed', 1, 'CUDA out of memory', 'first log', 5, '2026-11-22 10:00Z', '2026-11-22 10:05Z'),
  (7, 2, 1, 'failed', 137, 'CUDA out of memory', 'second log', 7, '2026-11-22 10:05Z', '2026-11-22 10:10Z');
insert into leased_jobs (job_id, worker_id, run_id, kind, rank, attempt, leased_until, progress, claimed_at) values
  (10, 1, 1, 'segment', -50, 1, '2026-11-22 12:00:30Z', 0.25, '2026-11-22 11:30Z');
insert into ready_jobs (kind, rank, run_at, job_id, run_id) values ('segment', -10, '2026-11-22 11:00Z', 11, 1);
insert into live_jobs (kind, subject_id, job_id) values ('segment', 10, 10), ('segment', 11, 11);
insert into events (id, project_id, run_id, kind, entity, ids, count, at) values
  (1, 1, 1, 'submit', 'cells', '{1,2,3}', 3, '2026-11-21 07:00Z'), (2, 1, null, 'failed', 'sources', '{3}', 1, '2026-11-20 08:02Z'),
  (3, 2, 3, 'submit', 'cells', '{17}', 1, '2026-11-21 07:00Z');
insert into actions (id, project_id, run_id, user_id, verb, entity, statement, selected, changed, left_alone, subject_ids, created_at)
values
  (1, 1, 1, 1, 'submit', 'cells', 'cells where true | submit', 12, 9, '[{"reason": "approved", "count": "3"}]', '{1,2,3}',
    '2026-11-21 07:00Z'),
  (2, 1, null, null, 'apply', 'projects', 'apply "production.yaml"', 1, 1, '[]', '{1}', '2026-11-20 07:00Z');
insert into deliveries (id, run_id, status_id, path, phase, files_done, files_total, bytes, error, created_by_id, created_at) values
  (1, 1, 5, '/out/spring', null, 0, 0, 0, 'disk full', 1, '2026-11-22 10:00Z'),
  (2, 2, 2, '/out/autumn', 'joining', 1, 4, 0, null, 1, '2026-11-22 11:00Z');
insert into delivery_cells (delivery_id, cell_id, take_id) values (1, 1, 2), (1, 11, null);
insert into budgets (id, project_id, run_id, resource, allowed, reserved, spent) values
  (1, 1, null, 'gpu_hours', 36000, 0, 334.5), (2, 1, 1, 'disk_gb', 40e9, 0, 1.5e9);
insert into macros (id, project_id, name, version, definition, parameters, documentation, created_by_id) values
  (1, 1, 'stuck', 1, 'save @stuck = cells where status = blocked', '', null, 1),
  (2, 1, 'stuck', 2, 'save @stuck($status = failed) "what needs care" = cells where status = $status', '$status = failed',
    'what needs care', 1);
insert into scripts (id, project_id, name, version, body, parameters, created_by_id) values
  (1, 1, 'morning', 1, 'cells | count', '$day = today', 2);

-- From here on nothing is stamped with the time of the test.
set session_replication_role = replica;
update cells set created_at = '2026-11-20 07:00Z', updated_at = '2026-11-22 00:00Z'::timestamptz + id * interval '1 hour';
do $$
declare name text;
begin
  foreach name in array array['users', 'characters', 'scene_types', 'variant_types', 'source_images', 'variants', 'production_runs',
    'budgets', 'takes', 'deliveries'] loop
    execute format('update %I set created_at = $1, updated_at = $2', name)
      using '2026-11-20 07:00Z'::timestamptz, '2026-11-22 09:00Z'::timestamptz;
  end loop;
end $$;
update segments set updated_at = '2026-11-22 09:00Z';
update takes set created_at = '2026-11-21 07:00Z'::timestamptz + id * interval '1 minute';
update deliveries set created_at = case id when 1 then '2026-11-22 10:00Z' else '2026-11-22 11:00Z' end::timestamptz;
update jobs set queued_at = '2026-11-21 07:00Z'::timestamptz + id * interval '1 minute';
update macros set created_at = '2026-11-21 07:00Z';
update scripts set created_at = '2026-11-21 07:00Z';
reset session_replication_role;
do $$
declare name text;
begin
  foreach name in array array['users', 'projects', 'generators', 'characters', 'scene_types', 'variant_types', 'source_images',
    'production_runs', 'variants', 'scenes', 'cells', 'takes', 'segments', 'workers', 'jobs', 'events', 'actions', 'deliveries',
    'budgets', 'macros', 'scripts'] loop
    perform setval(name || '_id_seq', 1000);
  end loop;
end $$;
