import Diagnostics
import Orchestrator
import Yams

/// The three axes, and who and what they may cost.
extension ProductionReader {
  private static let sides = 16...16_384
  private static let estimateKeys = ["gpu", "disk"]

  mutating func users(_ root: Fields) -> [ProductionFile.User] {
    namedList("users", of: root, what: "user", known: ["role"], required: ["role"]) { reader, fields, name in
      let roles = ProductionFile.Role.allCases.map(\.rawValue)
      return reader.word("role", of: fields, among: roles).flatMap(ProductionFile.Role.init(rawValue:))
        .map { ProductionFile.User(name: name, role: $0) }
    }
  }

  mutating func characters(_ root: Fields) -> [ProductionFile.Character] {
    namedList("characters", of: root, what: "character", known: ["source"], required: ["source"]) {
      reader, fields, name in
      guard let source = reader.reader.text("source", of: fields) else { return nil }
      let path = FileProbe.absolute(source.value, from: reader.folder)
      if let problem = FileProbe.problemReading(path) {
        let message = "the source image of \(fields.owner): \(path) \(problem.message)"
        reader.reader.report.add(problem.code, message, at: source.span, hint: problem.hints.first)
        return nil
      }
      return ProductionFile.Character(name: name, source: source.value, sourcePath: path)
    }
  }

  mutating func sceneTypes(_ root: Fields) -> [ProductionFile.SceneType] {
    let required = ["segments", "seconds", "resolution", "fps", "generator"]
    let known = required + ["prompt", "estimate"]
    return namedList("scene_types", of: root, what: "scene type", known: known, required: required) {
      reader, fields, name in
      let segments = reader.reader.integer("segments", of: fields, in: 1...1_000)
      let seconds = reader.reader.duration("seconds", of: fields, in: 0.1...3_600, words: "100ms to 1h")
      let size = reader.resolution(of: fields)
      let fps = reader.reader.integer("fps", of: fields, in: 1...240)
      let generator = reader.generator(of: fields, kind: .segment)
      let prompt = reader.reader.text("prompt", of: fields)?.value ?? ""
      let estimate = reader.estimate(of: fields)
      guard let segments, let seconds, let size, let fps, let generator else { return nil }
      return ProductionFile.SceneType(
        name: name, segments: segments, seconds: seconds, width: size.width, height: size.height, fps: fps,
        generator: generator, prompt: prompt, estimate: estimate)
    }
  }

  mutating func variantTypes(_ root: Fields) -> [ProductionFile.VariantType] {
    let required = ["generator", "resolution"]
    let known = required + ["prompt", "estimate"]
    return namedList("variant_types", of: root, what: "variant type", known: known, required: required) {
      reader, fields, name in
      let size = reader.resolution(of: fields)
      let generator = reader.generator(of: fields, kind: .variant)
      let prompt = reader.reader.text("prompt", of: fields)?.value ?? ""
      let estimate = reader.estimate(of: fields)
      guard let size, let generator else { return nil }
      return ProductionFile.VariantType(
        name: name, generator: generator, prompt: prompt, width: size.width, height: size.height, estimate: estimate)
    }
  }

