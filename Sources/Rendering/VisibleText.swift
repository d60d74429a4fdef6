import Diagnostics

/// `text` with every control character spelled out (`\x1b`, `\n`), so that data can never steer the terminal that shows
/// it. The invisible marks that reverse the reading direction are spelled out too: they make one name pass for another.
public func visible(_ text: String) -> String {
  if !needsEscaping(text) { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if let escaped = escape(scalar) { result += escaped } else { result.unicodeScalars.append(scalar) }
  }
  return result
}

/// A quick look at the bytes: control characters are below 0x20, 0x7F or begin with 0xC2; the others begin with 0xE2.
private func needsEscaping(_ text: String) -> Bool {
  text.utf8.contains { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }
    && text.unicodeScalars.contains { escape($0) != nil }
}

private func escape(_ scalar: Unicode.Scalar) -> String? {
  switch scalar.value {
  case 0x0A: "\\n"
  case 0x0D: "\\r"
  case 0x09: "\\t"
  case 0..<0x20, 0x7F..<0xA0: "\\x" + hexadecimal(scalar.value, digits: 2)
  case 0x2028...0x202E, 0x2066...0x2069, 0x200E...0x200F: "\\u" + hexadecimal(scalar.value, digits: 4)
  default: nil
  }
}

func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

/// `text` filled with spaces to `width` columns; wider text is left as it is.
func padded(_ text: String, to width: Int) -> String { text + spaces(width - displayWidth(text)) }

func leftPadded(_ text: String, to width: Int) -> String { spaces(width - displayWidth(text)) + text }
