/// PostgreSQL's text form of one-dimensional arrays: `{1,2}`, `{"a b",NULL,"c\"d"}`.
enum ArrayText {
  static func elements<T: PostgresDecodable>(_ bytes: UnsafeRawBufferPointer) -> [T]? {
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
    if bytes.count == 2 { return [] }
    var elements: [T] = []
    var at = 1
    let end = bytes.count - 1
    while true {
      guard let element: T = element(bytes, &at, end) else { return nil }
      elements.append(element)
      if at == end { return elements }
      guard bytes[at] == UInt8(ascii: ",") else { return nil }
      at += 1
    }
  }

  private static func element<T: PostgresDecodable>(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ end: Int
  ) -> T? {
    if at < end, bytes[at] == UInt8(ascii: "\"") { return quoted(bytes, &at, end) }
    let start = at
    while at < end, bytes[at] != UInt8(ascii: ",") {
      // A brace inside is a second dimension.
      if bytes[at] == UInt8(ascii: "{") { return nil }
      at += 1
    }
    let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<at])
    if raw.elementsEqual("NULL".utf8) { return T.decodedNull }
    return T.decode(PostgresText(bytes: raw))
  }

  private static func quoted<T: PostgresDecodable>(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ end: Int
  ) -> T? {
    var content: [UInt8] = []
    at += 1
    while at < end, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] == UInt8(ascii: "\\") { at += 1 }
      content.append(bytes[at])
      at += 1
    }
    guard at < end else { return nil }
    at += 1
    return content.withUnsafeBytes { T.decode(PostgresText(bytes: $0)) }
  }
}

/// PostgreSQL's text form of `bytea` in its default style: `\x00ff`.
enum ByteaText {
  static func bytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2 - 1)
    for at in stride(from: 2, to: text.count, by: 2) {
      guard let high = digit(text[at]), let low = digit(text[at + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
