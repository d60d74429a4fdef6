import Foundation
import Testing

@testable import Orchestrator

/// The generators of examples/neon-city, called as its production file orders them.
private struct NeonCity {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("examples/neon-city").path
  static let portrait = GeneratorCommand(
    template: [
      "generators/portrait.sh", "{source}", "{output}", "{variant_type}", "{width}", "{height}", "{seed}",
    ], timeLimit: .seconds(60))
  static let clip = GeneratorCommand(
    template: ["generators/clip.sh", "{input}", "{output}"], timeLimit: .seconds(120))

  let work: TestFolder

  func values(_ character: String, source: String, look: String, take: Int, output: String) -> GeneratorValues {
    GeneratorValues.variant(
      source: "\(Self.folder)/sources/\(source)", output: work(output), character: character, variantType: look,
      width: 512, height: 512, take: take, attempt: 1,
      seed: GeneratorValues.seed(
        project: "neon-city", character: character, sceneType: "", variantType: look, take: take, segment: 0),
      prompt: "", projectDirectory: Self.folder)
  }

  /// Makes a variant and a chain of segments from it; returns the segments' paths, or the first failure.
  func take(
    _ take: Int, of character: String, source: String, look: String, sceneType: String, segments: Int
  ) async throws -> (files: [String], failure: String?) {
    var values = values(character, source: source, look: look, take: take, output: "variant.png")
    let made = await Self.portrait.run(values, for: .variant)
    if let failure = made.failure { return ([], failure) }
    var input = work("variant.png")
    var files: [String] = []
    for number in 1...segments {
      values[.output] = work("\(sceneType)-\(number).mp4")
      let segment = GeneratorValues.Segment(
        sceneType: sceneType, input: input, variant: work("variant.png"), number: number, of: segments, seconds: 1,
        fps: 12)
      values[.width] = "320"
      values[.height] = "180"
      let outcome = await Self.clip.run(values.with(segment), for: .segment)
      if let failure = outcome.failure { return (files, failure) }
      files.append(work("\(sceneType)-\(number).mp4"))
      input = work("\(sceneType)-\(number).png")
      try await LastFrame.extract(from: files[number - 1], to: input)
    }
    return (files, nil)
  }
}

@Suite struct `The example neon-city` {
  @Test(arguments: ["aria.jpg", "bo.jpg", "replacements/cleo.png", "dex.jpg", "ema.png", "finn.jpg"])
  func `every good source passes`(source: String) async throws {
    let report = try await PictureCheck().run("\(NeonCity.folder)/sources/\(source)")
    #expect(report.passed, "\(report.reasons)")
  }

  @Test(arguments: ["aria.jpg", "replacements/cleo.png"])
  func `a source becomes two looks that differ`(source: String) async throws {
    let city = NeonCity(work: try TestFolder())
    var sums: Set<String> = []
    for look in ["coat", "suit"] {
      let values = city.values("Someone", source: source, look: look, take: 1, output: "\(look).png")
      let outcome = await NeonCity.portrait.run(values, for: .variant)
      #expect(outcome.failure == nil)
      let check = try await PictureCheck(rules: .exactly(width: 512, height: 512)).run(city.work("\(look).png"))
      #expect(check.passed, "\(check.reasons)")
      sums.insert(try await Checksum.sha256(of: city.work("\(look).png")))
    }
    #expect(sums.count == 2)
  }

  @Test func `the broken source is too small`() async throws {
    let report = try await PictureCheck().run("\(NeonCity.folder)/sources/cleo.png")
    #expect(report.reason == "61 x 61, at least 512 x 512 is needed")
  }

  @Test(arguments: [
    ("alley_chase", 3, 1, "coat"), ("neon_portrait", 2, 1, "suit"), ("rooftop_walk", 3, 2, "suit"),
    ("rain_dance", 2, 1, "coat"),
  ])
  func `every scene type gives a take that passes`(
    sceneType: String, segments: Int, take: Int, look: String
  ) async throws {
    let city = NeonCity(work: try TestFolder())
    let (files, failure) = try await city.take(
      take, of: "Dex Ito", source: "dex.jpg", look: look, sceneType: sceneType, segments: segments)
    #expect(failure == nil)
    let order = SceneOrder(segments: segments, seconds: 1, width: 320, height: 180, fps: 12)
    let report = try await SceneCheck(order: order).run(files)
    #expect(report.passed, "\(report.reasons)")
  }

  @Test func `one shot fails at its first take, whatever the attempt, with a reason`() async throws {
    let city = NeonCity(work: try TestFolder())
    for _ in 1...2 {
      let (files, failure) = try await city.take(
        1, of: "Dex Ito", source: "dex.jpg", look: "suit", sceneType: "rooftop_walk", segments: 3)
      #expect(files.count == 1)
      #expect(
        failure
          == "the generator exited with status 1: the camera path leaves the roof after 6 frames: order another take")
    }
  }
}
