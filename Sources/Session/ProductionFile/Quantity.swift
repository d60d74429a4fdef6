import Foundation

/// Numbers, durations, sizes and resolutions as people write them; each reading is nil for a text that is none.
enum Quantity {
  static func integer(_ text: String) -> Int? {
    text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == 45 } ? Int(text) : nil
  }

  /// A plain decimal: no exponent, no infinity.
  static func number(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 || $0 == 45 }) else { return nil }
    return Double(text)
  }

  /// Seconds of `90s`, `2m`, `1h30m`, `500ms`, `7d`, or a plain number of seconds.
  static func seconds(_ text: String) -> Double? {
    if let plain = number(text) { return plain }
    let units = [("d", 86_400.0), ("h", 3_600), ("m", 60), ("s", 1), ("ms", 0.001)]
    var rest = text[...]
    var next = 0
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      let unit = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
      // Each unit once, the larger before the smaller.
      guard let amount = number(String(digits)), let index = units[next...].firstIndex(where: { $0.0 == unit })
      else { return nil }
      total += amount * units[index].1
      next = index + 1
      rest = rest.dropFirst(digits.count + unit.count)
    }
    return text.isEmpty ? nil : total
  }

  /// Bytes of `1MB`, `1.5 GB`, `64MiB`, or a plain number of bytes. `MB` is 10^6, `MiB` is 2^20.
  static func bytes(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }.uppercased()
    let decimal = ["": 0, "B": 0, "KB": 1, "MB": 2, "GB": 3, "TB": 4]
    let binary = ["KIB": 1, "MIB": 2, "GIB": 3, "TIB": 4]
    let factor: Double
    if let power = decimal[unit] {
      factor = pow(1_000, Double(power))
    } else if let power = binary[unit] {
      factor = pow(1_024, Double(power))
    } else {
      return nil
    }
    guard let amount = number(String(digits)), amount >= 0, amount * factor < 1e18 else { return nil }
    return Int64((amount * factor).rounded())
  }

  /// Width and height of `320x180`.
  static func resolution(_ text: String) -> (width: Int, height: Int)? {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    guard sides.count == 2, let width = integer(String(sides[0])), let height = integer(String(sides[1])) else {
      return nil
    }
    return (width, height)
  }

  /// `2` for 2.0, `0.5` for 0.5.
  static func plain(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
  }
}
