import Model
import SQLText

/// The statement that begins takes: it makes their rows, points scenes at them, puts their first segments in the queue,
/// pays for them and says of the cells what the kept copies are going to say, all at once.
enum Starts {
  /// Cells that a submission found ready, as a relation like that of `Advance`; whether they are still is looked at again.
  static func ready(_ ids: [Int64], _ terms: SubmissionTerms) -> SQL {
    """
    select c.id, c.scene_id, c.run_id, \(terms.priority) as priority, c.character_id, c.scene_type_id, c.variant_type_id,
      false as fit, null::double precision as reserved_gpu, null::double precision as reserved_disk
    from cells c where c.id = any (\(ids))
    """
  }

  /// Answers how many takes were begun, how many no budget held, and how many cells had set aside what is begun now; when
  /// arming, also which cells of `armed` got none.
  ///
  /// The ids of takes and first segments are drawn beforehand, so that nothing has to be joined: the planner takes the
  /// new rows for a handful and would loop over them.
  /// - Parameter arming: the cells of `armed` are not armed yet, and are with it.
  static func statement(_ armed: SQL, arming: SubmissionTerms? = nil) -> SQL {
    """
    with armed as materialized (\(armed)),
    wanted as (\(Self.wanted)),
    fitting as (\(Budgets.fitting("wanted"))),
    numbered as materialized (
      select f.*, coalesce((select max(t.number) from takes t where t.scene_id = f.id), 0) + 1 as number,
        nextval('takes_id_seq') as take_id, nextval('segments_id_seq') as first_segment_id
      from (select * from fitting order by priority desc, first_cell) f),
    started as (
      insert into takes (id, scene_id, number, run_id, variant_id, input_path, input_sha256, seed)
      select take_id, id, number, run_id, variant_id, input_path, input_sha256,
        hashtextextended(id || ':' || number, 0) & 2147483647
      from numbered),
    cut as (
      insert into segments (id, take_id, number, reserved_gpu_seconds, reserved_disk_bytes)
      select case when k = 1 then first_segment_id else nextval('segments_id_seq') end, take_id, k, segment_gpu,
        segment_disk
      from numbered cross join lateral generate_series(1, segments) k),
    pointed as (update scenes c set current_take_id = n.take_id from numbered n where c.id = n.id),
    begun as (
      update cells c
      set \(arming.map(Self.armingAssignments) ?? SQL()) reserved_gpu_seconds = null, reserved_disk_bytes = null,
        status = case when c.skipped then 'skipped' else 'queued' end::cell_status, stale = false, segments_done = 0,
        segments_total = n.segments
      from numbered n where c.scene_id = n.id
      returning c.id),
    freed as (
      select n.project_id, c.run_id, c.reserved_gpu_seconds as gpu, c.reserved_disk_bytes as disk
      from numbered n join cells c on c.scene_id = n.id
      where c.reserved_gpu_seconds is not null and c.id <> n.first_cell),
    queued as (
      insert into jobs (project_id, run_id, kind, subject_id, priority, max_attempts)
      select project_id, run_id, 'segment', first_segment_id, priority, max_attempts from numbered
      returning id, project_id, run_id, kind, subject_id, priority),
    \(Enqueue.tail("queued")),
    moved as (select project_id, run_id, gpu as gpu_reserved, disk as disk_reserved, 0::double precision as gpu_spent,
      0::double precision as disk_spent from numbered
      union all
      select project_id, run_id, -gpu, -disk, 0, 0 from freed),
    settled as (\(Budgets.settle("moved"))),
    told as (
      insert into events (project_id, run_id, kind, entity, ids, count)
      select project_id, run_id, 'started', 'takes', array_agg(take_id), count(*)
      from numbered group by project_id, run_id)
    select (select count(*) from queued), (select count(*) from wanted) - (select count(*) from fitting),
      (select count(*) from freed)
      \(arming == nil ? SQL() : ", array(select id from armed except select id from begun order by 1)")
    """
  }

  /// Of the relation `armed`, the scenes whose take can begin, each with what it takes and the cell that pays for it.
  private static let wanted: SQL = """
    select distinct on (a.scene_id) a.scene_id as id, a.id as first_cell, a.run_id, a.priority, r.project_id,
      array_agg(a.id) over (partition by a.scene_id) as cells,
      v.id as variant_id, v.path as input_path, v.sha256 as input_sha256, y.segments, g.max_attempts,
      y.estimated_gpu_seconds as segment_gpu, y.estimated_disk_bytes as segment_disk,
      y.segments * y.estimated_gpu_seconds - coalesce(a.reserved_gpu, 0) as gpu,
      (y.segments * y.estimated_disk_bytes)::double precision - coalesce(a.reserved_disk, 0) as disk
    from armed a
    join production_runs r on r.id = a.run_id
    join source_images i on i.character_id = a.character_id and i.qa_status in ('passed', 'waived')
    join variants v on v.character_id = a.character_id and v.variant_type_id = a.variant_type_id
      and v.status = 'approved' and v.source_sha256 = i.sha256
    join scene_types y on y.id = a.scene_type_id and y.tripped_at is null
    join generators g on g.id = y.generator_id
    where not a.fit or a.reserved_gpu is not null
    order by a.scene_id, a.reserved_gpu is null, a.priority desc, a.id
    """

  /// Those of other runs that were settled with the take that this one replaces want no other.
  private static func armingAssignments(_ terms: SubmissionTerms) -> SQL {
    """
    submitted = c.id = any (n.cells) or c.submitted and c.status not in \(Submissions.settled),
    submitted_at = case when c.id = any (n.cells) then \(terms.submittedAt) else c.submitted_at end,
    priority = case when c.id = any (n.cells) then \(terms.priority) else c.priority end,
    fit = case when c.id = any (n.cells) then \(terms.fit) else c.fit end,
    """
  }
}
