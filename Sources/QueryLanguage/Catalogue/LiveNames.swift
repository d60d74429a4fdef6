/// The names that exist at the moment, as the session read them: what `character=Aria` is looked up in.
public struct LiveNames: Equatable, Sendable {
  public struct Entry: Equatable, Sendable {
    public let id: Int64
    public let name: String

    public init(id: Int64, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// A kind that is absent was not read: its names are not checked, and compared by the database.
  public var entries: [ReferenceKind: [Entry]]

  public init(_ entries: [ReferenceKind: [Entry]] = [:]) { self.entries = entries }

  enum Match: Equatable {
    case found(Entry)
    case ambiguous([Entry])
    case unknown
    case notRead
  }

  /// By the exact name, then whatever its case, then by its first word when only one name has it: `aria` finds "Aria Vale".
  func match(_ name: String, _ kind: ReferenceKind) -> Match {
    guard let entries = entries[kind] else { return .notRead }
    let exact = entries.filter { $0.name == name }
    // A worker that was started again: the name means all of them, which the database compares.
    if exact.count > 1 { return .notRead }
    if let only = exact.first { return .found(only) }
    let wanted = name.lowercased()
    for key in [{ $0 }, Self.firstWord] as [(String) -> String] {
      let found = entries.filter { key($0.name.lowercased()) == wanted }
      if found.count == 1 { return .found(found[0]) }
      if found.count > 1 { return .ambiguous(found) }
    }
    return .unknown
  }

  private static func firstWord(_ name: String) -> String {
    String(name.prefix { !$0.isWhitespace })
  }
}
