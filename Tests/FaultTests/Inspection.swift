import Foundation
import PostgresClient
import SQLText
import Store
import TestDatabase
import Testing

/// A home and a look behind its commands' back, at the facts and at the machine.
struct Inspection: Sendable {
  let home: TestHome
  let target: ConnectionTarget
  let connection: PostgresConnection

  /// On a fresh database of the suite's server.
  static func with(_ body: @Sendable (Inspection) async throws -> Void) async throws {
    try await TestHome.with { home in
      let conninfo = try #require(home.environment["CALLSHEET_DATABASE_URL"])
      try await use(home, ConnectionTarget(conninfo), body)
    }
  }

  /// On a server of its own, which is the home's embedded one.
  static func withServer(_ body: @Sendable (Inspection) async throws -> Void) async throws {
    try await TestHome.withoutDatabase { home in
      try await home.run("db", "start")
      try await home.run("db", "migrate")
      try await use(home, try EmbeddedCluster(environment: home.environment).target, body)
    }
  }

  private static func use(
    _ home: TestHome, _ target: ConnectionTarget, _ body: @Sendable (Inspection) async throws -> Void
  ) async throws {
    let connection = try await PostgresConnection.connect(to: target, applicationName: "inspection")
    let inspection = Inspection(home: home, target: target, connection: connection)
    do {
      try await body(inspection)
      try await inspection.expectNoOrphan()
      try await home.expectTruth()
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// The same on a new connection, for when the server was away.
  func again() async throws -> Inspection {
    let fresh = try await PostgresConnection.connect(to: target, applicationName: "inspection")
    return Inspection(home: home, target: target, connection: fresh)
  }

  func number(_ sql: SQL) async throws -> Int { try await connection.query(sql).rows[0].decode(Int.self) }

  func lines(_ sql: SQL) async throws -> [String] {
    try await connection.query(sql).rows.map { try $0.decode(String.self) }
  }

  /// All who connect from now on agree on it.
  func setLease(seconds: Int) async throws {
    let name: String = try await connection.query("select current_database()").rows[0].decode(column: 0)
    try await connection.execute(
      "alter database \(identifier: name) set callsheet.lease_seconds = \(unsafeSQL: "'\(seconds)'")")
  }

  /// Work without an end: when nothing is left that has not failed yet, what is done comes again. True: it did.
  @discardableResult
  func resubmitIfDone() async throws -> Bool {
    let fresh = try await number(
      """
      select (select count(*) from ready_jobs where failures = 0) + (select count(*) from leased_jobs where failures = 0)
      """)
    if fresh > 0 { return false }
    try await home.say("cells where status=qa_review | reject reason=again", "cells where status=rejected | resubmit")
    return true
  }

  /// What a test found out, for whoever reads its output.
  func tell(_ figures: String) {
    FileHandle.standardOutput.write(Data("  figures: \(figures)\n".utf8))
  }
}

// MARK: - Nothing lost, nothing twice

extension Inspection {
  /// That every cell has come to one of these statuses by one whole current take, made once, and that nothing is left over
  /// in the queue. Call it when no worker runs any more.
  func expectWhole(_ statuses: [String] = ["qa_review"], sourceLocation: SourceLocation = #_sourceLocation) async throws
  {
    let faults = try await lines(
      """
      select 'cell ' || id || ' is ' || status from cells where not status::text = any (\(statuses)::text[])
      union all
      select 'scene ' || s.id || ' has no whole current take' from scenes s
      join scene_types y on y.id = s.scene_type_id
      left join takes t on t.id = s.current_take_id and t.cancelled_at is null
      where exists (select 1 from cells c where c.scene_id = s.id and c.status in ('qa_review', 'approved'))
        and y.segments <> (select count(*) from segments g
          where g.take_id = t.id and g.status_id = 4 and g.path is not null and g.last_frame_path is not null)
      """)
    #expect(faults == [], sourceLocation: sourceLocation)
    try await expectNothingTwice(sourceLocation: sourceLocation)
    try await expectFiles(sourceLocation: sourceLocation)
  }

  /// What holds whatever became of the cells.
  func expectNothingTwice(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let faults = try await lines(
      """
      select 'segment ' || g.id || ' has ' || count(a.number) || ' successes in ' || count(distinct j.id) || ' jobs'
      from segments g
      left join jobs j on j.kind = 'segment' and j.subject_id = g.id
      left join attempts a on a.job_id = j.id and a.outcome = 'completed'
      where g.status_id = 4 group by g.id having count(a.number) <> 1 or count(distinct j.id) <> 1
      union all
      select 'segment ' || g.id || ' has the file of another attempt than the one that was told: ' || g.path
      from segments g
      join jobs j on j.kind = 'segment' and j.subject_id = g.id
      join attempts a on a.job_id = j.id and a.outcome = 'completed'
      where g.status_id = 4 and g.path not like '%-j' || j.id || 'a' || a.number || '.mp4'
      union all
      select 'segment ' || g.id || ' was told ' || count(*) || ' times'
      from segments g join events e on e.kind = 'generated' and e.entity = 'segments' and g.id = any (e.ids)
      where g.status_id = 4 group by g.id having count(*) <> 1
      union all
      select 'scene ' || scene_id || ' has ' || count(*) || ' unfinished takes' from takes
      where cancelled_at is null and qa_status = 'pending'
        and not exists (select 1 from segments g where g.take_id = takes.id and g.status_id in (5, 6))
      group by scene_id having count(*) > 1
      union all
      select 'file ' || path || ' is of ' || count(*) || ' segments' from segments
      where status_id = 4 group by path having count(*) > 1
      union all
      select 'lease of job ' || job_id || ' is left' from leased_jobs
      union all
      select 'job ' || job_id || ' is left in line' from ready_jobs
      union all
      select 'attempts cost ' || round(a.cost::numeric, 2) || ' s, subjects ' || round(s.cost::numeric, 2)
      from (select coalesce(sum(a.gpu_seconds), 0) as cost from attempts a) a
      cross join (select (select coalesce(sum(gpu_seconds), 0) from segments)
        + (select coalesce(sum(gpu_seconds), 0) from variants) as cost) s
      where abs(a.cost - s.cost) > 0.01
      """)
    #expect(faults == [], sourceLocation: sourceLocation)
  }

  /// That every file the database knows is there, whole, and that no other bears a final name.
  func expectFiles(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let known = try await lines("select sha256 || '  ' || path from segments where status_id = 4")
    let list = known.joined(separator: "\n") + "\n"
    try home.write("sums", list)
    let check = try await home.bash("sha256sum --check --quiet sums")
    #expect(check.status == 0 || known.isEmpty, "\(check.output)\(check.errors)", sourceLocation: sourceLocation)
  }
}

// MARK: - No orphan

extension Inspection {
  /// That no process of this home is left but callsheet itself and its server, and no guard whose group is gone.
  func expectNoOrphan(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    #expect(
      await eventually(within: 20) { Self.orphans(of: home.path).isEmpty },
      "\(Self.orphans(of: home.path))", sourceLocation: sourceLocation)
    let groups = home.processes("pids")
    #expect(
      await eventually(within: 20) { groups.allSatisfy { kill(-$0, 0) != 0 && errno == ESRCH } },
      "process groups of generators are left", sourceLocation: sourceLocation)
  }

  private static func orphans(of home: String) -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
    return processes.compactMap { id in
      if isGone(id) { return nil }
      let command = text("/proc/\(id)/cmdline").replacing("\0", with: " ")
      if command.contains("callsheet-guard") {
        let leader = command.split(separator: " ").last.flatMap { pid_t($0) } ?? 0
        return isGone(leader) && kill(-leader, 0) != 0 ? "guard \(id): \(command)" : nil
      }
      guard text("/proc/\(id)/environ").split(separator: "\0").contains("HOME=\(home)") else { return nil }
      let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/exe")) ?? ""
      let name = (program as NSString).lastPathComponent
      return name == "callsheet" || name == "postgres" ? nil : "\(id): \(command)"
    }
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
  var inWords: String { String(format: "%.1f s", seconds) }
}
