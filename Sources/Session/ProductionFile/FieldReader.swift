import Diagnostics
import Yams

/// A value and where it stands.
struct Located<Value> {
  let value: Value
  let span: Span
}

/// The keys and values of one mapping that the format knows.
struct Fields {
  /// How messages call the mapping: `scene type "alley_chase"`.
  let owner: String
  /// Where the mapping begins.
  let span: Span
  fileprivate let values: [String: Node]

  func has(_ key: String) -> Bool { values[key] != nil }
}

/// Reads typed values out of a document and notes what is wrong with them; a value that is wrong or missing is nil.
struct FieldReader {
  let document: YAMLDocument
  var report: FindingReport

  init(document: YAMLDocument) {
    self.document = document
    report = FindingReport(source: document.source)
  }

  /// A mapping's fields. Unknown, repeated and missing keys are noted; what else there is can be used.
  mutating func fields(_ node: Node, of owner: String, known: [String], required: [String]) -> Fields? {
    guard let node = resolved(node) else { return nil }
    guard let mapping = node.mapping else {
      wrongType(node, "\(owner) has keys and values", expected: "key: value pairs")
      return nil
    }
    let span = document.span(of: node)
    var values: [String: Node] = [:]
    for (key, node, place) in entries(of: mapping, in: owner) {
      if known.contains(key) {
        values[key] = node
      } else {
        let hint = key == "<<" ? "merge keys are not read; an alias can stand for a whole value" : nil
        report.add(
          "unknown_key", "\(owner) has no key \"\(key)\"", at: place,
          expected: known, hint: hint ?? Spelling.suggestion(for: key, among: known))
      }
    }
    for key in required where values[key] == nil {
      report.add("missing_key", "\(owner) has no \"\(key)\"", at: span, hint: "add the key \(key)")
    }
    return Fields(owner: owner, span: span, values: values)
  }

  /// A mapping's keys and values in order, without those whose key is no text or stands there for the second time.
  mutating func entries(of mapping: Node.Mapping, in owner: String) -> [(key: String, value: Node, span: Span)] {
    var places: [String: Span] = [:]
    var entries: [(key: String, value: Node, span: Span)] = []
    for (keyNode, value) in mapping {
      let span = document.span(of: keyNode)
      guard let key = keyNode.scalar.map(document.text(of:)) else {
        report.add("wrong_type", "a key of \(owner) is a word", at: span)
        continue
      }
      if let first = places[key] {
        report.add("duplicate_key", "\(owner) has the key \"\(key)\" already, in \(report.line(of: first))", at: span)
      } else {
        places[key] = span
        entries.append((key, value, span))
      }
    }
    return entries
  }

  /// The elements of a list, or nil when the key is missing.
  mutating func list(_ key: String, of fields: Fields) -> [Node]? {
    guard let node = fields.values[key], let node = resolved(node) else { return nil }
    if let sequence = node.sequence { return Array(sequence) }
    wrongType(node, "\"\(key)\" of \(fields.owner) is a list", expected: "a list")
    return nil
  }

  /// The mapping under a key, or nil when the key is missing.
  mutating func mapping(_ key: String, of fields: Fields) -> Node.Mapping? {
    guard let node = fields.values[key], let node = resolved(node) else { return nil }
    if let mapping = node.mapping { return mapping }
    wrongType(node, "\"\(key)\" of \(fields.owner) has keys and values", expected: "key: value pairs")
    return nil
  }

  /// The node under a key as it stands there.
  func node(_ key: String, of fields: Fields) -> Node? { fields.values[key] }

  /// Any scalar as the text that was written; null is none.
  mutating func text(_ key: String, of fields: Fields) -> Located<String>? {
    fields.values[key].flatMap { text($0, as: "\"\(key)\" of \(fields.owner)") }
  }

  mutating func text(_ node: Node, as name: String) -> Located<String>? {
    guard let node = resolved(node) else { return nil }
    let span = document.span(of: node)
    guard let scalar = node.scalar else {
      wrongType(node, "\(name) is one text", expected: "a text")
      return nil
    }
    if scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
      report.add("wrong_type", "\(name) has no value", at: span, expected: ["a text"])
      return nil
    }
    return Located(value: document.text(of: scalar), span: span)
  }

  /// A text read as something else; `parse` is nil for a text that is none.
  mutating func value<Value>(
    _ key: String, of fields: Fields, code: String, expected: String, parse: (String) -> Value?
  ) -> Located<Value>? {
    guard let text = text(key, of: fields) else { return nil }
    guard let value = parse(text.value) else {
      report.add(
        code, "\"\(key)\" of \(fields.owner): \"\(text.value.prefix(60))\" is not \(expected)", at: text.span,
        expected: [expected])
      return nil
    }
    return Located(value: value, span: text.span)
  }

  mutating func integer(_ key: String, of fields: Fields, in range: ClosedRange<Int>) -> Int? {
    let found = value(key, of: fields, code: "bad_number", expected: "a whole number", parse: Quantity.integer)
    return inRange(found, "\(range.lowerBound) to \(range.upperBound)", key, fields) { range.contains($0) }
  }

  mutating func number(_ key: String, of fields: Fields, in range: ClosedRange<Double>) -> Double? {
    let found = value(key, of: fields, code: "bad_number", expected: "a number", parse: Quantity.number)
    let words = "\(Quantity.plain(range.lowerBound)) to \(Quantity.plain(range.upperBound))"
    return inRange(found, words, key, fields) { range.contains($0) }
  }

  /// In seconds.
  mutating func duration(_ key: String, of fields: Fields, in range: ClosedRange<Double>, words: String) -> Double? {
    let found = value(
      key, of: fields, code: "bad_duration", expected: "a duration such as 90s, 2m or 1h30m", parse: Quantity.seconds)
    return inRange(found, words, key, fields) { range.contains($0) }
  }

  mutating func inRange<Value>(
    _ found: Located<Value>?, _ words: String, _ key: String, _ fields: Fields, _ isInRange: (Value) -> Bool
  ) -> Value? {
    guard let found else { return nil }
    if isInRange(found.value) { return found.value }
    let written = document.source[found.span]
    report.add("out_of_range", "\"\(key)\" of \(fields.owner) is \(words), not \(written)", at: found.span)
    return nil
  }

  mutating func wrongType(_ node: Node, _ message: String, expected: String) {
    let found =
      switch node {
      case .scalar(let scalar):
        scalar.string.isEmpty ? "nothing" : "the text \"\(document.text(of: scalar).prefix(40))\""
      case .sequence: "a list"
      case .mapping: "key: value pairs"
      case .alias: "an alias"
      }
    report.add("wrong_type", "\(message), not \(found)", at: document.span(of: node), expected: [expected])
  }

  private mutating func resolved(_ node: Node) -> Node? {
    if let found = document.resolved(node) { return found }
    let name = document.aliasName(of: node) ?? ""
    report.add(
      "unknown_alias", "no anchor has the name \"\(name)\"", at: document.span(of: node),
      hint: Spelling.suggestion(for: name, among: document.anchorNames) ?? "quote a text that begins with a star")
    return nil
  }
}
