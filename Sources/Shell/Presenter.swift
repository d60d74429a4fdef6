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
    case .table(let table, let noun): try await page(format.render(table, viewport: viewport, noun: noun))
    case .matrix(let matrix, let axes):
      try await page(format.render(matrix, axes: MatrixAxes(axes), viewport: viewport))
    case .why(let report): try await page(format.render(report, viewport: viewport))
    case .progress(let progress): try output.write(try format.render(progress, viewport: viewport))
    case .explanation(let explanation, let outcome):
      try await page(format.render(try timed(explanation, outcome), viewport: viewport))
    case .action(let report): try output.write(format.render(report, viewport: viewport))
    case .plan(let plan): try output.write(format.render(plan, viewport: viewport))
    case .production(let changes):
      try output.write(format.isForMachines ? Documents.json(changes) : OutcomeText.of(changes))
    case .runCreated(let run): try output.write(format.isForMachines ? Documents.json(run) : OutcomeText.of(run))
    case .delivered(let report):
      try output.write(format.isForMachines ? Documents.json(report) : OutcomeText.of(report))
    case .text(let text): try await page(text.hasSuffix("\n") ? text : text + "\n")
    case .message(let text): try note(text)
    case .export(let table, let path, let name): try export(table, to: path, format: name)
    case .setting, .script, .watch, .nothing: break
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

  private func export(_ table: ResultTable, to path: String, format name: String?) throws {
    let suffix = (path as NSString).pathExtension.lowercased()
    guard let format = OutputFormat(rawValue: name ?? (suffix == "md" ? "markdown" : suffix)) else {
      throw ExportError(path: path, cause: "no format is named: write  export \"\(path)\" format csv")
    }
    let text = try format.render(table, viewport: Viewport())
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw ExportError(path: path, cause: error.localizedDescription)
    }
    try note("\(table.rows.count) rows written to \(path)")
  }
}

/// A file that could not be written.
public struct ExportError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let cause: String

  public var description: String { "\(path) cannot be written: \(cause)" }
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
