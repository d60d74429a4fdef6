import Foundation

/// Everything a package is made of, as the database knows it at the moment of the delivery.
public struct DeliveryDescription: Equatable, Sendable {
  /// Stands in the manifest; a package that has it is this delivery's. nil: it belongs to none.
  public var mark: String?
  public var project: String
  public var run: String
  public var deliveredBy: String
  public var deliveredAt: Date
  /// In the order in which manifest and index list them.
  public var cells: [Cell]

  public init(
    mark: String? = nil, project: String, run: String, deliveredBy: String, deliveredAt: Date, cells: [Cell]
  ) {
    self.mark = mark
    self.project = project
    self.run = run
    self.deliveredBy = deliveredBy
    self.deliveredAt = deliveredAt
    self.cells = cells
  }

  public struct Cell: Equatable, Sendable {
    public var character: String
    public var sceneType: String
    public var variantType: String
    public var outcome: Outcome

    public init(character: String, sceneType: String, variantType: String, outcome: Outcome) {
      self.character = character
      self.sceneType = sceneType
      self.variantType = variantType
      self.outcome = outcome
    }

    /// As messages name it: `Aria Vale, alley_chase, coat`.
    public var name: String { "\(character), \(sceneType), \(variantType)" }
  }

  public enum Outcome: Equatable, Sendable {
    case approved(Scene)
    case skipped(reason: String)
  }

  public struct Scene: Equatable, Sendable {
    public var take: Int
    public var approvedBy: String
    public var approvedAt: Date
    /// What the take was made from.
    public var inputs: [Input]
    /// In order; at least one.
    public var segments: [Segment]

    public init(take: Int, approvedBy: String, approvedAt: Date, inputs: [Input], segments: [Segment]) {
      self.take = take
      self.approvedBy = approvedBy
      self.approvedAt = approvedAt
      self.inputs = inputs
      self.segments = segments
    }
  }

  public struct Input: Equatable, Sendable {
    /// `source` or `variant`.
    public var role: String
    /// A name without a folder of this machine, such as `sources/aria.png`.
    public var name: String
    public var sha256: String
    /// nil for a file that no generator made.
    public var generator: String?

    public init(role: String, name: String, sha256: String, generator: String? = nil) {
      self.role = role
      self.name = name
      self.sha256 = sha256
      self.generator = generator
    }
  }

  public struct Segment: Equatable, Sendable {
    /// Absolute.
    public var path: String
    /// As it was when the file was published.
    public var sha256: String
    public var generator: String
    /// Which try at the job succeeded; nil: unknown.
    public var attempt: Int?
    /// How long the generator ran.
    public var generatedInSeconds: Double

    public init(path: String, sha256: String, generator: String, attempt: Int?, generatedInSeconds: Double) {
      self.path = path
      self.sha256 = sha256
      self.generator = generator
      self.attempt = attempt
      self.generatedInSeconds = generatedInSeconds
    }
  }
}

/// How far a delivery is.
public struct DeliveryProgress: Equatable, Sendable {
  public enum Phase: String, Sendable {
    case validating, joining, finishing
  }

  public var phase: Phase
  /// Of the phase's files.
  public var done: Int
  public var total: Int
  /// The file, or the scene, that was finished last; empty at a phase's start.
  public var current: String
}

/// A package that is complete and on the disk.
public struct DeliveredPackage: Equatable, Sendable {
  public let path: String
  public let videos: Int
  /// Of all files in the package.
  public let bytes: Int64
  /// The playing time of all videos.
  public let seconds: Double
  public let manifestSHA256: String
}

/// Why there is no package. Nothing of it is left behind.
public enum DeliveryError: Error, Equatable, Sendable, CustomStringConvertible {
  case nothingToDeliver
  case targetExists(path: String)
  /// Another process packs to the same place at this moment.
  case underWay(path: String)
  /// One sentence for each file that is not what was approved.
  case invalid([String])
  /// One sentence for each cell that is not any more as it was when the delivery began.
  case drifted([String])
  case diskFull(folder: String)
  case notWritable(cause: String)
  case joinFailed(cell: String, cause: String)
  case tool(MediaToolError)
  case cancelled
  case other(cause: String)

  public var description: String {
    switch self {
    case .nothingToDeliver: "nothing to deliver: the run has no approved cell"
    case .targetExists(let path): "\(path) is already there: deliver to another folder, or move it away first"
    case .underWay(let path): "another delivery to \(path) is under way: wait for it to end"
    case .invalid(let problems):
      Self.listed(problems.count == 1 ? "1 file is" : "\(problems.count) files are", "not what was approved", problems)
    case .drifted(let changes):
      Self.listed(
        changes.count == 1 ? "1 cell has" : "\(changes.count) cells have", "changed since the delivery began", changes)
    case .diskFull(let folder): "the disk of \(folder) is full: free some space and deliver again"
    case .notWritable(let cause): cause
    case .joinFailed(let cell, let cause): "the segments of \(cell) could not be joined: \(cause)"
    case .tool(let error): error.description
    case .cancelled: "the delivery was cancelled; nothing of it is left"
    case .other(let cause): cause
    }
  }

  private static func listed(_ count: String, _ what: String, _ entries: [String]) -> String {
    let more = entries.count > 20 ? ["and \(entries.count - 20) more"] : []
    return (["\(count) \(what):"] + entries.prefix(20) + more).joined(separator: "\n  ")
  }
}
