import Diagnostics
import Foundation
import Model
import Rendering
import Session
import Terminal

/// Shows what statements had to say: results on standard output, everything else on standard error.
public struct Presenter: Sendable {
  public var format: OutputFormat
  public var viewport: Viewport
  /// Diagnostics as JSON lines.
  public var errorsAsJSON: Bool
  var output: OutputSink
  var errors: OutputSink
  let renderer: DiagnosticRenderer
  var pager: Pager?

  public init(
    format: OutputFormat, viewport: Viewport, errorsAsJSON: Bool = false, pager: Pager? = nil,
    output: OutputSink = OutputSink(1), errors: OutputSink = OutputSink(2), colouredErrors: Bool = false
  ) {
    self.format = format
    self.viewport = viewport
    self.errorsAsJSON = errorsAsJSON
    self.pager = pager
    self.output = output
    self.errors = errors
    renderer = DiagnosticRenderer(colours: colouredErrors, lineWidth: viewport.width ?? 120)
  }

  /// - Throws: `OutputError` when nobody reads any more; `FormatError`; `ExportError`.
  public func show(_ outcome: Outcome) async throws {
    switch outcome {
    case .table, .matrix, .why, .progress, .text: try await page(text(of: outcome, format, viewport))
    case .explanation(let explanation, let measured):
      try await page(format.render(try timed(explanation, measured), viewport: viewport))
    case .action, .plan, .production, .runCreated, .delivered: try output.write(text(of: outcome, format, viewport))
    case .message(let text): try note(text)
    case .export(let shown, let path, let name):
      let format = try OutputFormat(exportedTo: path, named: name)
      let file = try FileInMaking(at: path)
      do {
        try file.write(Array(text(of: shown, format, Viewport()).utf8))
        try file.finish()
      } catch {
        file.abandon()
        throw error
      }
      try note("written to \(path)")
    case .setting, .script, .watch, .nothing: break
    }
  }

  /// What is for standard output, or a file; empty for what says nothing there.
  func text(of outcome: Outcome, _ format: OutputFormat, _ viewport: Viewport) throws -> String {
    switch outcome {
    case .table(let table, let noun): try format.render(table, viewport: viewport, noun: noun)
    case .matrix(let matrix, let axes): try format.render(matrix, axes: MatrixAxes(axes), viewport: viewport)
    case .why(let report): try format.render(report, viewport: viewport)
    case .progress(let progress): try format.render(progress, viewport: viewport)
    case .action(let report): format.render(report, viewport: viewport)
    case .plan(let plan): format.render(plan, viewport: viewport)
    case .export(let shown, _, _): try text(of: shown, format, viewport)
    case .production(let changes): format.isForMachines ? Documents.json(changes) : OutcomeText.of(changes)
    case .runCreated(let run): format.isForMachines ? Documents.json(run) : OutcomeText.of(run)
    case .delivered(let report): format.isForMachines ? Documents.json(report) : OutcomeText.of(report)
    case .text(let text): text.hasSuffix("\n") ? text : text + "\n"
    case .explanation, .script, .message, .setting, .watch, .nothing: ""
    }
  }

  /// A line for people, beside the results.
  public func note(_ text: String) throws(OutputError) {
    if !errorsAsJSON { try errors.write(text + "\n") }
  }

  public func show(_ diagnostics: [Diagnostic], promptWidth: Int? = nil) throws(OutputError) {
    for diagnostic in diagnostics {
      if errorsAsJSON {
        let line = renderer.json(diagnostic)
        try errors.write(line.hasSuffix("\n") ? line : line + "\n")
      } else if let promptWidth {
        try errors.write(renderer.underPrompt(diagnostic, promptWidth: promptWidth))
      } else {
        try errors.write(renderer.text(diagnostic))
      }
    }
  }

  private func page(_ text: String) async throws {
    guard let pager else { return try output.write(text) }
    try await pager.show(text, width: 0, to: output)
  }

  // MARK: Rows that stream

  /// - Throws: `FormatError`.
  func writer(for reading: Reading) throws -> any RowWriter {
    try format.writer(columns: reading.columns, viewport: viewport, noun: reading.noun)
  }

  /// Not on a terminal, where control characters are spelled out.
  func serverFormat(columns: Int) -> ServerFormat? {
    viewport.width == nil ? format.serverFormat(columns: columns) : nil
  }

  func write(_ bytes: [UInt8]) throws(OutputError) { try output.write(bytes: bytes) }
}

extension OutputFormat {
  var isForMachines: Bool { self == .json || self == .jsonl }
}

extension MatrixAxes {
  init(_ axes: [MatrixAxis]) {
    self.init(rows: axes[0].plural, columns: axes[1].plural, subcolumns: axes[2].plural, rowField: axes[0].field)
  }
}

extension MatrixAxis {
  fileprivate var plural: String {
    switch self {
    case .characters: "characters"
    case .sceneTypes: "scene types"
    case .variantTypes: "variants"
    }
  }

  fileprivate var field: String {
    switch self {
    case .characters: "character"
    case .sceneTypes: "scene_type"
    case .variantTypes: "variant"
    }
  }
}
