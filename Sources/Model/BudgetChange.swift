/// What a run may spend from now on; a resource that is nil stays as it is.
public struct BudgetChange: Equatable, Sendable {
  public enum Limit: Equatable, Sendable {
    /// Only the project's budget counts.
    case none
    case amount(Double)
  }

  public var gpuHours: Limit?
  public var diskGB: Limit?

  public init(gpuHours: Limit? = nil, diskGB: Limit? = nil) {
    self.gpuHours = gpuHours
    self.diskGB = diskGB
  }

  public var isEmpty: Bool { gpuHours == nil && diskGB == nil }
}
