import Foundation
import PostgresClient
import SQLText
import Testing

/// A worker's connection is cut at each step of a job.
@Suite struct `Connections that are cut` {
  private struct Place {
    var name: String
    var pieces: [String]
    /// Only an answer with a job in it is kept from the worker.
    var hasRows = false
  }

  private static let fence = "insert into job_results"

  /// What a worker says to the server for one segment, in order.
  private static let places = [
    Place(name: "claim", pieces: ["delete from ready_jobs r using found"], hasRows: true),
    Place(name: "show as running", pieces: ["set status_id = 2"]),
    Place(name: "read the order", pieces: ["join takes t on t.id = k.take_id and t.cancelled_at is null"]),
    Place(name: "heartbeat", pieces: ["set seen_at = now()"]),
    Place(name: "lock the project", pieces: ["for no key update"]),
    Place(name: "end the lease", pieces: [fence]),
    Place(name: "write the facts", pieces: [fence, "last_frame_path = "]),
    Place(name: "commit the result", pieces: [fence, "commit"]),
    Place(name: "read the check's order", pieces: ["select array_agg(g.path order by g.number)"]),
    Place(name: "commit the check", pieces: [fence, "set qa_status", "commit"]),
  ]

  private static let clip = """
    echo $$ >> "$HOME_OF_TEST/pids"
    sleep 0.2
    cp "$PICTURES/clip.mp4" "$OUTPUT"
    """

  @Test func `at every step of a job, before and after the server did it`() async throws {
    try await Inspection.with { inspection in
      let home = inspection.home
      try await inspection.setLease(seconds: 2)
      try await home.openProduction(Production(segments: 1, attempts: 20, clip: Self.clip))
      try await home.say("variants where status=review | approve")
      let proxy = try inspection.proxied()
      defer {
        proxy.close()
        inspection.useServerItself()
      }
      let worker = try home.start("worker")
      try await done(inspection)
      var slowest = (place: "", took: Duration.zero)
      func time(_ name: String, _ cut: () async throws -> Void) async throws {
        let began = ContinuousClock.now
        try await again(inspection)
        try await cut()
        try await done(inspection)
        let took = ContinuousClock.now - began
        if took > slowest.took { slowest = (name, took) }
      }
      for place in Self.places {
        for moment in CuttingProxy.Moment.allCases {
          proxy.arm(.init(pieces: place.pieces, hasRows: place.hasRows, moment: moment))
          try await time("\(moment) \(place.name)") {
            try #require(await eventually { !proxy.isArmed }, "no worker came to \(place.name)")
          }
        }
      }
      let running = home.processes("pids").count
      try await time("while it runs") {
        try #require(await eventually { home.processes("pids").count > running })
        proxy.cutAll()
      }
      try await time("while it publishes") {
        let before = home.files("media/takes").filter(Self.isVideo).count
        try #require(await eventually { home.files("media/takes").filter(Self.isVideo).count > before })
        proxy.cutAll()
      }
      worker.signal(SIGTERM)
      #expect(await worker.ended().status == 0)
      try await inspection.expectWhole()
      let lost = try await inspection.number("select count(*) from attempts where outcome = 'lost'")
      // A claim whose answer never came is nobody's until its lease has run out.
      #expect(lost >= 1)
      inspection.tell(
        """
        \(proxy.cuts) cuts at \(Self.places.count + 2) places, \(lost) attempts lost, all done once; the slowest was \
        \(slowest.place) with \(slowest.took.inWords) and a lease of 2 s
        """)
    }
  }

  private static func isVideo(_ file: String) -> Bool { file.hasSuffix(".mp4") && !file.contains(".partial") }

  /// The next take of the one cell, behind the proxy's back.
  private func again(_ inspection: Inspection) async throws {
    let home = inspection.home
    let proxied = home.environment["CALLSHEET_DATABASE_URL"]
    home.environment["CALLSHEET_DATABASE_URL"] = inspection.target.secretConninfo
    try await home.say("cells where status=qa_review | reject reason=again", "cells where status=rejected | resubmit")
    home.environment["CALLSHEET_DATABASE_URL"] = proxied
  }

  private func done(_ inspection: Inspection) async throws {
    let isDone = try await eventually(within: 60) {
      try await inspection.number("select count(*) from live_jobs") == 0
    }
    try #require(isDone)
    try #require(try await inspection.number("select count(*) from cells where status = 'qa_review'") == 1)
  }
}
