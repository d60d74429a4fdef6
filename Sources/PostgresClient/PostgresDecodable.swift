import FoundationEssentials

/// A value's text on its way from the server. It is only valid inside the call that it is handed to.
public struct PostgresText {
  let bytes: UnsafeRawBufferPointer

  /// A copy as a string; bytes that are not UTF-8 are repaired.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Decimal digits with a sign; nil for anything else and for what the type cannot hold.
  func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
    var rest = bytes[...]
    let negative = rest.first == UInt8(ascii: "-")
    if negative { rest = rest.dropFirst() }
    if rest.isEmpty { return nil }
    var value: T = 0
    for byte in rest {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = T(truncatingIfNeeded: byte - UInt8(ascii: "0"))
      // Counted downwards when negative, because the smallest number has no positive counterpart.
      let (next, carry) =
        negative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = next
    }
    return value
  }
}

/// What a column can be read as. Types of other modules conform by reading one of those below.
public protocol PostgresDecodable {
  /// The value, or nil when the text is not one of this type.
  static func decode(_ text: PostgresText) -> Self?
  /// What null is read as; nil when the type has no place for null.
  static var decodedNull: Self? { get }
}

extension PostgresDecodable {
  public static var decodedNull: Self? { nil }
}

extension Int: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Int? { text.integer() }
}

extension Int16: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Int16? { text.integer() }
}

extension Int32: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Int32? { text.integer() }
}

extension Int64: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Int64? { text.integer() }
}

extension Double: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Double? { Double(text.string) }
}

extension Float: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Float? { Float(text.string) }
}

extension String: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> String? { text.string }
}

extension Bool: PostgresDecodable, PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> Bool? {
    guard text.bytes.count == 1 else { return nil }
    switch text.bytes[0] {
    case UInt8(ascii: "t"): return true
    case UInt8(ascii: "f"): return false
    default: return nil
    }
  }
}

extension Date: PostgresDecodable, PostgresArrayDecodable {
  /// `timestamptz`, `timestamp` (read as UTC) and `date` in ISO style; infinities are the distant past and future.
  public static func decode(_ text: PostgresText) -> Date? { TimestampText.date(text.bytes) }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  public static func decode(_ text: PostgresText) -> Wrapped?? {
    Wrapped.decode(text).map { .some($0) }
  }
  public static var decodedNull: Wrapped?? { .some(nil) }
}

/// What can be an array's element. Each element type is also read on its own, except `UInt8`: `[UInt8]` is `bytea`.
public protocol PostgresArrayDecodable {
  /// The whole array, or nil when the text is not one of this type.
  static func decodeArray(_ text: PostgresText) -> [Self]?
}

extension PostgresArrayDecodable where Self: PostgresDecodable {
  public static func decodeArray(_ text: PostgresText) -> [Self]? { ArrayText.elements(text.bytes) }
}

extension UInt8: PostgresArrayDecodable {
  public static func decodeArray(_ text: PostgresText) -> [UInt8]? { ByteaText.bytes(text.bytes) }
}

extension Optional: PostgresArrayDecodable where Wrapped: PostgresDecodable {}

extension Array: PostgresDecodable where Element: PostgresArrayDecodable {
  public static func decode(_ text: PostgresText) -> [Element]? { Element.decodeArray(text) }
}
