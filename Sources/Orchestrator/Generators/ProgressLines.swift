/// Finds `progress 0.42` lines in a stream that arrives in pieces. Lines of any length pass in bounded memory.
struct ProgressLines: Sendable {
  private static let lineLimit = 256

  private var line: [UInt8] = []
  private var isTooLong = false
  private var reported = -1.0

  /// The shares to report, each at least 0.01 above the last, so that a run reports at most about a hundred.
  mutating func append(_ bytes: some Sequence<UInt8>) -> [Double] {
    var shares: [Double] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        if let share = finishLine() { shares.append(share) }
      } else if line.count < Self.lineLimit {
        line.append(byte)
      } else {
        isTooLong = true
      }
    }
    return shares
  }

  /// What a last line without a line end says.
  mutating func finish() -> Double? { finishLine() }

  private mutating func finishLine() -> Double? {
    defer {
      line.removeAll(keepingCapacity: true)
      isTooLong = false
    }
    guard !isTooLong, let share = Self.share(line), share >= reported + 0.01 || (share == 1 && reported < 1) else {
      return nil
    }
    reported = share
    return share
  }

  private static func share(_ line: [UInt8]) -> Double? {
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count == 2, words[0] == "progress", let share = Double(words[1]), share.isFinite else { return nil }
    return min(max(share, 0), 1)
  }
}
