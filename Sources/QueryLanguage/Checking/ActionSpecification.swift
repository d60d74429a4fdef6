/// What an action takes, for the checker and for completion.
public struct ActionSpecification: Equatable, Sendable {
  public enum OptionKind: Equatable, Sendable {
    case text
    case wholeNumber
    case bool
    /// `new`, and nothing else.
    case newTake
    /// The number of a take.
    case takeNumber
  }

  public let name: ActionName
  /// The entities whose rows it takes.
  public let entities: [String]
  public let options: [String: OptionKind]
  /// What stands right behind the action: the key under which it counts as an option, `priority` or `tag`.
  public let argument: String?

  public static func of(_ name: ActionName) -> ActionSpecification {
    switch name {
    case .submit: Self(name, ["cells"], ["take": .newTake, "priority": .wholeNumber, "fit": .bool, "reason": .text])
    case .resubmit: Self(name, ["cells"], ["priority": .wholeNumber, "fit": .bool, "reason": .text])
    case .cancel: Self(name, ["cells", "jobs"], ["reason": .text])
    case .skip, .unskip, .hold: Self(name, ["cells"], ["reason": .text])
    case .approve: Self(name, ["cells", "variants", "sources"], ["take": .takeNumber, "note": .text])
    case .reject: Self(name, ["cells", "variants", "sources"], ["reason": .text, "note": .text])
    case .retry: Self(name, ["jobs"])
    case .prioritize: Self(name, ["cells"], ["priority": .wholeNumber], argument: "priority")
    case .release: Self(name, ["cells"])
    case .tag, .untag: Self(name, ["cells"], ["tag": .text], argument: "tag")
    }
  }

  private init(
    _ name: ActionName, _ entities: [String], _ options: [String: OptionKind] = [:], argument: String? = nil
  ) {
    self.name = name
    self.entities = entities
    self.options = options
    self.argument = argument
  }
}
