/// What the language can talk about. A value: the standard one is QueryCompiler's.
public struct Catalogue: Equatable, Sendable {
  public let entities: [Entity]

  public init(entities: [Entity]) { self.entities = entities }

  public func entity(_ name: String) -> Entity? {
    let name = name.lowercased()
    return entities.first { $0.name == name }
  }
}

/// A kind of row: `cells`.
public struct Entity: Equatable, Sendable {
  /// Which of the rows belong to a statement by themselves.
  public enum Scope: Sendable {
    /// Those of the project in use, and of the run in use unless the statement names a `run`.
    case run
    case project
    /// Those of the project in use, and those that belong to none.
    case shared
  }

  /// The plural, as the language spells it.
  public let name: String
  public let singular: String
  public let summary: String
  public let scope: Scope
  /// The field that `since 2h` means by itself.
  public let timeField: String?
  /// What `select` shows without a `pick`.
  public let defaultFields: [String]
  public let fields: [Field]

  public init(
    name: String, singular: String, summary: String, scope: Scope, timeField: String?, defaultFields: [String],
    fields: [Field]
  ) {
    self.name = name
    self.singular = singular
    self.summary = summary
    self.scope = scope
    self.timeField = timeField
    self.defaultFields = defaultFields
    self.fields = fields
  }

  public func field(_ name: String) -> Field? {
    let name = name.lowercased()
    return fields.first { $0.name == name }
  }
}

public struct Field: Equatable, Sendable {
  public let name: String
  public let type: FieldType
  public let summary: String
  /// Rows may be without a value: `is null` finds them.
  public let isOptional: Bool
  /// Of a list: the database's function that finds the ids of the rows that hold a text; nil: every row is looked at.
  public let finder: String?

  public init(
    _ name: String, _ type: FieldType, _ summary: String, isOptional: Bool = false, finder: String? = nil
  ) {
    self.name = name
    self.type = type
    self.summary = summary
    self.isOptional = isOptional
    self.finder = finder
  }
}

public enum FieldType: Equatable, Sendable {
  case bool
  case int
  case double
  case text
  /// One of a closed set of words.
  case word(Vocabulary)
  case time
  /// Seconds.
  case duration
  /// Texts; with a vocabulary when the words are a closed set.
  case list(Vocabulary?)
  /// Another entity's row, by id or by name.
  case reference(ReferenceKind)
}

/// The words a field can hold.
public struct Vocabulary: Equatable, Sendable {
  /// What a message calls such a word: `status`, `kind of job`.
  public let name: String
  public let words: [String]
  /// The database's type, or nil when the column is plain text.
  public let databaseType: String?
  /// The words have a colour.
  public let isStatus: Bool

  public init(name: String, words: [String], databaseType: String?, isStatus: Bool = false) {
    self.name = name
    self.words = words
    self.databaseType = databaseType
    self.isStatus = isStatus
  }
}

/// What a name can stand for. The raw value is what a message calls it.
public enum ReferenceKind: String, CaseIterable, Hashable, Sendable {
  case project
  case run
  case character
  case sceneType = "scene type"
  case variantType = "variant type"
  case worker
}
