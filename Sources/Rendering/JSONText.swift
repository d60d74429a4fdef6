import Model

/// JSON as text, written directly: the order of keys is the order of the columns, and a million rows take no tree.
enum JSONText {
  static func encode(_ value: Value) -> String {
    var text = ""
    write(value, &text)
    return text
  }

  /// With nothing escaped but what has to be, as PostgreSQL writes it: for formats that have their own ways to be safe.
  static func plain(_ value: Value) -> String {
    var text = ""
    write(value, &text, escapesControls: false)
    return text
  }

  static func write(_ value: Value, _ text: inout String, escapesControls: Bool = true) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value), .duration(let value): write(value, &text)
    case .text(let value): write(value, &text, escapesControls: escapesControls)
    case .time(let value): write(Timestamp.iso8601(value), &text)
    case .list(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        write(value, &text, escapesControls: escapesControls)
      }
      text += "]"
    }
  }

  /// JSON has no words for what is no finite number; PostgreSQL's own, as strings, stand in.
  static func write(_ number: Double, _ text: inout String) {
    text += number.isFinite ? exactNumber(number) : "\"\(exactNumber(number))\""
  }

  static func write(_ string: String, _ text: inout String, escapesControls: Bool = true) {
    text += "\""
    defer { text += "\"" }
    if string.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) {
      text += string
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar.value {
      case 0x22: text += "\\\""
      case 0x5C: text += "\\\\"
      case 0x0A: text += "\\n"
      case 0x0D: text += "\\r"
      case 0x09: text += "\\t"
      case 0x08: text += "\\b"
      case 0x0C: text += "\\f"
      case 0x7F..<0xA0 where !escapesControls, 0x2028...0x2029 where !escapesControls:
        text.unicodeScalars.append(scalar)
      case 0..<0x20, 0x7F..<0xA0, 0x2028...0x2029: text += "\\u" + hexadecimal(scalar.value, digits: 4)
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  static func object(_ columns: [ResultColumn], _ values: [Value], _ text: inout String) {
    text += "{"
    for (index, column) in columns.enumerated() {
      if index > 0 { text += "," }
      write(column.name, &text)
      text += ":"
      write(index < values.count ? values[index] : .null, &text)
    }
    text += "}"
  }
}
