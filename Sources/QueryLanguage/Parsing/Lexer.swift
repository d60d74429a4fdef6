import Diagnostics

/// Bytes -> tokens. What is no token becomes one of kind `unknown`, for the parser to report when it meets it.
struct Lexer {
  private let bytes: [UInt8]
  private var position = 0
  private var tokens: [Token] = []
  private var bracketDepth = 0
  /// A line has ended since the last token. Whether that ends the statement shows at the next token: `|` goes on.
  private var lineEnded: Int?
  private var wordsArePlain = false
  /// The text ended inside quotes.
  private var openQuote: UInt8?

  /// The tokens of a text, the last of kind `end`.
  static func tokens(of source: SourceText) -> [Token] {
    var lexer = Lexer(bytes: source.bytes)
    lexer.run()
    lexer.append(.end, Span(source.bytes.count, source.bytes.count))
    return lexer.tokens
  }

  /// What a line does to the state before it, and the first token on it.
  static func line(
    _ bytes: [UInt8], after state: LineState, startsLine: Bool
  ) -> (first: Token?, last: Token?, bracketDepth: Int, wordsArePlain: Bool, openQuote: UInt8?) {
    var lexer = Lexer(bytes: bytes)
    lexer.tokens = [state.last].compactMap { $0 }
    lexer.bracketDepth = state.bracketDepth
    lexer.wordsArePlain = state.wordsArePlain
    lexer.lineEnded = startsLine ? 0 : nil
    lexer.run()
    let first = lexer.tokens.dropFirst(state.last == nil ? 0 : 1).first { $0.startsLine || !startsLine }
    return (first, lexer.tokens.last, lexer.bracketDepth, lexer.wordsArePlain, lexer.openQuote)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func run() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    while skipBlanks() {
      let start = position
      let kind = next()
      append(kind, Span(start, position))
    }
  }

  /// Blanks, comments and line ends. False at the end of the text.
  private mutating func skipBlanks() -> Bool {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        position += 1
      case 0xC2 where isBlank(at: position):
        position += 2
      case UInt8(ascii: "\n"):
        if lineEnded == nil { lineEnded = position }
        position += 1
      case UInt8(ascii: "#"):
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      default:
        return true
      }
    }
    return false
  }

  private mutating func append(_ kind: Token.Kind, _ span: Span) {
    let startsLine = lineEnded != nil
    if let newline = lineEnded, kind != .pipe, bracketDepth == 0, let last = tokens.last,
      !Self.continues(last, wordsArePlain: wordsArePlain), last.kind != .terminator
    {
      add(Token(kind: .terminator, span: Span(newline, newline)))
    }
    lineEnded = nil
    add(Token(kind: kind, span: span, startsLine: startsLine))
  }

  private mutating func add(_ token: Token) {
    switch token.kind {
    case .openBracket: bracketDepth += 1
    case .closeBracket: bracketDepth = max(0, bracketDepth - 1)
    case .terminator: bracketDepth = 0
    case .word(let word) where tokens.last.map({ $0.kind == .terminator }) ?? true:
      wordsArePlain = Grammar.plainWords.contains(word.lowercased())
    default: break
    }
    tokens.append(token)
  }

  /// A line that stops in this token goes on in the next.
  static func continues(_ token: Token, wordsArePlain: Bool) -> Bool {
    if case .word = token.kind, wordsArePlain { return false }
    return token.continuesLine
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func next() -> Token.Kind {
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return quoted(by: byte)
    case UInt8(ascii: "@"), UInt8(ascii: "$"): return named(by: byte)
    case UInt8(ascii: "/") where tokens.last?.kind == .tilde: return regex()
    case _ where Grammar.isWord(byte) && !isLookalike(at: position): return word()
    default: return symbol(byte)
    }
  }

  private mutating func symbol(_ byte: UInt8) -> Token.Kind {
    let following = peek(1)
    let (kind, length): (Token.Kind, Int)
    switch (byte, following) {
    case (UInt8(ascii: "="), UInt8(ascii: "=")): (kind, length) = (.comparison(.equal), 2)
    case (UInt8(ascii: "="), _): (kind, length) = (.comparison(.equal), 1)
    case (UInt8(ascii: "!"), UInt8(ascii: "=")): (kind, length) = (.comparison(.notEqual), 2)
    case (UInt8(ascii: "<"), UInt8(ascii: "=")): (kind, length) = (.comparison(.lessOrEqual), 2)
    case (UInt8(ascii: "<"), UInt8(ascii: ">")): return unknown(2, hint: "write != for \"not equal\"")
    case (UInt8(ascii: "<"), _): (kind, length) = (.comparison(.less), 1)
    case (UInt8(ascii: ">"), UInt8(ascii: "=")): (kind, length) = (.comparison(.greaterOrEqual), 2)
    case (UInt8(ascii: ">"), _): (kind, length) = (.comparison(.greater), 1)
    case (UInt8(ascii: "|"), UInt8(ascii: "|")): return unknown(2, hint: "write \"or\"")
    case (UInt8(ascii: "&"), UInt8(ascii: "&")): return unknown(2, hint: "write \"and\"")
    case (UInt8(ascii: "."), UInt8(ascii: ".")): (kind, length) = (.range, 2)
    case (UInt8(ascii: "|"), _): (kind, length) = (.pipe, 1)
    case (UInt8(ascii: ";"), _): (kind, length) = (.terminator, 1)
    case (UInt8(ascii: "("), _): (kind, length) = (.openBracket, 1)
    case (UInt8(ascii: ")"), _): (kind, length) = (.closeBracket, 1)
    case (UInt8(ascii: ","), _): (kind, length) = (.comma, 1)
    case (UInt8(ascii: ":"), _): (kind, length) = (.colon, 1)
    case (UInt8(ascii: "~"), _): (kind, length) = (.tilde, 1)
    case (UInt8(ascii: "-"), _): (kind, length) = (.minus, 1)
    default: return unknown(isLookalike(at: position) ? 3 : 1, hint: hint(for: byte))
    }
    position += length
    return kind
  }

  private func hint(for byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "!"): "write \"not\""
    case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "\\"): Grammar.quotesHint
    case 0xE2: "write a straight quote: \" or '"
    default: nil
    }
  }

  private mutating func unknown(_ length: Int, hint: String?) -> Token.Kind {
    let found = String(decoding: bytes[position..<position + length], as: UTF8.self)
    position += length
    let control = length == 1 ? found.utf8.first.flatMap(Self.control) : nil
    return .unknown(message: "\(control ?? "\"\(found)\"") means nothing here", hint: hint)
  }

  /// What is called a character that shows nothing; nil for all others.
  private static func control(_ byte: UInt8) -> String? {
    if byte == 0 { return "a NUL character" }
    guard byte < 0x20 || byte == 0x7F else { return nil }
    let digits = String(byte, radix: 16, uppercase: true)
    return "the control character U+" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// A no-break space.
  private func isBlank(at place: Int) -> Bool {
    place + 1 < bytes.count && bytes[place] == 0xC2 && bytes[place + 1] == 0xA0
  }

  /// A typographic quote: it comes with text pasted from chats and documents.
  private func isLookalike(at place: Int) -> Bool {
    place + 2 < bytes.count && bytes[place] == 0xE2 && bytes[place + 1] == 0x80
      && (0x98...0x9F).contains(bytes[place + 2])
  }
}

