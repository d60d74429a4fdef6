import Diagnostics
import Foundation
import Model

/// Reads production files: names are unique, generators exist and are of the right kind, commands can be started, source
/// images can be read.
public enum ProductionFileParser {
  /// A production file is written by hand; one that is larger is something else.
  public static let largestBytes = 4 << 20

  /// Reads the text of a production file and checks what it names on this machine.
  ///
  /// Every mistake is reported, in the order of the text, each at its line and column; after a hundred only their number.
  /// The production is nil when there is an error among the diagnostics.
  ///
  /// - Parameters:
  ///   - source: The text; its name stands in the messages.
  ///   - folder: Where relative paths start: the absolute path of the folder the file lies in.
  public static func parse(_ source: SourceText, folder: String) -> (
    production: ProductionFile?, diagnostics: [Diagnostic]
  ) {
    let document: YAMLDocument
    do {
      document = try YAMLDocument(source)
    } catch {
      return (nil, error.diagnostics)
    }
    var reader = ProductionReader(document: document, folder: folder)
    let production = reader.production()
    let diagnostics = reader.report.sorted()
    return (diagnostics.contains { $0.severity == .error } ? nil : production, diagnostics)
  }

  /// Reads a production file from disk and parses it; a path that cannot be read is a diagnostic without a place.
  ///
  /// - Parameter path: As the person wrote it, relative to the working directory; messages call the file by it.
  public static func load(_ path: String) -> (production: ProductionFile?, diagnostics: [Diagnostic]) {
    switch FileProbe.read(path, limit: largestBytes) {
    case .failure(let problem):
      let diagnostic = Diagnostic(
        code: problem.code, message: "the production file \(path) \(problem.message)", hints: problem.hints)
      return (nil, [diagnostic])
    case .success(let bytes):
      var (production, diagnostics) = parse(SourceText(name: path, bytes: bytes), folder: FileProbe.folder(of: path))
      production?.name = URL(fileURLWithPath: path).lastPathComponent
      return (production, diagnostics)
    }
  }
}
