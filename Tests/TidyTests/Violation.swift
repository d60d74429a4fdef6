/// One place in the checkout that breaks a rule of the house.
struct Violation: Hashable, CustomStringConvertible {
  /// Relative to the checkout, with `/` between the parts.
  let path: String
  /// From 1; nil when the file as a whole is meant.
  let line: Int?
  let message: String

  init(_ path: String, line: Int? = nil, _ message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  var description: String {
    line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)"
  }
}
