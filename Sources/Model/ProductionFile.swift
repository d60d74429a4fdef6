/// What a production file declares. Times in seconds, sizes in bytes; names are unique within their kind.
public struct ProductionFile: Equatable, Codable, Sendable {
  public struct Member: Equatable, Codable, Sendable {
    public var name: String
    /// producer, reviewer or viewer.
    public var role: String

    public init(name: String, role: String) {
      self.name = name
      self.role = role
    }
  }

  public struct Generator: Equatable, Codable, Sendable {
    public var name: String
    /// variant or segment.
    public var kind: JobKind
    public var command: [String]
    public var environment: [String: String]
    public var timeLimitSeconds: Double
    public var maxAttempts: Int

    public init(
      name: String, kind: JobKind, command: [String], environment: [String: String] = [:], timeLimitSeconds: Double,
      maxAttempts: Int
    ) {
      self.name = name
      self.kind = kind
      self.command = command
      self.environment = environment
      self.timeLimitSeconds = timeLimitSeconds
      self.maxAttempts = maxAttempts
    }
  }

  public struct Character: Equatable, Codable, Sendable {
    public var name: String
    /// As written, and where that is.
    public var source: String
    public var sourcePath: String

    public init(name: String, source: String, sourcePath: String) {
      self.name = name
      self.source = source
      self.sourcePath = sourcePath
    }
  }

  public struct SceneType: Equatable, Codable, Sendable {
    public var name: String
    public var generator: String
    public var segments: Int
    /// Of one segment; so are the estimates.
    public var segmentSeconds: Double
    public var width: Int
    public var height: Int
    public var fps: Double
    public var prompt: String
    public var estimatedGPUSeconds: Double
    public var estimatedDiskBytes: Int64

    public init(
      name: String, generator: String, segments: Int, segmentSeconds: Double, width: Int, height: Int, fps: Double,
      prompt: String, estimatedGPUSeconds: Double, estimatedDiskBytes: Int64
    ) {
      self.name = name
      self.generator = generator
      self.segments = segments
      self.segmentSeconds = segmentSeconds
      self.width = width
      self.height = height
      self.fps = fps
      self.prompt = prompt
      self.estimatedGPUSeconds = estimatedGPUSeconds
      self.estimatedDiskBytes = estimatedDiskBytes
    }
  }

  public struct VariantType: Equatable, Codable, Sendable {
    public var name: String
    public var generator: String
    public var width: Int
    public var height: Int
    public var prompt: String
    public var estimatedGPUSeconds: Double
    public var estimatedDiskBytes: Int64

    public init(
      name: String, generator: String, width: Int, height: Int, prompt: String, estimatedGPUSeconds: Double,
      estimatedDiskBytes: Int64
    ) {
      self.name = name
      self.generator = generator
      self.width = width
      self.height = height
      self.prompt = prompt
      self.estimatedGPUSeconds = estimatedGPUSeconds
      self.estimatedDiskBytes = estimatedDiskBytes
    }
  }

  public var project: String
  public var description: String
  /// The folder the file lies in, absolute, and the file's name in it.
  public var folder: String
  public var name = "production.yaml"
  public var users: [Member]
  public var generators: [Generator]
  /// `min_width`, `min_height`, `max_side`, ... in pixels; `min_aspect`, `max_aspect` as ratios.
  public var sourceRules: [String: Double]
  public var characters: [Character]
  public var sceneTypes: [SceneType]
  public var variantTypes: [VariantType]
  /// nil: no limit.
  public var gpuHours: Double?
  public var diskGB: Double?

  public init(
    project: String, description: String, folder: String, users: [Member], generators: [Generator],
    sourceRules: [String: Double], characters: [Character], sceneTypes: [SceneType], variantTypes: [VariantType],
    gpuHours: Double?, diskGB: Double?
  ) {
    self.project = project
    self.description = description
    self.folder = folder
    self.users = users
    self.generators = generators
    self.sourceRules = sourceRules
    self.characters = characters
    self.sceneTypes = sceneTypes
    self.variantTypes = variantTypes
    self.gpuHours = gpuHours
    self.diskGB = diskGB
  }
}

/// What applying a production file does, or would do.
public struct ProductionChanges: Equatable, Sendable {
  public struct Change: Equatable, Sendable {
    /// The entity's word: `character`, `scene type`, `generator`, ...
    public var entity: String
    public var name: String
    public var isNew: Bool
    /// From what to what; empty for what is new.
    public var fields: [FieldChange]

    public init(entity: String, name: String, isNew: Bool, fields: [FieldChange] = []) {
      self.entity = entity
      self.name = name
      self.isNew = isNew
      self.fields = fields
    }
  }

  public struct FieldChange: Equatable, Sendable {
    public var field: String
    public var from: String
    public var to: String

    public init(field: String, from: String, to: String) {
      self.field = field
      self.from = from
      self.to = to
    }
  }

  public var project: String
  public var changes: [Change]
  /// In the project, but no longer in the file: kept as they are.
  public var kept: [Change]
  public var jobsQueued: Int

  public init(project: String, changes: [Change], kept: [Change], jobsQueued: Int) {
    self.project = project
    self.changes = changes
    self.kept = kept
    self.jobsQueued = jobsQueued
  }
}
