import Diagnostics

/// The smallest piece the grammar speaks of.
struct Token: Equatable {
  enum Kind: Equatable {
    /// Without quotes: a keyword where the grammar has one, a name or a value elsewhere.
    case word(String)
    /// Any other value.
    case literal(Literal)
    case regex(RegexLiteral)
    /// `@name`.
    case macro(String)
    case comparison(Comparison)
    case pipe, openBracket, closeBracket, comma, colon, tilde, range, minus
    /// `;` or the end of a line that ends its statement.
    case terminator
    /// The end of the text.
    case end
    /// No token of the language.
    case unknown(message: String, hint: String?)
  }

  var kind: Kind
  var span: Span
  /// A new line began since the token before, whether or not it ended a statement.
  var startsLine = false

  /// The line behind this token belongs to the same statement.
  var continuesLine: Bool {
    switch kind {
    case .pipe, .openBracket, .comma, .colon, .comparison, .tilde, .range, .minus: true
    case .word(let word): Grammar.continuing.contains(word.lowercased())
    case .literal, .regex, .macro, .closeBracket, .terminator, .end, .unknown: false
    }
  }
}

/// The bytes that the lexer and the statement reader must see alike.
enum Grammar {
  /// Operators that are words: a line that stops in one goes on in the next.
  static let continuing: Set<String> = ["and", "or", "not"]
  /// Statements whose words are only words, operators or not.
  static let plainWords: Set<String> = ["help", "?"]

  static let quotesHint = "a path, or a name with such a character, needs quotes"

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// Letters, digits, `_`, the glob characters and everything beyond ASCII.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
    case UInt8(ascii: "_"), UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "%"): true
    default: false
    }
  }
}
