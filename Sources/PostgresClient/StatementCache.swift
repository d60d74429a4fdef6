/// Which statements the server holds prepared for a connection, and which it should. A statement is prepared when it is
/// seen for the second time, so that one-off statements cost no extra round trip; the least recently used one makes
/// room. It only decides; the connection prepares and deallocates.
struct StatementCache {
  struct Key: Hashable {
    let text: String
    let types: [UInt32]
  }

  enum Plan: Equatable {
    /// Send text and values in one go.
    case direct
    /// Prepare under this name, after deallocating the other.
    case prepare(name: String, evicted: String?)
    /// Already prepared under this name.
    case prepared(name: String)
  }

  private struct Entry {
    var name: String?
    var lastUse: Int
  }

  let capacity: Int
  private var entries: [Key: Entry] = [:]
  private var uses = 0
  private var names = 0

  /// Capacity 0 switches preparing off.
  init(capacity: Int) { self.capacity = capacity }

  var count: Int { entries.count }

  mutating func plan(_ key: Key) -> Plan {
    if capacity == 0 { return .direct }
    uses += 1
    guard var entry = entries[key] else {
      let evicted = makeRoom()
      entries[key] = Entry(name: nil, lastUse: uses)
      // What made room has to go now, or its name would be forgotten.
      if let evicted { forgotten.append(evicted) }
      return .direct
    }
    entry.lastUse = uses
    defer { entries[key] = entry }
    if let name = entry.name { return .prepared(name: name) }
    names += 1
    let name = "callsheet_\(names)"
    entry.name = name
    return .prepare(name: name, evicted: forgotten.popLast())
  }

  /// Prepared on the server, but no longer wanted; deallocated one with each new statement. Never more than `capacity`,
  /// because each was prepared once in an entry that is gone.
  private var forgotten: [String] = []

  /// The name under which it is prepared, counted as a use.
  mutating func preparedName(_ key: Key) -> String? {
    guard let name = entries[key]?.name else { return nil }
    uses += 1
    entries[key]?.lastUse = uses
    return name
  }

  /// The server does not know, or no longer accepts, this statement: its next use starts afresh.
  mutating func forget(_ key: Key) {
    entries[key] = nil
  }

  /// The server has lost its prepared statements, or refuses one; their names are not used again.
  mutating func forgetAll() {
    entries = [:]
    forgotten = []
  }

  private mutating func makeRoom() -> String? {
    guard entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
      return nil
    }
    entries[oldest.key] = nil
    return oldest.value.name
  }
}
