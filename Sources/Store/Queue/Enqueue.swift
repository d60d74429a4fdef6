import SQLText

/// Fragments that put job rows where workers find them.
enum Enqueue {
  /// Common table expressions that make the jobs of a relation (`id, run_id, kind, subject_id, priority`) live
  /// and ready from `runAt` on, each behind those of its run. A paused run's jobs wait at the end of time.
  /// - Parameter segmentTurn: the place in line of segments that follow others.
  static func tail(_ relation: SQL, runAt: SQL = "now()", segmentTurn: SQL = "null::bigint") -> SQL {
    """
    lively as (insert into live_jobs (kind, subject_id, job_id) select kind, subject_id, id from \(relation)),
    \(ends(relation)),
    readied as (
      insert into ready_jobs (kind, rank, turn, run_at, job_id, run_id)
      select q.kind, -q.priority, coalesce(case when q.kind = 'segment' then \(segmentTurn) end, \(nextTurn)),
        case when r.status_id = 3 then 'infinity' else \(runAt) end, q.id, q.run_id
      from \(relation) q \(besideEnds) left join production_runs r on r.id = q.run_id)
    """
  }

  /// Where the jobs of a relation `q` (`id, run_id, kind, priority`) join their lines: a common table expression, what joins
  /// it, and the turn of each.
  static func ends(_ relation: SQL) -> SQL {
    """
    ends as materialized (
      select g.kind, g.run_id, g.priority, line_end(g.kind, (-g.priority)::smallint, g.run_id) as last
      from (select distinct kind, run_id, priority from \(relation)) g)
    """
  }

  static let besideEnds: SQL =
    "join ends e on e.kind = q.kind and e.priority = q.priority and e.run_id is not distinct from q.run_id"
  static let nextTurn: SQL = "e.last + row_number() over (partition by q.kind, q.run_id, q.priority order by q.id)"

  /// Lets waiting jobs join their lines anew, where they are now, in the order in which they stood: what waited elsewhere
  /// for long does not come before all others.
  /// - Parameters:
  ///   - jobs: a query of their ids.
  ///   - rank: the new one; else as it is.
  ///   - runAt: of each row `r` of `ready_jobs`.
  static func rejoin(_ jobs: SQL, rank: SQL = "r.rank", runAt: SQL) -> SQL {
    """
    with moving as materialized (
      select r.job_id, r.kind, r.run_id, r.rank as old_rank, r.turn, (\(rank))::smallint as rank, \(runAt) as run_at
      from ready_jobs r where r.job_id = any (array(\(jobs)))),
    fronts as materialized (
      select g.kind, g.rank, line_front(g.kind, g.rank) as front from (select distinct kind, rank from moving) g)
    update ready_jobs r set rank = n.rank, turn = n.turn, run_at = n.run_at
    from (
      select m.job_id, m.rank, m.run_at,
        f.front + row_number() over (partition by m.kind, m.run_id, m.rank order by m.old_rank, m.turn, m.job_id) as turn
      from moving m join fronts f on f.kind = m.kind and f.rank = m.rank) n
    where r.job_id = n.job_id
    """
  }
}
