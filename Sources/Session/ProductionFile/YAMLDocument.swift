import Diagnostics
import Yams

/// One YAML text as a tree whose nodes know where they stand.
///
/// Two things are kept from the YAML library. Aliases: what the library expands while it reads can be far larger than the
/// text, so `*name` is read as a word and looked up here, where a value is wanted. Duplicate keys: the library stops at the
/// first, so the earlier of two is renamed until none is left, and both places can be told.
struct YAMLDocument {
  let source: SourceText
  /// nil for a text that declares nothing.
  let root: Node?
  private let layout: YAMLLayout
  private let anchors: [String: Node]
  private static let mostAliases = 10_000
  private static let mostRepairs = 50

  /// - Throws: What keeps the text from being YAML at all.
  init(_ source: SourceText) throws(DiagnosticError) {
    self.source = source
    var text = YAMLWorkingText(source)
    layout = text.layout
    try Self.checkCharacters(source, layout)
    guard text.aliasCount <= Self.mostAliases else {
      throw DiagnosticError(
        Diagnostic(
          code: "too_many_aliases", message: "\(text.aliasCount) aliases; a file may use \(Self.mostAliases)",
          source: source))
    }
    for _ in 0...Self.mostRepairs {
      do {
        // The parser owns the anchors: nodes hold them weakly.
        let parser = try Parser(yaml: text.string, encoding: .utf8)
        let tree = try parser.singleRoot()
        root = tree
        anchors = withExtendedLifetime(parser) { Self.anchors(in: tree) }
        return
      } catch YamlError.duplicatedKeysInMapping(_, let context) where text.maskKey(at: context.mark) {
        continue
      } catch {
        throw DiagnosticError(Self.diagnostic(for: error, in: source, layout))
      }
    }
    throw DiagnosticError(
      Diagnostic(code: "duplicate_key", message: "more than \(Self.mostRepairs) duplicate keys", source: source))
  }

  /// The node, or what the alias that stands there means; nil when nothing has that name.
  func resolved(_ node: Node) -> Node? {
    aliasName(of: node).map { anchors[$0] } ?? node
  }

  /// The name after the `*` when the node is an alias.
  func aliasName(of node: Node) -> String? {
    guard case .scalar(let scalar) = node, scalar.style == .plain, scalar.string.first == YAMLWorkingText.aliasMask
    else { return nil }
    return String(scalar.string.dropFirst())
  }

  var anchorNames: [String] { anchors.keys.sorted() }

  /// A scalar's text as the file has it.
  func text(of scalar: Node.Scalar) -> String {
    guard YAMLWorkingText.isMaskedKey(scalar.string), let mark = scalar.mark else {
      return YAMLWorkingText.unmasked(scalar.string)
    }
    let quotes = scalar.style == .plain ? 0 : 1
    let first = Span(layout.offset(of: mark, plus: quotes), layout.offset(of: mark, plus: quotes + 1))
    return source[first] + YAMLWorkingText.unmasked(String(scalar.string.unicodeScalars.dropFirst()))
  }

  /// Where a node stands. A scalar's place is all of it when it is on one line, a list's or mapping's its beginning.
  func span(of node: Node) -> Span {
    guard let mark = node.mark else { return Span(0, 0) }
    let lower = layout.offset(of: mark)
    guard case .scalar(let scalar) = node else { return Span(lower, layout.wordEnd(from: lower)) }
    let written = Array(text(of: scalar).utf8)
    if source.bytes[lower...].starts(with: written) && !written.isEmpty { return Span(lower, lower + written.count) }
    return Span(lower, layout.quotedEnd(from: lower))
  }

  private static func anchors(in root: Node?) -> [String: Node] {
    var found: [String: Node] = [:]
    var waiting = root.map { [$0] } ?? []
    while let node = waiting.popLast() {
      if let anchor = node.anchor { found[anchor.rawValue] = node }
      switch node {
      case .mapping(let mapping): waiting += mapping.flatMap { [$0.key, $0.value] }
      case .sequence(let sequence): waiting += sequence
      case .scalar, .alias: break
      }
    }
    return found
  }
}

extension YAMLDocument {
  /// Bytes that are no text, before the library sees them: it tells their place badly.
  private static func checkCharacters(_ source: SourceText, _ layout: YAMLLayout) throws(DiagnosticError) {
    var offset = 0
    for scalar in source.text.unicodeScalars {
      let width = UTF8.width(scalar)
      defer { offset += width }
      if source.isRepaired && scalar == "\u{FFFD}" {
        throw DiagnosticError(
          Diagnostic(
            code: "invalid_utf8", message: "the text is not UTF-8 from here on", source: source,
            span: Span(offset, offset + width), hints: ["save the file as UTF-8"]))
      }
      let isAllowed = ["\t", "\n", "\r", "\u{85}"].contains(scalar) || scalar.properties.generalCategory != .control
      if !isAllowed {
        let code = String(scalar.value, radix: 16, uppercase: true)
        throw DiagnosticError(
          Diagnostic(
            code: "invalid_yaml", message: "the control character U+\(code) cannot stand in a production file",
            source: source, span: Span(offset, offset + width)))
      }
    }
  }

  private static func diagnostic(for error: any Error, in source: SourceText, _ layout: YAMLLayout) -> Diagnostic {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let offset = layout.offset(of: mark)
      let isTab = offset < source.bytes.count && source.bytes[offset] == UInt8(ascii: "\t")
      return Diagnostic(
        code: "invalid_yaml", message: "this is not YAML: \(describe(problem, context, source, layout))",
        source: source, span: Span(offset, layout.wordEnd(from: offset)),
        hints: isTab ? ["YAML is indented with spaces, not with tabs"] : [])
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      let offset = layout.offset(of: context.mark)
      let names = keys.map { "\"\(YAMLWorkingText.unmasked($0))\"" }.joined(separator: ", ")
      return Diagnostic(
        code: "duplicate_key", message: "the key \(names) stands here twice", source: source,
        span: Span(offset, layout.wordEnd(from: offset)))
    default:
      return Diagnostic(code: "invalid_yaml", message: "this is not YAML: \(error)", source: source)
    }
  }

  private static func describe(
    _ problem: String, _ context: YamlError.Context?, _ source: SourceText, _ layout: YAMLLayout
  ) -> String {
    guard let context, context.text.hasPrefix("while") else { return problem }
    let start = source.position(at: layout.offset(of: context.mark))
    return "\(problem) \(context.text) that begins at \(start.line):\(start.column)"
  }
}