  mutating func sourceRules(_ root: Fields) -> PictureRules {
    var rules = PictureRules()
    let known = ["min_width", "min_height", "max_side", "min_aspect", "max_aspect"]
    guard let fields = section("source_rules", of: root, known: known) else { return rules }
    rules.minWidth = reader.integer("min_width", of: fields, in: 1...65_535) ?? rules.minWidth
    rules.minHeight = reader.integer("min_height", of: fields, in: 1...65_535) ?? rules.minHeight
    rules.maxSide = reader.integer("max_side", of: fields, in: 1...65_535) ?? rules.maxSide
    rules.minAspect = reader.number("min_aspect", of: fields, in: 0.01...100) ?? rules.minAspect
    rules.maxAspect = reader.number("max_aspect", of: fields, in: 0.01...100) ?? rules.maxAspect
    if max(rules.minWidth, rules.minHeight) > rules.maxSide {
      let key = fields.has("max_side") ? "max_side" : rules.minWidth > rules.maxSide ? "min_width" : "min_height"
      let sizes = "\(rules.minWidth) x \(rules.minHeight) with no side over \(rules.maxSide)"
      reader.report.add("out_of_range", "no picture is at least \(sizes)", at: span(key, of: fields))
    }
    if rules.minAspect > rules.maxAspect {
      let key = fields.has("min_aspect") ? "min_aspect" : "max_aspect"
      let aspects = "from \(Quantity.plain(rules.minAspect)) to \(Quantity.plain(rules.maxAspect))"
      reader.report.add("out_of_range", "no aspect is \(aspects)", at: span(key, of: fields))
    }
    return rules
  }

  mutating func budgets(_ root: Fields) -> ProductionFile.Budgets {
    guard let fields = section("budgets", of: root, known: ["gpu_hours", "disk_gb"]) else { return .none }
    let most = 1_000_000_000.0
    return ProductionFile.Budgets(
      gpuHours: reader.number("gpu_hours", of: fields, in: 0...most),
      diskGB: reader.number("disk_gb", of: fields, in: 0...most))
  }

  /// A mapping that may be left out and has no required keys.
  private mutating func section(_ key: String, of fields: Fields, known: [String]) -> Fields? {
    guard let node = reader.node(key, of: fields) else { return nil }
    return reader.fields(node, of: "\"\(key)\"", known: known, required: [])
  }

  private mutating func resolution(of fields: Fields) -> (width: Int, height: Int)? {
    let found = reader.value(
      "resolution", of: fields, code: "bad_resolution", expected: "a resolution such as 1280x720",
      parse: Quantity.resolution)
    let words = "\(Self.sides.lowerBound) to \(Self.sides.upperBound) pixels a side"
    return reader.inRange(found, words, "resolution", fields) {
      Self.sides.contains($0.width) && Self.sides.contains($0.height)
    }
  }

  /// The generator's name, when there is one of that name and kind.
  private mutating func generator(of fields: Fields, kind: GeneratorKind) -> String? {
    guard let name = reader.text("generator", of: fields) else { return nil }
    guard let found = generatorKinds[name.value] else {
      let hint = Spelling.suggestion(for: name.value, among: generatorKinds.keys.sorted())
      reader.report.add(
        "unknown_generator", "\(fields.owner) names the generator \"\(name.value)\", which is not declared",
        at: name.span, hint: hint ?? "declare it under generators")
      return nil
    }
    // A generator whose own kind is wrong is no mistake of those who use it.
    if let found, found != kind {
      let fitting = generatorKinds.filter { $0.value == kind }.keys.sorted().map { "\"\($0)\"" }
      let hint = fitting.isEmpty ? nil : "of that kind: \(fitting.joined(separator: ", "))"
      reader.report.add(
        "wrong_generator_kind",
        "\(fields.owner) needs a \(kind.rawValue) generator; \"\(name.value)\" is a \(found.rawValue) generator",
        at: name.span, hint: hint)
      return nil
    }
    return name.value
  }

  private mutating func estimate(of fields: Fields) -> ProductionFile.Estimate {
    guard let node = reader.node("estimate", of: fields) else { return .none }
    let owner = "\"estimate\" of \(fields.owner)"
    guard let estimate = reader.fields(node, of: owner, known: Self.estimateKeys, required: []) else { return .none }
    let gpu = reader.duration("gpu", of: estimate, in: 0...604_800, words: "0s to 7d")
    let disk = reader.value(
      "disk", of: estimate, code: "bad_size", expected: "a size such as 500KB, 1.5GB or 64MiB", parse: Quantity.bytes)
    return ProductionFile.Estimate(gpuSeconds: gpu ?? 0, diskBytes: disk?.value ?? 0)
  }
}