// MARK: - Words, texts and patterns

extension Lexer {
  private mutating func word() -> Token.Kind {
    let start = position
    advanceOverWord()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard Grammar.isDigit(bytes[start]), let literal = NumberReader.literal(text) else { return .word(text) }
    return .literal(literal)
  }

  /// `-` and `.` belong to a word inside it (`neon-city`, `1.5`), `:` and `+` inside one that begins with a digit (a time of day).
  private mutating func advanceOverWord() {
    let isNumeric = Grammar.isDigit(bytes[position])
    while position < bytes.count {
      let byte = bytes[position]
      if Grammar.isWord(byte) {
        if isLookalike(at: position) || isBlank(at: position) { return }
        position += 1
        continue
      }
      let joins =
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        || (isNumeric && (byte == UInt8(ascii: ":") || byte == UInt8(ascii: "+")))
      guard joins, let following = peek(1), Grammar.isWord(following) else { return }
      position += 1
    }
  }

  /// `@name`, `$name`.
  private mutating func named(by sign: UInt8) -> Token.Kind {
    guard let following = peek(1), Grammar.isWord(following), !isBlank(at: position + 1), !isLookalike(at: position + 1)
    else {
      return unknown(1, hint: sign == UInt8(ascii: "@") ? "a macro is @name" : "a variable is $name")
    }
    position += 1
    let start = position
    advanceOverWord()
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    return sign == UInt8(ascii: "@") ? .macro(name) : .literal(Literal(.parameter, name))
  }

  private mutating func quoted(by quote: UInt8) -> Token.Kind {
    var text: [UInt8] = []
    var fault: (String, String?)?
    position += 1
    while position < bytes.count, bytes[position] != quote {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\\"), position < bytes.count {
        if let escaped = Self.escapes[bytes[position]] {
          text.append(escaped)
        } else {
          fault = ("a text knows only the escapes \\\\ \\\" \\' \\n and \\t", "write \\\\ for one backslash")
          text.append(bytes[position])
        }
        position += 1
      } else if byte == 0 {
        fault = ("a text cannot hold a NUL character", nil)
      } else if byte != UInt8(ascii: "\r") || position >= bytes.count || bytes[position] != UInt8(ascii: "\n") {
        text.append(byte)
      }
    }
    guard position < bytes.count else {
      openQuote = quote
      return .unknown(
        message: "this text is not closed", hint: "it needs a \(quote == UInt8(ascii: "'") ? "'" : "\"") at its end")
    }
    position += 1
    if let fault { return .unknown(message: fault.0, hint: fault.1) }
    return .literal(Literal(.text, String(decoding: text, as: UTF8.self)))
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""),
    UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: "n"): UInt8(ascii: "\n"), UInt8(ascii: "t"): UInt8(ascii: "\t"),
  ]

  /// `/pattern/` or `/pattern/i`, on one line; `\/` is a slash.
  private mutating func regex() -> Token.Kind {
    var pattern: [UInt8] = []
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "/"), bytes[position] != UInt8(ascii: "\n") {
      if bytes[position] == UInt8(ascii: "\\"), let following = peek(1), following != UInt8(ascii: "\n") {
        if following != UInt8(ascii: "/") { pattern.append(bytes[position]) }
        pattern.append(following)
        position += 2
      } else {
        pattern.append(bytes[position])
        position += 1
      }
    }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "/") else {
      return .unknown(message: "this pattern is not closed", hint: "it needs a / at its end")
    }
    position += 1
    let flags = position
    while position < bytes.count, Grammar.isWord(bytes[position]) { position += 1 }
    let ignoresCase = bytes[flags..<position].elementsEqual([UInt8(ascii: "i")])
    guard flags == position || ignoresCase else {
      return .unknown(message: "a pattern knows only the flag i", hint: "write /.../i to ignore case")
    }
    guard !pattern.contains(0) else { return .unknown(message: "a pattern cannot hold a NUL character", hint: nil) }
    return .regex(RegexLiteral(pattern: String(decoding: pattern, as: UTF8.self), ignoresCase: ignoresCase))
  }
}
