import Model

/// The place in line of the job that was claimed last.
public struct ClaimFloor: Equatable, Sendable {
  let rank: Int
  let turn: Int64
  let job: Int64

  /// Before everybody.
  public static let beginning = ClaimFloor(rank: -32768, turn: -1, job: 0)
}

/// Where a worker's next claims begin. What is queued before a floor, such as more urgent work, is only seen when the floor
/// is forgotten: after a second, and whenever a claim came back with less than it asked for.
public struct ClaimFloors: Sendable {
  public static let lifetime = Duration.seconds(1)

  private var floors: [JobKind: ClaimFloor] = [:]
  private var forgetAt: ContinuousClock.Instant

  public init(now: ContinuousClock.Instant) { forgetAt = now + Self.lifetime }

  public mutating func floor(of kind: JobKind, now: ContinuousClock.Instant) -> ClaimFloor {
    if now >= forgetAt {
      floors = [:]
      forgetAt = now + Self.lifetime
    }
    return floors[kind] ?? .beginning
  }

  /// - Parameter floor: what the claim gave back; nil when the line had an end.
  public mutating func claimed(_ kind: JobKind, upTo floor: ClaimFloor?) { floors[kind] = floor }
}
