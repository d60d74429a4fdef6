import Foundation
import Testing

/// A production file with pictures and generators that take next to no time: what they write was made beforehand.
package struct Production {
  package var project: String
  /// Name and picture, a path from the production's folder.
  package var characters: [(String, String)]
  package var sceneTypes: [String]
  package var segments: Int
  package var timeLimit: String
  package var attempts: Int
  /// What the generators do: lines of bash. `$OUTPUT` is where to write, `$HOME_OF_TEST` the test's folder.
  package var look: String
  package var clip: String
  package var gpuHours: Double?

  package init(
    project: String = "film", characters: [(String, String)] = [("Aria", "aria.png")], sceneTypes: [String] = ["chase"],
    segments: Int = 2, timeLimit: String = "30s", attempts: Int = 2, look: String? = nil, clip: String? = nil,
    gpuHours: Double? = nil
  ) {
    self.project = project
    self.characters = characters
    self.sceneTypes = sceneTypes
    self.segments = segments
    self.timeLimit = timeLimit
    self.attempts = attempts
    self.look = look ?? #"cp "$PICTURES/look.png" "$OUTPUT""#
    self.clip = clip ?? #"cp "$PICTURES/clip.mp4" "$OUTPUT""#
    self.gpuHours = gpuHours
  }

  /// Writes it into a folder of the home and returns the file's path.
  package func write(to home: TestHome, folder: String = "film") async throws -> String {
    let pictures = try await Pictures.shared.value
    for (_, picture) in characters where !home.exists("\(folder)/\(picture)") {
      try home.write("\(folder)/\(picture)", bytes: pictures.source)
    }
    try home.write("pictures/look.png", bytes: pictures.look)
    try home.write("pictures/clip.mp4", bytes: pictures.clip)
    for (name, lines) in [("look", look), ("clip", clip)] {
      let head = "#!/bin/bash\nset -e\nOUTPUT=$1 PICTURES=\(home("pictures")) HOME_OF_TEST=\(home.path)\n"
      try home.write("\(folder)/\(name).sh", head + lines + "\n", executable: true)
    }
    return try home.write("\(folder)/production.yaml", text)
  }

  private var text: String {
    let people = characters.map { "  - {name: \($0.0), source: \($0.1)}" }.joined(separator: "\n")
    let scenes = sceneTypes.map {
      """
        - {name: \($0), segments: \(segments), seconds: 0.5, resolution: 160x90, fps: 12, generator: clip, \
      estimate: {gpu: 36s, disk: 10KB}}
      """
    }.joined(separator: "\n")
    return """
      project: \(project)
      users: [{name: mira, role: producer}]
      generators:
        look: {kind: variant, command: [./look.sh, "{output}"], time_limit: \(timeLimit), attempts: \(attempts)}
        clip: {kind: segment, command: [./clip.sh, "{output}"], time_limit: \(timeLimit), attempts: \(attempts)}
      source_rules: {min_width: 128, min_height: 128}
      characters:
      \(people)
      scene_types:
      \(scenes)
      variant_types:
        - {name: coat, generator: look, resolution: 128x128, estimate: {gpu: 1s, disk: 10KB}}

      """ + (gpuHours.map { "budgets: {gpu_hours: \($0)}\n" } ?? "")
  }
}

/// Real media, made once for all tests.
package struct Pictures: Sendable {
  package var source: [UInt8]
  package var look: [UInt8]
  package var clip: [UInt8]

  private struct CouldNotMake: Error {
    var message: String
  }

  package static let shared = Task {
    let folder = try EndOfRun.newFolder()
    func make(_ arguments: [String], _ name: String) async throws -> [UInt8] {
      let common = ["-v", "error", "-nostdin", "-f", "lavfi"]
      let invocation = try Invocation(
        "/usr/bin/env", ["ffmpeg"] + common + arguments + ["-bitexact", "\(folder)/\(name)"],
        environment: ProcessInfo.processInfo.environment, folder: folder, files: "\(folder)/\(name)")
      let ending = await invocation.ended()
      guard ending.status == 0 else { throw CouldNotMake(message: ending.errors) }
      return Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }
    return Pictures(
      source: try await make(["-i", "testsrc2=s=200x200", "-frames:v", "1"], "source.png"),
      look: try await make(["-i", "testsrc2=s=128x128", "-frames:v", "1"], "look.png"),
      clip: try await make(
        [
          "-i", "testsrc2=s=160x90:r=12:d=0.5", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf",
          "0",
        ], "clip.mp4"))
  }
}

extension TestHome {
  /// The production applied, its run `spring` made and submitted, and every look generated.
  package func openProduction(_ production: Production = Production()) async throws {
    let file = try await production.write(to: self)
    try await say("apply \"\(file)\"", "create run spring", "cells where true | submit")
    try await drain()
  }

  /// Everything as far that it can be delivered.
  package func approveAll() async throws {
    try await say("variants where status=review | approve")
    try await drain()
    try await say("cells where status=qa_review | approve")
    #expect(try await count("cells where status != approved") == 0)
  }
}
