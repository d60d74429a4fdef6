/// A statement, or a piece of one, as literal text and bindings. Values never become text: `\(value)` is a bound
/// parameter, `\(identifier: name)` a quoted name, `\(fragment)` splices another `SQL`. Raw text has to be spelled out
/// as `\(unsafeSQL: text)`.
///
///     let rows: SQL = "select id from \(identifier: table) where name = \(name) and \(condition)"
public struct SQL: Sendable, Equatable, ExpressibleByStringInterpolation {
  enum Segment: Sendable, Equatable {
    case text(String)
    case binding(SQLValue)
  }

  private(set) var segments: [Segment]

  /// An empty piece, which splices as nothing.
  public init() { segments = [] }

  /// The literal text of a program; it cannot hold a value.
  public init(stringLiteral value: StaticString) {
    segments = value.utf8CodeUnitCount == 0 ? [] : [.text(value.description)]
  }

  /// What the compiler makes of a literal with `\( )` in it.
  public init(stringInterpolation: Interpolation) {
    segments = stringInterpolation.sql.segments
  }

  /// True when there is neither text nor a binding in it.
  public var isEmpty: Bool { segments.isEmpty }

  /// The text with `$1` to `$n` in order of appearance, and the values they stand for.
  public func rendered() -> (text: String, bindings: [SQLValue]) {
    if segments.count == 1, case .text(let text) = segments[0] { return (text, []) }
    var text = ""
    var bindings: [SQLValue] = []
    for segment in segments {
      switch segment {
      case .text(let literal): text += literal
      case .binding(let value):
        bindings.append(value)
        text += "$\(bindings.count)"
      }
    }
    return (text, bindings)
  }

  /// The statement with another piece in the place of each binding; `replacement` is given its position, from 0, and its
  /// value.
  public func replacingBindings(_ replacement: (Int, SQLValue) -> SQL) -> SQL {
    var whole = SQL()
    var position = 0
    for segment in segments {
      switch segment {
      case .text(let text): whole.append(text: text)
      case .binding(let value):
        whole.append(replacement(position, value))
        position += 1
      }
    }
    return whole
  }

  /// The pieces in order with `separator` between them; empty for no pieces.
  public static func joined(_ parts: [SQL], separator: SQL) -> SQL {
    var whole = SQL()
    for (index, part) in parts.enumerated() {
      if index > 0 { whole.append(separator) }
      whole.append(part)
    }
    return whole
  }

  /// One piece after the other, with nothing between them.
  public static func + (left: SQL, right: SQL) -> SQL {
    var whole = left
    whole.append(right)
    return whole
  }

  /// Appends in place.
  public static func += (left: inout SQL, right: SQL) { left.append(right) }

  mutating func append(_ other: SQL) {
    for segment in other.segments {
      if case .text(let text) = segment { append(text: text) } else { segments.append(segment) }
    }
  }

  mutating func append(_ value: SQLValue) { segments.append(.binding(value)) }

  /// Adjacent texts become one, so that equal statements compare equal however they were put together.
  mutating func append(text: String) {
    if text.isEmpty { return }
    if case .text(let before) = segments.last {
      segments[segments.count - 1] = .text(before + text)
    } else {
      segments.append(.text(text))
    }
  }
}

extension SQL {
  /// Collects the pieces of an interpolated literal.
  public struct Interpolation: StringInterpolationProtocol {
    var sql = SQL()

    /// Called by the compiler.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// The text between interpolations.
    public mutating func appendLiteral(_ literal: StaticString) { sql.append(text: literal.description) }

    /// `\(value)`: a bound parameter.
    public mutating func appendInterpolation(_ value: some SQLBindable) { sql.append(value.sqlValue) }

    /// `\(value)`: a bound parameter, null for nil.
    public mutating func appendInterpolation<T: SQLBindable>(_ value: T?) { sql.append(value.sqlValue) }

    /// `\(fragment)`: text and bindings of another piece, in place.
    public mutating func appendInterpolation(_ fragment: SQL) { sql.append(fragment) }

    /// `\(json: text)`: a bound parameter of type `jsonb`.
    public mutating func appendInterpolation(json: String) { sql.append(.json(json)) }

    /// `\(identifier: name)`: a quoted name. Dots are part of the name; write schema and table as two identifiers.
    public mutating func appendInterpolation(identifier: String) {
      sql.append(text: SQL.quoted(identifier: identifier))
    }

    /// `\(unsafeSQL: text)`: raw text, trusted as it stands. Never with anything that came from a person.
    public mutating func appendInterpolation(unsafeSQL text: String) { sql.append(text: text) }
  }

  /// The name in double quotes, with those inside it doubled. A NUL cannot be part of a name and is dropped.
  static func quoted(identifier: String) -> String {
    var text = "\""
    for scalar in identifier.unicodeScalars where scalar != "\0" {
      if scalar == "\"" { text.unicodeScalars.append("\"") }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }
}
