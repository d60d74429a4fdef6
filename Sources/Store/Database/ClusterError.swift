/// Why the embedded cluster cannot be used, and what mends it.
public struct ClusterError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence that names the place.
  public let message: String
  /// The remedy.
  public let hint: String?

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}
