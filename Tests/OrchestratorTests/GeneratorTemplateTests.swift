import Testing

@testable import Orchestrator

@Suite struct `Generator templates` {
  private let values = GeneratorValues.variant(
    source: "/in/aria one.png", output: "/out/a.png", character: "Aria \"A\" Vale", variantType: "coat", width: 512,
    height: 768, take: 1, attempt: 2, seed: 7, prompt: "a {coat}; rm -rf /", projectDirectory: "/project"
  ).with(
    .init(sceneType: "alley", input: "/in/last.png", variant: "/v.png", number: 2, of: 3, seconds: 1.5, fps: 24))

  @Test func `an element stays one argument whatever its values hold`() throws {
    let command = GeneratorCommand(
      template: ["make", "{source}", "--size={width}x{height}", "{prompt}", "{character}", "{seconds}", "{output}"],
      timeLimit: .seconds(1))
    #expect(
      try command.arguments(values, for: .segment) == [
        "make", "/in/aria one.png", "--size=512x768", "a {coat}; rm -rf /", "Aria \"A\" Vale", "1.5", "/out/a.png",
      ])
  }

  @Test func `doubled braces are literal`() throws {
    let command = GeneratorCommand(template: ["make", "{{\"n\": {attempt}}}"], timeLimit: .seconds(1))
    #expect(try command.arguments(values, for: .variant) == ["make", "{\"n\": 2}"])
  }

  @Test(arguments: [
    ("{sorce}", GeneratorKind.variant, "no placeholder {sorce}: did you mean {source}?", 0),
    ("--s={scenetype}", .segment, "no placeholder {scenetype}: did you mean {scene_type}?", 4),
    ("{banana}", .segment, "no placeholder {banana}", 0),
    ("{fps}", .variant, "a variant generator has no {fps}", 0),
    ("ab{", .segment, "a single {; a literal one is written {{", 2),
    ("a}b", .segment, "a single }; a literal one is written }}", 1),
    ("{}", .segment, "no placeholder {}", 0),
  ])
  func `a mistake is told with its place`(element: String, kind: GeneratorKind, message: String, offset: Int) throws {
    let command = GeneratorCommand(template: ["make", "{output}", element], timeLimit: .seconds(1))
    let mistakes = command.mistakes(for: kind)
    #expect(mistakes.map(\.description) == [message])
    #expect(mistakes.first?.element == 2)
    #expect(mistakes.first?.offset == offset)
  }

  @Test func `every placeholder of a kind can be used, and no other`() {
    for kind in GeneratorKind.allCases {
      for placeholder in GeneratorPlaceholder.allCases {
        let command = GeneratorCommand(
          template: ["m", "{output}", "{\(placeholder.rawValue)}"], timeLimit: .seconds(1))
        #expect(command.mistakes(for: kind).isEmpty == placeholder.isKnown(to: kind))
      }
    }
  }

  @Test func `an empty command and one that has nowhere to write are mistakes`() {
    let empty = GeneratorCommand(template: [], timeLimit: .seconds(1))
    #expect(empty.mistakes(for: .variant).map(\.message) == ["the command is empty"])
    let mute = GeneratorCommand(template: ["cp", "{source}"], timeLimit: .seconds(1))
    #expect(
      mute.mistakes(for: .variant).map(\.message) == ["the command never mentions {output}, the path to write"])
    #expect(GeneratorCommand(template: ["./make"], timeLimit: .seconds(1)).mistakes(for: .variant).isEmpty)
  }

  @Test func `a placeholder without a value is an error, not an empty argument`() {
    let command = GeneratorCommand(template: ["make", "{input}"], timeLimit: .seconds(1))
    #expect(throws: TemplateError.self) { try command.arguments(GeneratorValues(), for: .segment) }
  }

  @Test func `the environment carries the same values`() {
    #expect(values.environment["CALLSHEET_SCENE_TYPE"] == "alley")
    #expect(values.environment["CALLSHEET_SEGMENT"] == "2")
    #expect(values.environment["CALLSHEET_PROJECT_DIR"] == "/project")
    #expect(values.environment.count == GeneratorPlaceholder.allCases.count)
  }

  @Test func `a seed is the same for a retry and another for another take`() {
    func seed(take: Int, segment: Int) -> Int32 {
      GeneratorValues.seed(
        project: "p", character: "c", sceneType: "s", variantType: "v", take: take, segment: segment)
    }
    #expect(seed(take: 1, segment: 1) == seed(take: 1, segment: 1))
    #expect(Set([seed(take: 1, segment: 1), seed(take: 2, segment: 1), seed(take: 1, segment: 2)]).count == 3)
    #expect(seed(take: 1, segment: 1) >= 0)
  }

  @Test func `the program is found in the production's folder or in PATH`() {
    #expect(GeneratorCommand.program("generators/a.sh", folder: "/p") == "/p/generators/a.sh")
    #expect(GeneratorCommand.program("/opt/a", folder: "/p") == "/opt/a")
    #expect(GeneratorCommand.program("ffmpeg", folder: "/p") == "ffmpeg")
  }
}

@Suite struct `Generator streams` {
  @Test func `a log keeps the beginning and the end and says how much is missing`() {
    var log = BoundedLog()
    log.append(Array("the first line\n".utf8))
    for _ in 0..<1000 { log.append([UInt8](repeating: UInt8(ascii: "x"), count: 1000)) }
    log.append(Array("\nthe last line".utf8))
    let text = log.text
    #expect(text.hasPrefix("the first line\n"))
    #expect(text.hasSuffix("\nthe last line"))
    #expect(text.utf8.count < BoundedLog.headLimit + BoundedLog.tailLimit + 100)
    let missing = 15 + 1_000_000 + 14 - BoundedLog.headLimit - BoundedLog.tailLimit
    #expect(text.contains("[... \(missing) bytes left out ...]"))
  }

  @Test func `a short log is whole, and any bytes become text a database takes`() {
    var log = BoundedLog()
    log.append([0x61, 0, 0xFF, 0x62])
    #expect(log.text == "a\u{2400}\u{FFFD}b")
  }

  @Test func `progress is found in any pieces and only when it rises`() {
    var lines = ProgressLines()
    var found: [Double] = []
    for piece in [
      "prog", "ress 0.1\nnoise\nprogress 0.105\r\nprogress 0.05\nprogress nan\nprogress x\nprogress 0.5",
      "5\n", String(repeating: "y", count: 5000) + " progress 0.9\n", "progress 7\nprogress 1",
    ] {
      found += lines.append(Array(piece.utf8))
    }
    #expect(found == [0.1, 0.55, 1])
    #expect(lines.finish() == nil)
  }
}
