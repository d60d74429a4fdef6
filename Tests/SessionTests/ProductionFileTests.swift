import Diagnostics
import Foundation
import Model
import Testing

@testable import Session

@Suite struct ProductionFileTests {
  private let folder = Result { try ProductionFileFolder() }

  @Test func `a good file is read completely`() throws {
    let folder = try folder.get()
    let (production, diagnostics) = folder.parse(ProductionFileFolder.good)
    #expect(diagnostics.isEmpty)
    let expected = ProductionFile(
      project: "neon-city", description: "A chase in five looks", folder: folder.path,
      users: [.init(name: "mira", role: "producer"), .init(name: "ono", role: "reviewer")],
      generators: [
        .init(
          name: "portrait", kind: .variant, command: ["generators/portrait.sh", "{source}", "{output}"],
          environment: ["STYLE": "neon"], timeLimitSeconds: 60, maxAttempts: 2),
        .init(
          name: "clip", kind: .segment, command: ["./generators/clip.sh", "{input}", "{output}"],
          timeLimitSeconds: 150, maxAttempts: 3),
      ],
      sourceRules: ["min_width": 256, "min_height": 300],
      characters: [
        .init(name: "Aria Vale", source: "sources/aria.png", sourcePath: folder.path + "/sources/aria.png"),
        .init(name: "Bo Okafor", source: "sources/bo.png", sourcePath: folder.path + "/sources/bo.png"),
      ],
      sceneTypes: [
        .init(
          name: "alley_chase", generator: "clip", segments: 3, segmentSeconds: 1.5, width: 320, height: 180, fps: 12,
          prompt: "rain, neon", estimatedGPUSeconds: 2, estimatedDiskBytes: 1_000_000)
      ],
      variantTypes: [
        .init(
          name: "coat", generator: "portrait", width: 512, height: 640, prompt: "", estimatedGPUSeconds: 0.5,
          estimatedDiskBytes: 65_536),
        .init(
          name: "suit", generator: "portrait", width: 512, height: 640, prompt: "", estimatedGPUSeconds: 0,
          estimatedDiskBytes: 0),
      ],
      gpuHours: 2, diskGB: 0.5)
    #expect(production == expected)
  }

  @Test(arguments: ProductionFileMistake.all)
  func `a mistake is told at its place`(mistake: ProductionFileMistake) throws {
    let folder = try folder.get()
    let text = ProductionFileFolder.good.replacing(mistake.instead, with: mistake.written)
    try #require(text != ProductionFileFolder.good)
    #expect(folder.findings(text) == mistake.findings)
    #expect(folder.parse(text).production == nil)
  }

  @Test func `every mistake is told, in the order of the text`() throws {
    let text = """
      projct: neon
      generators: {clip: {kind: video, command: [gone.sh/x], time_limit: soon}}
      characters: [{name: Aria, source: sources/aria.png}, {name: Aria, source: sources}]
      scene_types: []
      variant_types: [{name: coat, generator: clap, resolution: 512}]
      """
    let findings = try folder.get().findings(text)
    #expect(
      findings == [
        #"1:1 unknown_key the production file has no key "projct" (did you mean project?)"#,
        #"1:1 missing_key the production file has no "project" (add the key project)"#,
        #"2:27 unknown_word "kind" of generator "clip" is variant or segment, not "video""#,
        #"2:44 missing_file the command of generator "clip": FOLDER/gone.sh/x does not exist"#,
        #"2:68 bad_duration "time_limit" of generator "clip": "soon" is not a duration such as 90s, 2m or 1h30m"#,
        #"3:61 duplicate_name character "Aria" stands already in line 3"#,
        #"3:75 not_a_file the source image of character "Aria": FOLDER/sources is a folder, not a file"#,
        #"4:14 missing_key "scene_types" is empty; at least one scene type is needed"#,
        #"5:41 unknown_generator variant type "coat" names the generator "clap", which is not declared (did you mean clip?)"#,
        #"5:59 bad_resolution "resolution" of variant type "coat": "512" is not a resolution such as 1280x720"#,
      ])
  }

  @Test func `of a thousand mistakes a hundred are told`() throws {
    let characters = (1...1_000).map { "  - {name: C\($0), source: gone.png}" }.joined(separator: "\n")
    let good = ProductionFileFolder.good
    let text = good.replacing("characters:\n", with: "characters:\n\(characters)\n")
    let findings = try folder.get().findings(text)
    #expect(findings.count == FindingReport.most + 1)
    #expect(findings.last == "too_many_mistakes 900 more mistakes in production.yaml")
  }

  @Test func `columns count characters, also behind letters outside ASCII`() throws {
    let text = ProductionFileFolder.good.replacing("{name: Aria Vale, source", with: "{name: Zoë 🎬 e\u{301}, sauce")
    let findings = try folder.get().findings(text)
    #expect(
      findings == [
        #"13:5 missing_key character "Zoë 🎬 é" has no "source" (add the key source)"#.replacing("é", with: "e\u{301}"),
        #"13:21 unknown_key character "Zoë 🎬 é" has no key "sauce" (did you mean source?)"#
          .replacing("é", with: "e\u{301}"),
      ])
  }

  @Test func `a file is loaded from where it lies`() throws {
    let folder = try folder.get()
    try folder.write(ProductionFileFolder.good, to: "production.yaml")
    let (production, diagnostics) = ProductionFileParser.load(folder.path + "/generators/../production.yaml")
    #expect(diagnostics.isEmpty)
    #expect(production?.folder == folder.path)
    #expect(production?.characters.first?.sourcePath == folder.path + "/sources/aria.png")
  }

  @Test func `a path without a production file is told`() throws {
    let folder = try folder.get()
    func findings(_ name: String) -> [String] {
      ProductionFileParser.load(folder.path + "/" + name).diagnostics.map(folder.line)
    }
    try folder.write("", to: "production.yaml")
    try folder.write(String(repeating: "#", count: ProductionFileParser.largestBytes + 1), to: "large.yaml")
    #expect(
      findings("producton.yaml") == [
        "missing_file the production file FOLDER/producton.yaml does not exist (did you mean production.yaml?)"
      ])
    #expect(findings("sources") == ["not_a_file the production file FOLDER/sources is a folder, not a file"])
    #expect(
      findings("large.yaml") == [
        "too_large the production file FOLDER/large.yaml is larger than 4 MiB, which no production file is"
      ])
    #expect(
      findings("production.yaml") == [
        "1:1 empty_file the production file declares nothing (begin with  project: NAME)"
      ])
  }
}
