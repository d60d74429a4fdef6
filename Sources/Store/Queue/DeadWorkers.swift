import Model
import PostgresClient
import SQLText

/// An attempt that ended without a result, with what its files are named after.
public struct EndedAttempt: Equatable, Sendable {
  public enum Subject: Equatable, Sendable {
    case variant(VariantID, generation: Int)
    case segment(TakeID, number: Int)
  }

  public let id: AttemptID
  public let subject: Subject
}

/// Workers that died and left half-written files behind.
extension Queue {
  /// Those of a host that were not heard of for a lease, that hold nothing any more, and whose files nobody has removed
  /// since.
  public func unsweptDead(host: String) async throws -> [WorkerID] {
    try await connection.query(
      """
      select w.id from workers w
      where w.host = \(host) and w.stopped_at is null and (w.swept_at is null or w.swept_at < w.seen_at)
        and not exists (select 1 from live_workers v where v.id = w.id)
        and not exists (select 1 from leased_jobs l where l.worker_id = w.id)
      order by w.id limit 100
      """
    ).rows.map { WorkerID(try $0.decode(Int64.self)) }
  }

  /// Attempts of a worker that ended without a result. None of them is ever live again: a job's next attempt has another
  /// number.
  public func endedAttempts(of worker: WorkerID) async throws -> [EndedAttempt] {
    try await connection.query(
      """
      select j.id, a.number, j.kind::text, j.subject_id, j.generation, g.take_id, g.number
      from attempts a
      join jobs j on j.id = a.job_id and j.kind in ('variant', 'segment')
      left join segments g on j.kind = 'segment' and g.id = j.subject_id
      where a.worker_id = \(worker) and a.outcome <> 'completed' and (j.kind = 'variant' or g.id is not null)
      order by j.id, a.number
      """
    ).rows.map { row in
      let (job, number, kind, subject, generation, take, segment) = try row.decode(
        (Int64, Int, String, Int64, Int, Int64?, Int?).self)
      return EndedAttempt(
        id: AttemptID(job: JobID(job), attempt: number),
        subject: kind == JobKind.variant.rawValue
          ? .variant(VariantID(subject), generation: generation)
          : .segment(TakeID(take ?? 0), number: segment ?? 0))
    }
  }

  public func noteSwept(_ worker: WorkerID) async throws {
    try await connection.execute("update workers set swept_at = now() where id = \(worker)")
  }
}
