import Diagnostics
import Orchestrator

/// What a production file declares, checked as a whole: names are unique, generators exist and are of the right kind,
/// commands can be started, source images can be read.
public struct ProductionFile: Equatable, Sendable {
  public enum Role: String, CaseIterable, Sendable {
    case producer, reviewer, viewer
  }

  public struct User: Equatable, Sendable {
    public let name: String
    public let role: Role
  }

  public struct Generator: Equatable, Sendable {
    public let name: String
    public let kind: GeneratorKind
    /// The argument vector as written: a first element with a `/` starts at `folder`, one without is looked up in `PATH`.
    public let command: [String]
    /// Variables beside the contract's own.
    public let environment: [String: String]
    /// In seconds.
    public let timeLimit: Double
    public let attempts: Int
  }

  public struct Character: Equatable, Sendable {
    public let name: String
    /// As written.
    public let source: String
    /// Absolute, without `.` and `..`; links are not followed.
    public let sourcePath: String
  }

  /// What one piece of work is expected to need: one segment, or one variant.
  public struct Estimate: Equatable, Sendable {
    public let gpuSeconds: Double
    public let diskBytes: Int64

    public static let none = Estimate(gpuSeconds: 0, diskBytes: 0)
  }

  public struct SceneType: Equatable, Sendable {
    public let name: String
    public let segments: Int
    /// Of one segment.
    public let seconds: Double
    /// In pixels.
    public let width: Int
    public let height: Int
    public let fps: Int
    /// The name of a segment generator.
    public let generator: String
    public let prompt: String
    /// For one segment.
    public let estimate: Estimate
  }

  public struct VariantType: Equatable, Sendable {
    public let name: String
    /// The name of a variant generator.
    public let generator: String
    public let prompt: String
    /// In pixels.
    public let width: Int
    public let height: Int
    public let estimate: Estimate
  }

  /// What the whole project may spend; nil is no limit.
  public struct Budgets: Equatable, Sendable {
    public let gpuHours: Double?
    /// In gigabytes of 10^9 bytes.
    public let diskGB: Double?

    public static let none = Budgets(gpuHours: nil, diskGB: nil)
  }

  public let project: String
  public let description: String
  /// Absolute: where the production file lies, and where its relative paths start.
  public let folder: String
  /// Each list is in the file's order.
  public let users: [User]
  public let generators: [Generator]
  public let sourceRules: PictureRules
  public let characters: [Character]
  public let sceneTypes: [SceneType]
  public let variantTypes: [VariantType]
  public let budgets: Budgets
}

extension ProductionFile {
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
      return parse(SourceText(name: path, bytes: bytes), folder: FileProbe.folder(of: path))
    }
  }
}
