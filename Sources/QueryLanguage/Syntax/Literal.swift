/// A value as written. What it means is decided by the field it stands beside: `3` is an id beside `character`, and the
/// text "3" beside `name`.
public struct Literal: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case integer(Int64)
    case decimal(Double)
    /// In quotes: always a text or a name.
    case text
    /// Without quotes: a name, a status, `today`.
    case word
    case bool(Bool)
    /// In seconds.
    case duration(Double)
    /// `50%` is 0.5.
    case percent(Double)
    case date(DateLiteral)
    case null
    /// `$name`; `text` is the name.
    case parameter
  }

  public var kind: Kind
  /// The value's own letters, without quotes and escapes.
  public var text: String

  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// A day, or a moment of it, in the time zone of the session unless it says its own.
public struct DateLiteral: Equatable, Sendable {
  public var year: Int
  public var month: Int
  public var day: Int
  /// nil: the whole day.
  public var time: Time?

  public struct Time: Equatable, Sendable {
    public var hour: Int
    public var minute: Int
    public var second: Int
    /// Minutes east of UTC.
    public var offset: Int?

    public init(hour: Int, minute: Int, second: Int, offset: Int?) {
      self.hour = hour
      self.minute = minute
      self.second = second
      self.offset = offset
    }
  }

  public init(year: Int, month: Int, day: Int, time: Time? = nil) {
    self.year = year
    self.month = month
    self.day = day
    self.time = time
  }
}

/// `value` or `name=value`, in the brackets of a macro or script, or behind an action.
public struct Argument: Equatable, Sendable {
  public var name: Name?
  public var value: Located<Literal>

  public init(name: Name?, value: Located<Literal>) {
    self.name = name
    self.value = value
  }
}
