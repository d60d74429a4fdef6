/// The beginning and the end of a stream of any length, in bounded memory.
struct BoundedLog: Sendable {
  static let headLimit = 4 << 10
  static let tailLimit = 64 << 10

  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var leftOut = 0

  mutating func append(_ bytes: some Collection<UInt8>) {
    let toHead = bytes.prefix(Self.headLimit - head.count)
    head.append(contentsOf: toHead)
    tail.append(contentsOf: bytes.dropFirst(toHead.count))
    // Trimmed at twice the limit, so that each byte is moved at most once on average.
    if tail.count > 2 * Self.tailLimit { trim() }
  }

  private mutating func trim() {
    let surplus = tail.count - Self.tailLimit
    guard surplus > 0 else { return }
    tail.removeFirst(surplus)
    leftOut += surplus
  }

  /// The text, with a line that says how much is missing. NUL, which a database text cannot hold, is shown as a symbol.
  var text: String {
    var whole = self
    whole.trim()
    let gap = whole.leftOut == 0 ? [] : Array("\n[... \(whole.leftOut) bytes left out ...]\n".utf8)
    return String(decoding: whole.head + gap + whole.tail, as: UTF8.self).replacing("\0", with: "\u{2400}")
  }
}
