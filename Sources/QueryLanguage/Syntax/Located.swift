import Diagnostics

/// A piece of the syntax tree with the place it was written at. Two are equal when their values are, wherever they stand: a
/// tree equals what its printed form parses to.
public struct Located<Value: Sendable>: Sendable {
  public var value: Value
  public var span: Span

  public init(_ value: Value, _ span: Span) {
    self.value = value
    self.span = span
  }
}

extension Located: Equatable where Value: Equatable {
  public static func == (left: Self, right: Self) -> Bool { left.value == right.value }
}

public typealias Name = Located<String>
