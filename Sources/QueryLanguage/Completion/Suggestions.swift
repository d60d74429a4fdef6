/// What can stand at the cursor.
public struct Suggestions: Equatable, Sendable {
  public struct Item: Equatable, Sendable {
    /// What is inserted; in quotes where the grammar needs them.
    public var text: String
    /// What it is called: the text without its quotes.
    public var label: String
    /// How many rows have it at the moment.
    public var count: Int?
    /// A few words on what it is.
    public var summary: String
    /// What follows it when it is the only one.
    public var suffix: String

    public init(_ text: String, label: String? = nil, count: Int? = nil, summary: String = "", suffix: String = " ") {
      self.text = text
      self.label = label ?? text
      self.count = count
      self.summary = summary
      self.suffix = suffix
    }
  }

  /// How many characters before the cursor an item replaces.
  public var replacing: Int
  public var items: [Item]
  /// The beginning of a file's path that stands there, when a path is what can stand there.
  public var path: String?

  public static let none = Suggestions(replacing: 0, items: [])

  public init(replacing: Int, items: [Item], path: String? = nil) {
    self.replacing = replacing
    self.items = items
    self.path = path
  }
}

/// What exists at the moment, for suggestions: as it was read last, perhaps a moment ago.
public struct LiveValues: Equatable, Sendable {
  public struct Macro: Equatable, Sendable {
    public var name: String
    public var parameters: [String]
    /// Not all of them have a value of their own.
    public var needsArguments: Bool
    public var summary: String
    /// Whose rows it gives.
    public var entity: String?

    public init(
      name: String, parameters: [String] = [], needsArguments: Bool = false, summary: String = "", entity: String? = nil
    ) {
      self.name = name
      self.parameters = parameters
      self.needsArguments = needsArguments
      self.summary = summary
      self.entity = entity
    }
  }

  public struct Setting: Equatable, Sendable {
    public var name: String
    public var summary: String
    public var values: [String]

    public init(name: String, summary: String, values: [String]) {
      self.name = name
      self.summary = summary
      self.values = values
    }
  }

  /// In the order of the production.
  public var names: [ReferenceKind: [String]] = [:]
  /// Rows by entity, field and value.
  public var counts: [String: [String: [String: Int]]] = [:]
  public var macros: [Macro] = []
  public var scripts: [String] = []
  public var plans: [String] = []
  public var users: [String] = []
  public var tags: [String] = []
  public var variables: [String] = []
  public var settings: [Setting] = []

  public init() {}
}
