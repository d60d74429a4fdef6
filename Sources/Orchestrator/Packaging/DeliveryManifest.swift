import Foundation

/// What the joined video of one cell turned out to be.
struct PackedVideo: Equatable, Sendable {
  /// Within the package.
  var path: String
  var probe: VideoProbe
  var segmentProbes: [VideoProbe]
  var bytes: Int64
  var sha256: String
}

/// `manifest.json`: where every video of the package comes from. Keys are sorted; times and the delivery's mark are the only
/// things in it that differ between two deliveries of the same takes.
struct DeliveryManifest: Encodable {
  struct Totals: Encodable {
    var cells: Int
    var delivered: Int
    var skipped: Int
    var seconds: Double
    var bytes: Int64
  }

  struct Video: Encodable {
    var path: String
    var sha256: String
    var bytes: Int64
    var seconds: Double
    var frames: Int
    var width: Int
    var height: Int
    var fps: Double
    var codec: String
  }

  struct Segment: Encodable {
    var number: Int
    var sha256: String
    var generator: String
    /// Left out where it is unknown.
    var attempt: Int?
    var seconds: Double
    var generated_in_seconds: Double
  }

  struct Input: Encodable {
    var role: String
    var name: String
    var sha256: String
    var generator: String?
  }

  struct Cell: Encodable {
    var character: String
    var scene_type: String
    var variant_type: String
    /// `delivered` or `skipped`.
    var status: String
    var reason: String?
    var take: Int?
    var approved_by: String?
    var approved_at: String?
    var video: Video?
    var segments: [Segment]?
    var inputs: [Input]?
  }

  /// Rises when a reader of the older form could misread the newer.
  var format = "callsheet-delivery-1"
  /// Which delivery made the package.
  var delivery: String?
  var project: String
  var run: String
  var delivered_by: String
  var delivered_at: String
  var totals: Totals
  var cells: [Cell]

  init(_ description: DeliveryDescription, videos: [PackedVideo?]) {
    delivery = description.mark
    project = description.project
    run = description.run
    delivered_by = description.deliveredBy
    delivered_at = Self.time(description.deliveredAt)
    cells = zip(description.cells, videos).map(Self.cell)
    let packed = videos.compactMap { $0 }
    totals = Totals(
      cells: description.cells.count, delivered: packed.count, skipped: description.cells.count - packed.count,
      seconds: Self.milliseconds(packed.reduce(0) { $0 + $1.probe.seconds }),
      bytes: packed.reduce(0) { $0 + $1.bytes })
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  private static func cell(_ cell: DeliveryDescription.Cell, _ packed: PackedVideo?) -> Cell {
    var entry = Cell(
      character: cell.character, scene_type: cell.sceneType, variant_type: cell.variantType, status: "skipped")
    switch cell.outcome {
    case .skipped(let reason): entry.reason = reason
    case .approved(let scene):
      entry.status = "delivered"
      entry.take = scene.take
      entry.approved_by = scene.approvedBy
      entry.approved_at = time(scene.approvedAt)
      entry.inputs = scene.inputs.map {
        Input(role: $0.role, name: $0.name, sha256: $0.sha256, generator: $0.generator)
      }
      entry.video = packed.map(video)
      entry.segments = zip(scene.segments, packed?.segmentProbes ?? []).enumerated().map { index, pair in
        Segment(
          number: index + 1, sha256: pair.0.sha256, generator: pair.0.generator, attempt: pair.0.attempt,
          seconds: milliseconds(pair.1.seconds), generated_in_seconds: milliseconds(pair.0.generatedInSeconds))
      }
    }
    return entry
  }

  private static func video(_ packed: PackedVideo) -> Video {
    Video(
      path: packed.path, sha256: packed.sha256, bytes: packed.bytes, seconds: milliseconds(packed.probe.seconds),
      frames: packed.probe.frames, width: packed.probe.width, height: packed.probe.height,
      fps: milliseconds(packed.probe.fps), codec: packed.probe.codec)
  }

  /// To the second, in UTC: `2026-11-22T18:04:05Z`.
  static func time(_ date: Date) -> String { date.formatted(.iso8601) }

  private static func milliseconds(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }
}

/// `index.csv`: one row for each cell, as RFC 4180 has it.
enum DeliveryIndex {
  static func csv(_ manifest: DeliveryManifest) -> String {
    let header = [
      "character", "scene_type", "variant_type", "status", "video", "seconds", "frames", "take", "approved_by",
      "approved_at", "sha256", "reason",
    ]
    let rows = manifest.cells.map { cell in
      [
        cell.character, cell.scene_type, cell.variant_type, cell.status, cell.video?.path ?? "",
        cell.video.map { plainDecimal($0.seconds) } ?? "", cell.video.map { String($0.frames) } ?? "",
        cell.take.map(String.init) ?? "", cell.approved_by ?? "", cell.approved_at ?? "", cell.video?.sha256 ?? "",
        cell.reason ?? "",
      ]
    }
    return ([header] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
