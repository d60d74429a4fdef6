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
  /// What diagnostics are written in.
  var errorColor: ColorMode
  var pager: Pager?

  public init(
    format: OutputFormat, viewport: Viewport, errorsAsJSON: Bool = false, pager: Pager? = nil,
    output: OutputSink = OutputSink(1), errors: OutputSink = OutputSink(2), errorColor: ColorMode = .none
  ) {
    self.format = format
    self.viewport = viewport
    self.errorsAsJSON = errorsAsJSON
    self.pager = pager
    self.output = output
    self.errors = errors
    self.errorColor = errorColor
  }

  private var renderer: DiagnosticRenderer {
    var renderer = DiagnosticRenderer(colours: errorColor != .none, lineWidth: viewport.width ?? 120)
    renderer.inks = [
      .error: errorColor.parameters(.error), .warning: errorColor.parameters(.warning),
      .note: errorColor.parameters(.hint),
    ]
    return renderer
  }

  /// The theme of whatever is coloured.
  var theme = Theme.usual {
    didSet {
      if viewport.color != .none { viewport.color = ColorMode(theme: theme) }
      if errorColor != .none { errorColor = ColorMode(theme: theme) }
    }
  }

  /// Colours everything, or nothing.
  mutating func color(_ isOn: Bool) {
    let mode = isOn ? ColorMode(theme: theme) : .none
    (viewport.color, errorColor) = (mode, mode)
  }

  /// - Parameter isTakenBack: what it says was done is not kept.
  /// - Throws: `OutputError` when nobody reads any more; `FormatError`; `ExportError`.
  public func show(_ outcome: Outcome, isTakenBack: Bool = false) async throws {
    if format == .ids, outcome.hasNoIDs {
      return try note(text(of: outcome, .table, viewport, isTakenBack: isTakenBack))
    }
    switch outcome {
    case .table, .matrix, .why, .progress, .text, .finding: try await page(text(of: outcome, format, viewport))
    case .explanation(let explanation, let measured):
      try await page(format.render(try timed(explanation, measured), viewport: viewport))
    case .action, .plan, .production, .runCreated, .delivered:
      try output.write(text(of: outcome, format, viewport, isTakenBack: isTakenBack))
    case .message(let text): try note(text)
    case .done(let text, let report):
      if format.isForPeople { return try note(text) }
      try output.write(format.render(report, viewport: viewport, isTakenBack: isTakenBack))
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
  func text(
    of outcome: Outcome, _ format: OutputFormat, _ viewport: Viewport, isTakenBack: Bool = false
  ) throws -> String {
    switch outcome {
    case .table(let table, let noun): try format.render(table, viewport: viewport, noun: noun)
    case .matrix(let matrix, let axes): try format.render(matrix, axes: MatrixAxes(axes), viewport: viewport)
    case .why(let report): try format.render(report, viewport: viewport)
    case .progress(let progress): try format.render(progress, viewport: viewport)
    case .action(let report): format.render(report, viewport: viewport, isTakenBack: isTakenBack)
    case .plan(let plan): format.render(plan, viewport: viewport)
    case .export(let shown, _, _): try text(of: shown, format, viewport)
    case .production, .runCreated, .delivered, .text, .finding:
      switch format {
      case .table, .vertical, .ids: OutcomeText.of(outcome, isTakenBack: isTakenBack)
      case .json, .jsonl: try Documents.json(outcome) ?? format.render(OutcomeTable.of(outcome), viewport: viewport)
      case .csv, .tsv, .markdown: try format.render(OutcomeTable.of(outcome), viewport: viewport)
      }
    case .explanation(let explanation, _): format.render(explanation, viewport: viewport)
    case .script, .message, .done, .setting, .watch, .nothing: ""
    }
  }

  /// What a yes would do, for the person who is asked, beside the results.
  func show(preview outcome: Outcome) throws {
    var viewport = viewport
    viewport.width = TerminalSize.of(errors.descriptor)?.columns ?? viewport.width
    switch outcome {
    case .message(let text), .done(let text, _): return try note(text)
    default: break
    }
    try errors.write(text(of: outcome, .table, viewport, isTakenBack: true))
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

extension Outcome {
  /// The format `ids` has nothing to say of it: it goes to whoever looks, and not among the ids.
  fileprivate var hasNoIDs: Bool {
    switch self {
    case .explanation, .text, .finding, .production, .runCreated, .delivered: true
    case .table, .matrix, .why, .progress, .action, .done, .plan, .script, .message, .setting, .export, .watch,
      .nothing:
      false
    }
  }
}

extension OutputFormat {
  /// A sentence says it; the others are read by programs.
  fileprivate var isForPeople: Bool {
    switch self {
    case .table, .vertical, .ids: true
    case .json, .jsonl, .csv, .tsv, .markdown: false
    }
  }
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
