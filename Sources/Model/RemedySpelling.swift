/// How the language writes what stands in a remedy; whoever knows the language says it.
public struct RemedySpelling: Sendable {
  /// A name or a text as a value.
  public let value: @Sendable (String) -> String
  /// The same in quotes, whatever it is.
  public let text: @Sendable (String) -> String
  /// A pipeline of those of the chosen cells that meet a condition.
  public let chosen: @Sendable (String) -> String
  /// Cells are found by their ids alone; not so when they are of another run than the one in use.
  public let findsByID: Bool

  public init(
    findsByID: Bool = true, value: @escaping @Sendable (String) -> String,
    text: @escaping @Sendable (String) -> String, chosen: @escaping @Sendable (String) -> String
  ) {
    self.findsByID = findsByID
    self.value = value
    self.text = text
    self.chosen = chosen
  }
}
