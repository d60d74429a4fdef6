import Diagnostics
import Foundation
import Model

@testable import Session

/// A folder with two pictures and two generators, and a production file that is right; gone when the test is over.
final class ProductionFileFolder {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "callsheet-production-\(UUID().uuidString)")
    // The same path however the system spells its temporary folder.
    path = folder.standardizedFileURL.path
    for name in ["sources", "generators"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    for name in ["sources/aria.png", "sources/bo.png", "generators/plain.txt"] { try write("picture", to: name) }
    for name in ["generators/portrait.sh", "generators/clip.sh"] {
      try write("#!/bin/sh\n", to: name)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + "/" + name)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func parse(_ text: String) -> (production: ProductionFile?, diagnostics: [Diagnostic]) {
    ProductionFileParser.parse(SourceText(name: "production.yaml", text: text), folder: path)
  }

  /// What is said about a text, one line each: `9:3 unknown_key message (advice)`; the folder's path reads `FOLDER`.
  func findings(_ text: String) -> [String] { parse(text).diagnostics.map(line) }

  func line(_ diagnostic: Diagnostic) -> String {
    let place = diagnostic.position.map { "\($0.line):\($0.column) " } ?? ""
    let hint = diagnostic.hints.first.map { " (\($0))" } ?? ""
    return "\(place)\(diagnostic.code) \(diagnostic.message)\(hint)".replacing(path, with: "FOLDER")
  }

  static let good = """
    project: neon-city
    description: A chase in five looks
    users: [{name: mira, role: producer}, {name: ono, role: reviewer}]
    generators:
      portrait:
        kind: variant
        command: [generators/portrait.sh, "{source}", "{output}"]
        time_limit: 1m
        environment: {STYLE: neon}
      clip: {kind: segment, command: [./generators/clip.sh, "{input}", "{output}"], time_limit: 2m30s, attempts: 3}
    source_rules: {min_width: 256, min_height: 300}
    characters:
      - {name: Aria Vale, source: sources/aria.png}
      - name: Bo Okafor
        source: sources/bo.png
    scene_types:
      - name: alley_chase
        segments: 3
        seconds: 1.5
        resolution: 320x180
        fps: 12
        generator: clip
        prompt: "rain, neon"
        estimate: {gpu: 2s, disk: 1MB}
    variant_types:
      - {name: coat, generator: portrait, resolution: 512x640, estimate: {gpu: 500ms, disk: 64KiB}}
      - {name: suit, generator: portrait, resolution: 512x640}
    budgets: {gpu_hours: 2, disk_gb: 0.5}
    """
}
