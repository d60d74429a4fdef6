import Model
import PostgresClient
import SQLText

/// Queues failed jobs again, without a new take.
public struct Retries: Sendable {
  let connection: PostgresConnection

  public init(_ connection: PostgresConnection) { self.connection = connection }

  /// Of these jobs, those that failed, whose result still counts, and that another try could help: a cell wants it, from a
  /// picture and a look that are as good as when it was begun. The others by why they are left alone.
  public func choose(_ ids: [Int64]) async throws -> RetryChoice {
    let result = try await connection.query(
      """
      select j.id, j.kind::text, case when j.kind = 'segment' then g.take_id else j.subject_id end,
        case
          when x.job_id is null then case when l.job_id is null then 'pending' else 'running' end
          when x.status_id <> 5 then z.name
          when case j.kind
            when 'segment' then g.status_id = 5 and t.cancelled_at is null and s.current_take_id = t.id
            when 'scene_qa' then t.qa_status = 'failed' and t.cancelled_at is null and s.current_take_id = t.id
            when 'variant' then v.status = 'failed' and v.generation = j.generation
            when 'source_qa' then i.qa_status = 'failed' and i.generation = j.generation
            else false end then case
              when j.kind = 'source_qa' then null
              when i.qa_status not in ('passed', 'waived') then 'without a source image that passed QA'
              when k.stale then 'stale: resubmit the cell instead'
              when not w.is_wanted then case when w.is_skipped then 'skipped' else 'not submitted' end
            end
          when j.kind = 'delivery' then 'deliver again instead'
          else 'superseded'
        end
      from jobs j
      left join job_results x on x.job_id = j.id
      left join job_statuses z on z.id = x.status_id
      left join leased_jobs l on l.job_id = j.id
      left join segments g on j.kind = 'segment' and g.id = j.subject_id
      left join takes t on j.kind in ('segment', 'scene_qa') and t.id = coalesce(g.take_id, j.subject_id)
      left join take_truth k on k.id = t.id
      left join scenes s on s.id = t.scene_id
      left join variants v on v.id = case when j.kind = 'variant' then j.subject_id else t.variant_id end
      left join source_images i on i.id = case when j.kind = 'source_qa' then j.subject_id
        else (select o.id from source_images o where o.character_id = v.character_id) end
      left join lateral (
        select coalesce(bool_or(c.submitted and not c.skipped), false) as is_wanted,
          coalesce(bool_or(c.skipped), false) as is_skipped
        from (
          select o.submitted, o.skipped from cells o where o.scene_id = s.id
          union all
          select o.submitted, o.skipped from cells o
          where j.kind = 'variant' and o.character_id = v.character_id and o.variant_type_id = v.variant_type_id) c
      ) w on true
      where j.id = any (\(ids)) order by j.id
      """)
    var choice = RetryChoice()
    var others: [String: Int] = [:]
    for row in result.rows {
      let (id, kind, subject, reason) = try row.decode((Int64, String, Int64, String?).self)
      if let reason {
        others[reason, default: 0] += 1
      } else {
        choice.add(id, JobKind(rawValue: kind) ?? .noop, subject)
      }
    }
    choice.leftAlone = LeftAlone.sorted(others)
    return choice
  }

  /// Queues them; what a budget does not hold stays failed.
  public func queue(_ choice: RetryChoice) async throws -> (changed: [Int64], unfunded: Int) {
    let revival = Revival(connection)
    let takes = Set(try await revival.takes(choice.takes.keys.sorted()))
    let variants = Set(try await revival.variants(choice.variants.keys.sorted()))
    let sources = Set(try await revival.sources(choice.sources.keys.sorted()))
    let changed =
      choice.takes.filter { takes.contains($0.key) }.map(\.value)
      + choice.variants.filter { variants.contains($0.key) }.map(\.value)
      + choice.sources.filter { sources.contains($0.key) }.map(\.value)
    return (changed.sorted(), choice.takes.count + choice.variants.count + choice.sources.count - changed.count)
  }

  /// The cells whose current take these jobs work on, or that wait for the looks that they make.
  public func cells(of jobs: [Int64]) async throws -> [Int64] {
    try await connection.query(
      """
      select c.id from jobs j
      left join segments g on j.kind = 'segment' and g.id = j.subject_id
      join scenes s on s.current_take_id = case j.kind when 'segment' then g.take_id when 'scene_qa' then j.subject_id end
      join cells c on c.scene_id = s.id
      where j.id = any (\(jobs)) and c.submitted and not c.skipped
      union
      select c.id from jobs j
      join variants v on j.kind = 'variant' and v.id = j.subject_id and v.generation = j.generation
      join cells c on c.character_id = v.character_id and c.variant_type_id = v.variant_type_id
      where j.id = any (\(jobs)) and c.submitted and not c.skipped
      order by 1
      """
    ).rows.map { try $0.decode(Int64.self) }
  }

  /// Of these jobs, those that are over, by how they ended.
  public func ended(_ jobs: [Int64]) async throws -> [(id: Int64, status: String)] {
    try await connection.query(
      """
      select x.job_id, z.name from job_results x join job_statuses z on z.id = x.status_id
      where x.job_id = any (\(jobs)) order by x.job_id
      """
    ).rows.map { try $0.decode((Int64, String).self) }
  }
}

/// Failed jobs by what they are about.
public struct RetryChoice: Equatable, Sendable {
  /// From the subject's id to the job's.
  public private(set) var takes: [Int64: Int64] = [:]
  public private(set) var variants: [Int64: Int64] = [:]
  public private(set) var sources: [Int64: Int64] = [:]
  public internal(set) var leftAlone: [ActionReport.LeftAlone] = []

  mutating func add(_ job: Int64, _ kind: JobKind, _ subject: Int64) {
    switch kind {
    case .segment, .sceneQA: takes[subject] = job
    case .variant: variants[subject] = job
    case .sourceQA: sources[subject] = job
    case .delivery, .noop: break
    }
  }
}
