/// What a generator makes: the picture of a variant, or one segment of a take.
public enum GeneratorKind: String, CaseIterable, Codable, Sendable {
  case variant, segment
}

/// An external command that makes a picture or a segment, as the production file declares it.
///
/// **How it is started.** The template's elements become the argument vector one for one, with `{placeholders}`
/// replaced inside them; no shell looks at the result, so a name with spaces or quotes stays one argument. `{{` and `}}`
/// are literal braces. A first element that holds a `/` is taken from the production file's folder unless it is absolute;
/// one without is looked up in `PATH`. The process leads its own process group, its standard input is empty, its working
/// directory is the production file's folder.
///
/// **What it is told.** Every placeholder of its kind, and the same values as environment variables named
/// `CALLSHEET_` and the placeholder in capitals (`CALLSHEET_SCENE_TYPE`). Beside them only `PATH`, `HOME`, `LANG` and what
/// `environment` adds. The placeholders are listed at `GeneratorPlaceholder`.
///
/// **What it does.** It writes one file to `{output}`, a path of this attempt alone, and exits with status 0. A variant is
/// a picture (PNG), a segment a video whose size and frame rate are as ordered and whose codec parameters are the same
/// for every segment of a take, because segments are joined without encoding them again. Equal inputs and an equal
/// `{seed}` should give an equal picture.
///
/// **What it says.** A line `progress 0.42` on standard output reports the share that is done, from 0 to 1; all other
/// lines there are ignored. Standard error is kept as the attempt's log: the first 4 KiB and the last 64 KiB.
///
/// **How it ends.** By itself; or, at the time limit or when its job is cancelled, by SIGTERM to the whole process group
/// and SIGKILL five seconds later. Whatever is left of the group when the command itself has ended is killed. When the
/// worker dies without a chance to clean up, a guard process sends the same two signals. A generator that moves children
/// into a session of their own must end them itself.
public struct GeneratorCommand: Equatable, Codable, Sendable {
  public var template: [String]
  /// Variables beside the contract's own, which win over these.
  public var environment: [String: String]
  /// In seconds, so that it is stored as one number.
  public var timeLimitSeconds: Double

  public var timeLimit: Duration { .seconds(timeLimitSeconds) }

  public init(template: [String], environment: [String: String] = [:], timeLimit: Duration) {
    self.template = template
    self.environment = environment
    self.timeLimitSeconds = timeLimit / .seconds(1)
  }
}

/// A value a generator is told. The raw value is what stands between the braces.
public enum GeneratorPlaceholder: String, CaseIterable, Sendable {
  /// The character's source image.
  case source
  /// The picture a segment starts from: the approved variant for segment 1, else the last frame of the segment before.
  case input
  /// The approved variant image.
  case variant
  /// Where to write the result; the folder exists, the file does not.
  case output
  case character
  case sceneType = "scene_type"
  case variantType = "variant_type"
  /// The number of this segment, from 1, and of how many.
  case segment, segments
  /// How long the segment lasts; a whole number has no decimal point.
  case seconds
  case width, height, fps
  /// Which try at the scene this is, from 1; for a variant, how often it was ordered.
  case take
  /// Which try at this job this is, from 1.
  case attempt
  /// From 0 to 2147483647; equal for every attempt of one segment of one take.
  case seed
  case prompt
  /// The production file's folder.
  case projectDirectory = "project_dir"

  /// The environment variable that carries the same value.
  public var variable: String { "CALLSHEET_" + rawValue.uppercased() }

  /// Whether a generator of this kind is told the value.
  public func isKnown(to kind: GeneratorKind) -> Bool {
    switch self {
    case .input, .variant, .sceneType, .segment, .segments, .seconds, .fps: kind == .segment
    case .source, .output, .character, .variantType, .width, .height, .take, .attempt, .seed, .prompt,
      .projectDirectory:
      true
    }
  }
}

/// The values of one attempt, by placeholder.
public struct GeneratorValues: Equatable, Sendable {
  private var texts: [GeneratorPlaceholder: String] = [:]

  public init() {}

  public subscript(placeholder: GeneratorPlaceholder) -> String? {
    get { texts[placeholder] }
    set { texts[placeholder] = newValue }
  }

  /// The values of a variant's attempt. Paths are absolute.
  public static func variant(
    source: String, output: String, character: String, variantType: String, width: Int, height: Int, take: Int,
    attempt: Int, seed: Int32, prompt: String, projectDirectory: String
  ) -> GeneratorValues {
    var values = GeneratorValues()
    values.texts = [
      .source: source, .output: output, .character: character, .variantType: variantType,
      .width: String(width), .height: String(height), .take: String(take), .attempt: String(attempt),
      .seed: String(seed), .prompt: prompt, .projectDirectory: projectDirectory,
    ]
    return values
  }

  /// What a segment adds to the values of the variant it shows.
  public struct Segment: Equatable, Sendable {
    public var sceneType: String
    public var input: String
    public var variant: String
    public var number: Int
    public var of: Int
    public var seconds: Double
    public var fps: Int

    public init(
      sceneType: String, input: String, variant: String, number: Int, of: Int, seconds: Double, fps: Int
    ) {
      self.sceneType = sceneType
      self.input = input
      self.variant = variant
      self.number = number
      self.of = of
      self.seconds = seconds
      self.fps = fps
    }
  }

  /// The values of a segment's attempt.
  public func with(_ segment: Segment) -> GeneratorValues {
    var values = self
    values.texts[.sceneType] = segment.sceneType
    values.texts[.input] = segment.input
    values.texts[.variant] = segment.variant
    values.texts[.segment] = String(segment.number)
    values.texts[.segments] = String(segment.of)
    values.texts[.seconds] = plainDecimal(segment.seconds)
    values.texts[.fps] = String(segment.fps)
    return values
  }

  /// The contract's environment variables.
  public var environment: [String: String] {
    Dictionary(uniqueKeysWithValues: texts.map { ($0.key.variable, $0.value) })
  }
}

/// `2` for 2.0 and `2.5` for 2.5: command lines and messages show no needless decimals.
func plainDecimal(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
}

extension GeneratorValues {
  /// The seed of one picture or segment: a hash (FNV-1a) of what it is, so that a retry repeats it, while another take
  /// differs. Pass segment 0 for a variant.
  public static func seed(
    project: String, character: String, sceneType: String, variantType: String, take: Int, segment: Int
  ) -> Int32 {
    var hash: UInt32 = 2_166_136_261
    for byte in [project, character, sceneType, variantType, "\(take)", "\(segment)"].joined(separator: "\u{1F}").utf8 {
      hash = (hash ^ UInt32(byte)) &* 16_777_619
    }
    return Int32(hash & 0x7FFF_FFFF)
  }
}
