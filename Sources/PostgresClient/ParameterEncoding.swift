import FoundationEssentials
import SQLText

/// A statement's values in PostgreSQL's binary form: one buffer, so that a call with many parameters is one allocation.
/// Binary because lengths are explicit, nothing needs escaping and large id arrays stay compact.
struct EncodedParameters {
  private(set) var types: [UInt32] = []
  private(set) var lengths: [Int32] = []
  /// Where each value starts in `storage`; nil for null.
  private(set) var offsets: [Int?] = []
  private(set) var storage: [UInt8] = []

  init(_ values: [SQLValue]) {
    types.reserveCapacity(values.count)
    for value in values {
      types.append(value.typeOID)
      if value == .null {
        offsets.append(nil)
        lengths.append(0)
        continue
      }
      let start = storage.count
      value.encode(into: &storage)
      offsets.append(start)
      lengths.append(Int32(clamping: storage.count - start))
    }
  }

  /// Calls with libpq's parallel arrays; valid only inside `body`.
  func withPointers<T>(
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> T
  ) -> T {
    storage.withUnsafeBytes { bytes in
      // An empty buffer may have no address, but libpq takes a nil value for null.
      let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
      let values = offsets.map { offset in
        offset.map { (base + $0).assumingMemoryBound(to: CChar.self) }
      }
      let binary = [Int32](repeating: 1, count: values.count)
      return values.withUnsafeBufferPointer { values in
        lengths.withUnsafeBufferPointer { lengths in
          binary.withUnsafeBufferPointer { formats in
            guard let values = values.baseAddress, let lengths = lengths.baseAddress,
              let formats = formats.baseAddress
            else { preconditionFailure("no parameters to pass") }
            return body(values, lengths, formats)
          }
        }
      }
    }
  }
}

extension SQLValue {
  /// The parameter's type; 0 lets the server infer it.
  var typeOID: UInt32 {
    switch self {
    case .null: 0
    case .bool: 16
    case .int: 20
    case .double: 701
    case .text: 25
    case .bytes: 17
    case .timestamp: 1184
    case .json: 3802
    case .ints: 1016
    case .doubles: 1022
    case .texts: 1009
    case .bools: 1000
    }
  }

  func encode(into buffer: inout [UInt8]) {
    switch self {
    case .null: break
    case .bool(let value): buffer.append(value ? 1 : 0)
    case .int(let value): buffer.append(bigEndian: value)
    case .double(let value): buffer.append(bigEndian: value.bitPattern)
    case .text(let value): buffer.append(contentsOf: value.utf8)
    case .bytes(let value): buffer.append(contentsOf: value)
    case .timestamp(let value): buffer.append(bigEndian: value.postgresMicroseconds)
    case .json(let value):
      buffer.append(1)  // version of jsonb's binary form
      buffer.append(contentsOf: value.utf8)
    case .ints(let values):
      buffer.appendArray(values, elementOID: 20) { $0.append(bigEndian: $1) }
    case .doubles(let values):
      buffer.appendArray(values, elementOID: 701) { $0.append(bigEndian: $1.bitPattern) }
    case .texts(let values):
      buffer.appendArray(values, elementOID: 25) { $0.append(contentsOf: $1.utf8) }
    case .bools(let values):
      buffer.appendArray(values, elementOID: 16) { $0.append($1 ? 1 : 0) }
    }
  }
}

extension [SQLValue] {
  /// The texts among them: what an error of the server might quote.
  var texts: [String] {
    flatMap { value in
      switch value {
      case .text(let text), .json(let text): [text]
      case .texts(let texts): texts
      default: [String]()
      }
    }
  }
}

extension [UInt8] {
  mutating func append(bigEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  /// The binary form of a one-dimensional array without nulls.
  mutating func appendArray<T>(_ values: [T], elementOID: UInt32, _ encode: (inout [UInt8], T) -> Void) {
    append(bigEndian: Int32(values.isEmpty ? 0 : 1))  // dimensions
    append(bigEndian: Int32(0))  // has no nulls
    append(bigEndian: elementOID)
    if values.isEmpty { return }
    append(bigEndian: Int32(values.count))
    append(bigEndian: Int32(1))  // lower bound
    for value in values {
      let lengthAt = count
      append(bigEndian: Int32(0))
      encode(&self, value)
      let length = UInt32(count - lengthAt - 4)
      for byte in 0..<4 { self[lengthAt + byte] = UInt8(truncatingIfNeeded: length >> (24 - 8 * byte)) }
    }
  }
}

extension Date {
  /// Between PostgreSQL's epoch (2000) and Foundation's (2001).
  static let postgresEpochOffset: Double = 31_622_400

  /// Microseconds since 2000-01-01 UTC; beyond the type's range it is `infinity` or `-infinity`.
  var postgresMicroseconds: Int64 {
    let microseconds = ((timeIntervalSinceReferenceDate + Self.postgresEpochOffset) * 1e6).rounded()
    return Int64(exactly: microseconds) ?? (microseconds < 0 ? .min : .max)
  }
}
