import Diagnostics
import Model
import Orchestrator
import Yams

/// The three axes, and who and what they may cost.
extension ProductionReader {
  private static let sides = 16...16_384

  mutating func users(_ root: Fields) -> [ProductionFile.Member] {
    let roles = ["producer", "reviewer", "viewer"]
    return namedList("users", of: root, what: "user", known: ["role"], required: ["role"]) { reader, fields, name in
      reader.word("role", of: fields, among: roles).map { ProductionFile.Member(name: name, role: $0) }
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
        name: name, generator: generator, segments: segments, segmentSeconds: seconds, width: size.width,
        height: size.height, fps: Double(fps), prompt: prompt, estimatedGPUSeconds: estimate.gpuSeconds,
        estimatedDiskBytes: estimate.diskBytes)
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
        name: name, generator: generator, width: size.width, height: size.height, prompt: prompt,
        estimatedGPUSeconds: estimate.gpuSeconds, estimatedDiskBytes: estimate.diskBytes)
    }
  }

  /// The rules that the file sets; `PictureRules` has what holds for the others.
  mutating func sourceRules(_ root: Fields) -> [String: Double] {
    let sizes = ["min_width", "min_height", "max_side"]
    let aspects = ["min_aspect", "max_aspect"]
    guard let fields = section("source_rules", of: root, known: sizes + aspects) else { return [:] }
    var rules: [String: Double] = [:]
    for key in sizes { rules[key] = reader.integer(key, of: fields, in: 1...65_535).map(Double.init) }
    for key in aspects { rules[key] = reader.number(key, of: fields, in: 0.01...100) }
    checkSatisfiable(rules, fields)
    return rules
  }

  /// Rules that no picture can meet would fail every source image.
  private mutating func checkSatisfiable(_ rules: [String: Double], _ fields: Fields) {
    let defaults = PictureRules()
    let width = rules["min_width"] ?? Double(defaults.minWidth)
    let height = rules["min_height"] ?? Double(defaults.minHeight)
    let side = rules["max_side"] ?? Double(defaults.maxSide)
    if max(width, height) > side {
      let key = fields.has("max_side") ? "max_side" : width > side ? "min_width" : "min_height"
      let size = "\(Quantity.plain(width)) x \(Quantity.plain(height))"
      let message = "no picture is at least \(size) with no side over \(Quantity.plain(side))"
      reader.report.add("out_of_range", message, at: span(key, of: fields))
    }
    let narrow = rules["min_aspect"] ?? defaults.minAspect
    let wide = rules["max_aspect"] ?? defaults.maxAspect
    if narrow > wide {
      let key = fields.has("min_aspect") ? "min_aspect" : "max_aspect"
      let message = "no aspect is from \(Quantity.plain(narrow)) to \(Quantity.plain(wide))"
      reader.report.add("out_of_range", message, at: span(key, of: fields))
    }
  }

  mutating func budgets(_ root: Fields) -> (gpuHours: Double?, diskGB: Double?) {
    guard let fields = section("budgets", of: root, known: ["gpu_hours", "disk_gb"]) else { return (nil, nil) }
    let most = 1_000_000_000.0
    return (
      reader.number("gpu_hours", of: fields, in: 0...most), reader.number("disk_gb", of: fields, in: 0...most)
    )
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

  /// What one segment, or one variant, is expected to need; nothing when nobody said.
  private mutating func estimate(of fields: Fields) -> (gpuSeconds: Double, diskBytes: Int64) {
    let owner = "\"estimate\" of \(fields.owner)"
    guard let node = reader.node("estimate", of: fields),
      let estimate = reader.fields(node, of: owner, known: ["gpu", "disk"], required: [])
    else { return (0, 0) }
    let gpu = reader.duration("gpu", of: estimate, in: 0...604_800, words: "0s to 7d")
    let disk = reader.value(
      "disk", of: estimate, code: "bad_size", expected: "a size such as 500KB, 1.5GB or 64MiB", parse: Quantity.bytes)
    return (gpu ?? 0, disk?.value ?? 0)
  }
}
