/// What a scene type orders of every take.
public struct SceneOrder: Equatable, Codable, Sendable {
  public var segments: Int
  /// Of each segment.
  public var seconds: Double
  public var width: Int
  public var height: Int
  public var fps: Int

  public init(segments: Int, seconds: Double, width: Int, height: Int, fps: Int) {
    self.segments = segments
    self.seconds = seconds
    self.width = width
    self.height = height
    self.fps = fps
  }

  var framesPerSegment: Int { Int((seconds * Double(fps)).rounded()) }
}

/// How far a take may be from its order.
public struct SceneRules: Equatable, Codable, Sendable {
  /// Of a segment's frames and duration; one frame is always allowed.
  public var tolerance: Double
  /// The share of a segment's frames that may be black.
  public var maxBlackShare: Double
  /// The share of a segment's time that may stand still.
  public var maxFrozenShare: Double

  public init(tolerance: Double = 0.02, maxBlackShare: Double = 0.5, maxFrozenShare: Double = 0.5) {
    self.tolerance = tolerance
    self.maxBlackShare = maxBlackShare
    self.maxFrozenShare = maxFrozenShare
  }
}

/// The outcome of checking a take, as it is kept.
public struct SceneReport: Equatable, Codable, Sendable {
  public var passed: Bool
  /// What is wrong, each with its segment: `segment 2 is black`. Empty when it passed.
  public var reasons: [String]
  public var segments: [SegmentMeasurements]

  public var frames: Int { segments.reduce(0) { $0 + $1.frames } }
  public var seconds: Double { segments.reduce(0) { $0 + $1.seconds } }
  /// All reasons as one sentence; empty when it passed.
  public var reason: String { reasons.joined(separator: "; ") }
}

/// What was measured of one segment's file.
public struct SegmentMeasurements: Equatable, Codable, Sendable {
  /// From 1.
  public var number: Int
  public var bytes: Int64
  public var codec: String
  public var width: Int
  public var height: Int
  public var fps: Double
  public var frames: Int
  public var seconds: Double
  /// Shares from 0 to 1.
  public var blackShare: Double
  public var frozenShare: Double
  public var joinParameters: [String]
}

extension SceneRules {
  /// What is wrong with one decoded segment.
  func faults(of segment: SegmentMeasurements, ordered order: SceneOrder) -> [String] {
    let name = "segment \(segment.number)"
    var faults: [String] = []
    if segment.width != order.width || segment.height != order.height {
      faults.append("\(name) is \(segment.width) x \(segment.height), but \(order.width) x \(order.height) was ordered")
    }
    if abs(segment.fps - Double(order.fps)) > 0.01 * Double(order.fps) {
      faults.append("\(name) has \(rounded(segment.fps)) frames a second, but \(order.fps) were ordered")
    }
    let frames = order.framesPerSegment
    if abs(segment.frames - frames) > max(1, Int(Double(frames) * tolerance)) {
      faults.append("\(name) has \(segment.frames) frames, but \(frames) were ordered")
    }
    if abs(segment.seconds - order.seconds) > max(1.01 / Double(max(order.fps, 1)), order.seconds * tolerance) {
      faults.append("\(name) lasts \(rounded(segment.seconds)) s, but \(rounded(order.seconds)) s were ordered")
    }
    if segment.blackShare > maxBlackShare {
      faults.append("\(name) is black for \(percent(segment.blackShare)) of its frames")
    } else if segment.frozenShare > maxFrozenShare {
      faults.append("\(name) stands still for \(percent(segment.frozenShare)) of its time")
    }
    if !Self.deliverableCodecs.contains(segment.codec) {
      faults.append("\(name) is encoded as \(segment.codec), which an MP4 file does not hold")
    }
    return faults
  }

  /// What keeps segments from being joined without encoding them again.
  func faults(ofJoining segments: [SegmentMeasurements]) -> [String] {
    guard let first = segments.first else { return [] }
    return segments.dropFirst().compactMap { segment in
      guard segment.joinParameters != first.joinParameters else { return nil }
      let difference = zip(segment.joinParameters, first.joinParameters).first { $0 != $1 }
      let detail = difference.map { ": \($0) against \($1)" } ?? ": it has other streams"
      return "segment \(segment.number) cannot be joined to segment \(first.number) without encoding it again\(detail)"
    }
  }

  private static let deliverableCodecs: Set<String> = ["h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video"]
}

private func rounded(_ number: Double) -> String { plainDecimal((number * 1000).rounded() / 1000) }
private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
