import Foundation
import Model
import TestFixtures

/// Productions of the sizes that producers run, with names as they have them.
enum Productions {
  static let people = [
    "Aria Vale", "Bo Okafor", "Cleo Marsh", "Dax Imani", "Edda Quist", "Finn Sato", "Gia Lund", "Hugo Perez",
    "Ines Falk", "Jun 田中", "Kit Rowe", "Lena Obi",
  ]
  static let sceneTypes = [
    "alley_chase", "neon_portrait", "rooftop_walk", "rain_crossing", "market_stroll", "subway_wait", "bridge_dawn",
    "arcade_duel", "harbour_night", "tower_lift",
  ]
  static let looks = ["coat", "suit", "armor", "casual", "dress"]

  static func matrix(_ rows: Int, _ columns: Int, _ subcolumns: Int, seed: Int = 1) -> Matrix {
    var random = SeededGenerator(seed: seed)
    let weighted =
      CellStatus.allCases + [.approved, .approved, .approved, .approved, .qaReview, .queued, .queued, .generating]
    let cells = (0..<rows * columns * subcolumns).map { index -> MatrixCell? in
      let status = weighted.randomElement(using: &random) ?? .queued
      let isStale = status == .approved && Int.random(in: 0..<12, using: &random) == 0
      let done = status == .generating ? Int.random(in: 0..<5, using: &random) : 0
      return MatrixCell(
        id: CellID(Int64(index + 1)), status: status, stale: isStale, segmentsDone: done,
        segments: status == .generating ? 5 : 0)
    }
    return Matrix(
      project: "neon-city", run: "spring", rows: members(people, rows), columns: members(sceneTypes, columns),
      subcolumns: members(looks, subcolumns), cells: cells)
  }

  static func members(_ names: [String], _ count: Int) -> [AxisMember] {
    (0..<count).map { index in
      let round = index / names.count
      return AxisMember(id: Int64(index + 1), name: names[index % names.count] + (round == 0 ? "" : "_\(round + 1)"))
    }
  }

  /// Every kind of value, and every character that has a meaning in one of the formats.
  static let awkward = ResultTable(
    columns: [
      ResultColumn("id", .int), ResultColumn("name", .text), ResultColumn("status", .status),
      ResultColumn("gpu_hours", .double), ResultColumn("took", .duration), ResultColumn("at", .time),
      ResultColumn("stale", .bool), ResultColumn("tags", .list),
    ],
    rows: [
      [
        .int(1), .text("Aria \"Ace\" Vale, lead"), .text("approved"), .double(0.125), .duration(72.5),
        .time(Date(timeIntervalSince1970: 1_795_380_135)), .bool(false), .list([.text("a,b"), .text("c\"d")]),
      ],
      [
        .int(20), .text("two\nlines\tand | a \\ bar"), .text("qa_review"), .double(11), .duration(0.25),
        .time(Date(timeIntervalSince1970: 1_795_380_135.25)), .bool(true), .list([]),
      ],
      [.int(300), .text("田中 e\u{301}"), .text("failed"), .null, .null, .null, .null, .null],
      [.int(-4), .text(""), .text("not_started"), .double(-0.0004), .duration(93784), .null, .null, .list([.int(3)])],
    ])

  static let progress = Model.Progress(
    project: "neon-city", run: "spring",
    counts: [.approved: 31, .qaReview: 3, .generating: 4, .queued: 5, .failed: 2, .blocked: 3], stale: 1,
    scenes: .init(done: 34, total: 48), segments: .init(done: 171, total: 240), approved: .init(done: 31, total: 48),
    qaPassed: .init(done: 34, total: 36), variantsApproved: .init(done: 10, total: 12),
    gpuBudget: .init(limit: 12, reserved: 0.4, spent: 0.8), diskBudget: .init(limit: 40, reserved: 0, spent: 38.25),
    gpuHoursUsed: 0.8, diskGBUsed: 38.25, jobsReady: 12, jobsRunning: 4, liveSlots: 4, etaSeconds: 187)

  static let why: WhyReport = {
    let now = Date(timeIntervalSince1970: 1_795_380_135)
    return WhyReport(
      blockages: [
        Blockage(
          cellIDs: (1...8).map { CellID($0) }, cause: "variant_approval",
          explanation: "wait for the variant \"suit\" of Bo Okafor to be approved", since: now.addingTimeInterval(-840),
          chain: ["8 scenes", "variant suit of Bo Okafor"],
          remedies: [Remedy("variants where character=\"Bo Okafor\" and variant=suit | approve")]),
        Blockage(
          cellIDs: [CellID(11)], cause: "budget",
          explanation: "wait for GPU hours: 2.5 are needed, 0.4 of 12 are left in the project neon-city",
          since: now.addingTimeInterval(-7200), remedies: []),
        Blockage(
          cellIDs: (12...15).map { CellID($0) }, cause: "source_qa",
          explanation: "source image of Cleo Marsh failed QA: 61 x 61, at least 512 x 512 is needed", since: nil,
          chain: ["4 scenes", "variants coat, suit of Cleo Marsh", "source image of Cleo Marsh"],
          remedies: [
            Remedy("apply \"neon-city/production.yaml\"", note: "once neon-city/sources/cleo.png is replaced"),
            Remedy("cells where character=\"Cleo Marsh\" | skip reason=\"no usable picture\""),
          ]),
        Blockage(
          cellIDs: [CellID(20)], cause: "retry_later",
          explanation: "an attempt failed and the next one waits: no memory",
          since: now.addingTimeInterval(-30), until: now.addingTimeInterval(40),
          remedies: [Remedy(nil, note: "goes on by itself")]),
      ],
      unblocked: [.init(reason: "approved", count: 31), .init(reason: "generating", count: 4)], asOf: now)
  }()

  static let action = ActionReport(
    action: "submit", id: ActionID(17), entity: "cells", selected: 48, changed: 46,
    leftAlone: [.init(reason: "approved", count: 2)], jobsQueued: 96)
}
