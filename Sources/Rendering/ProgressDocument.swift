import Model

/// The progress for programs.
extension ProgressScreen {
  /// One row: every count, hours, gigabytes, the ETA in seconds, and what keeps work from
  /// being begun: `paused`, `no_worker`, `limit_reached`. null where no limit or no estimate is known.
  public var table: ResultTable {
    var columns: [ResultColumn] = []
    var row: [Value] = []
    func add(_ name: String, _ kind: ColumnKind, _ value: Value) {
      columns.append(ResultColumn(name, kind))
      row.append(value)
    }
    func add(_ name: String, _ part: Progress.Part) {
      add("\(name)_done", .int, .int(Int64(part.done)))
      add("\(name)_total", .int, .int(Int64(part.total)))
    }
    // Sums of decimal fractions: what is left is told without the noise of binary arithmetic.
    func amount(_ value: Double) -> Value { .double((value * 1e6).rounded() / 1e6) }
    add("project", .text, .text(progress.project))
    add("run", .text, .text(progress.run))
    add("scenes", progress.scenes)
    add("segments", progress.segments)
    add("approved", progress.approved)
    add("qa_passed", progress.qaPassed)
    add("variants_approved", progress.variantsApproved)
    for status in CellStatus.allCases {
      add("cells_\(status.rawValue)", .int, .int(Int64(progress.counts[status] ?? 0)))
    }
    add("cells_stale", .int, .int(Int64(progress.stale)))
    add("gpu_hours_used", .double, amount(progress.gpuHoursUsed))
    add("gpu_hours_left", .double, progress.gpuBudget.map { amount($0.left) } ?? .null)
    add("disk_gb_used", .double, amount(progress.diskGBUsed))
    add("disk_gb_left", .double, progress.diskBudget.map { amount($0.left) } ?? .null)
    add("jobs_ready", .int, .int(Int64(progress.jobsReady)))
    add("jobs_running", .int, .int(Int64(progress.jobsRunning)))
    add("live_slots", .int, .int(Int64(progress.liveSlots)))
    add("eta", .duration, progress.etaSeconds.map { .duration($0) } ?? .null)
    add("standstill", .text, standstill.map { .text($0) } ?? .null)
    return ResultTable(columns: columns, rows: [row])
  }

  private var standstill: String? {
    switch progress.standstill {
    case .paused: "paused"
    case .noWorker: "no_worker"
    case .limit: "limit_reached"
    case nil: nil
    }
  }
}
