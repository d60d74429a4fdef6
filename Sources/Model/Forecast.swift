/// When work will be done.
public enum Forecast {
  /// Work in seconds of one slot, spread over the slots that live. nil: unknown, or nobody works.
  public static func seconds(work: Double?, slots: Int) -> Double? {
    guard let work, slots > 0 else { return nil }
    return work / Double(slots)
  }
}
